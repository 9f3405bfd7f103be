// Keys for what is most urgent: the button with data-keys="Alt+KeyA" is pressed by them, whatever the keyboard's language.
document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
  const button = document.querySelector(`[data-keys="Alt+${event.code}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});
