// Leave at once: forget what was typed, show nothing, and take this page's place in the history.
const link = document.querySelector("[data-quick-exit]");
const PRESSES = 3;
const WITHIN_MS = 2000;
let presses = [];

function leave() {
  document.documentElement.classList.add("is-leaving");
  document.title = "";
  try {
    sessionStorage.clear();
  } catch {
    // Storage may be forbidden; leaving matters more.
  }
  if (window.parent === window) location.replace(link.href);
  else {
    window.parent.postMessage({ pharos: "leave" }, "*"); // the whole page around the chat goes
    setTimeout(() => location.replace(link.href), 1000);
  }
}

if (link) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") {
      presses = [];
      return;
    }
    presses = [...presses, event.timeStamp].filter((at) => event.timeStamp - at < WITHIN_MS);
    if (presses.length >= PRESSES) leave();
  });
}
