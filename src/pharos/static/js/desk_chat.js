// A chat on the desk: tells the person that somebody writes, and shows when they do. Not a word of either is sent.

const TYPING_MS = 4000;
const TYPED_MS = 7000;
let toldAt = -TYPING_MS;
let writing = 0;

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-typing]");
  if (!form || !event.target.value.trim() || event.timeStamp - toldAt < TYPING_MS) return;
  toldAt = event.timeStamp;
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
  fetch(form.dataset.typing, { method: "POST", body }).catch(() => {});
});

document.body.addEventListener("htmx:sseBeforeMessage", (event) => {
  if (event.target.id !== "desk-typing") return;
  event.preventDefault(); // the event says it all: nothing is to be swapped
  event.target.hidden = false;
  clearTimeout(writing);
  writing = setTimeout(() => (event.target.hidden = true), TYPED_MS);
});
