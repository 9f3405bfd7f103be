// Keys for what is most urgent: the button with data-keys="Alt+KeyA" is pressed by them, whatever the keyboard's language.
//
// [data-about="reference number"]  what the button answers: where another one takes its place, it waits for a moment

const FRESH_MS = 500; // a press that was meant for what stood here before does not answer this one

const answers = () => [...document.querySelectorAll("[data-about]")];
let shown = [];

function lookAtAnswers() {
  const now = answers();
  now.forEach((button, place) => {
    if (button.dataset.about === shown[place]?.about) {
      const left = shown[place].until - performance.now();
      if (left > 0) wait(button, left);
      return;
    }
    shown[place] = { about: button.dataset.about, until: performance.now() + FRESH_MS };
    wait(button, FRESH_MS);
  });
  shown.length = now.length;
}

function wait(button, left) {
  if (button.dataset.fresh !== undefined) return;
  button.dataset.fresh = "";
  setTimeout(() => delete button.dataset.fresh, left);
}

document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
  const button = document.querySelector(`[data-keys="Alt+${event.code}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});

document.addEventListener(
  "click",
  (event) => {
    if (!event.target.closest("[data-fresh]")) return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);

lookAtAnswers();
const alarms = document.getElementById("alarms");
if (alarms) new MutationObserver(lookAtAnswers).observe(alarms, { subtree: true, childList: true });
