// A button that opens the chat, on any site. Until it is pressed nothing is asked for, kept or told.
//
// <script src="…/chat/<token>.js" async data-language="fa"></script>
// Colours: --pharos-accent, --pharos-on-accent, --pharos-surface, --pharos-ink of the page.
(({ token, exit, first, words }) => {
  const script = document.currentScript;
  const wanted = (script.dataset.language || document.documentElement.lang || navigator.language).toLowerCase();
  const language = Object.keys(words).find((code) => wanted.split("-")[0] === code.split("-")[0]) ?? first;
  const says = words[language];
  const address = new URL(`/${language}/chat/${token}/`, script.src).href;

  const make = (name, values) => Object.assign(document.createElement(name), values);
  const host = make("div", { lang: language, dir: language === "fa" ? "rtl" : "ltr" });
  const root = host.attachShadow({ mode: "open" });
  const style = new CSSStyleSheet();
  style.replaceSync(`
:host { all: initial; color-scheme: light dark; --a: var(--pharos-accent, #0d5a6e); --o: var(--pharos-on-accent, #fff); --s: var(--pharos-surface, #fff); --i: var(--pharos-ink, #18262b); }
button, section { position: fixed; z-index: 2147483000; inset-inline-end: 1rem; inset-block-end: 1rem; }
button, a { font: 600 1rem/1.3 system-ui, sans-serif; }
button { min-block-size: 3rem; max-inline-size: calc(100vw - 2rem); padding: 0.5em 1.25em; border: 0.125rem solid var(--o); border-radius: 1.5rem; background: var(--a); color: var(--o); cursor: pointer; }
button:focus-visible { outline: 0.1875rem solid var(--a); outline-offset: 0.1875rem; }
section { inset-block-end: 5rem; inline-size: min(26rem, 100vw - 2rem); block-size: min(44rem, 100dvh - 6rem); display: flex; flex-direction: column; overflow: hidden; border: 0.0625rem solid #74838a; border-radius: 0.875rem; background: var(--s); color: var(--i); }
iframe { flex: 1; border: 0; }
a { padding: 1rem; color: inherit; }
span { position: absolute; clip-path: inset(50%); }
[hidden] { display: none; }
@media (max-width: 30rem), (max-height: 34rem) { section { z-index: 2147483001; inset: 0; inline-size: auto; block-size: auto; border: 0; border-radius: 0; } }
@media (prefers-color-scheme: dark) { :host { --s: var(--pharos-surface, #182226); --i: var(--pharos-ink, #e3eae9); } }`);
  root.adoptedStyleSheets = [style];

  const button = make("button", { type: "button", textContent: says.open, ariaExpanded: "false" });
  const panel = make("section", { hidden: true, ariaLabel: says.open });
  const link = make("a", { href: address, target: "_blank", rel: "noopener", textContent: says.page });
  const news = make("span", { role: "status" });
  let frame;
  let presses = [];
  const tell = () => frame.contentWindow.postMessage({ pharos: panel.hidden ? "shut" : "open" }, "*");

  function open(isOpen) {
    if (!frame) {
      frame = make("iframe", { src: address, title: says.open, referrerPolicy: "no-referrer" });
      panel.prepend(frame);
    }
    panel.hidden = !isOpen;
    button.ariaExpanded = String(isOpen);
    button.textContent = isOpen ? says.close : says.open;
    news.textContent = "";
    (isOpen ? frame : button).focus();
    tell();
  }

  function escape(at) {
    presses = [...presses, at].filter((one) => at - one < 2000);
    if (presses.length > 2) location.replace(exit);
  }

  button.addEventListener("click", () => {
    // A page without an origin is in nobody's list of sites: there the chat takes the place of that page.
    if (window.origin === "null") location.assign(address);
    else open(panel.hidden);
  });
  host.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (!panel.hidden) open(false);
    escape(event.timeStamp);
  });
  window.addEventListener("message", ({ source, data, timeStamp }) => {
    if (!frame || source !== frame.contentWindow) return;
    if (data?.pharos === "ready") {
      link.hidden = true;
      tell();
    } else if (data?.pharos === "close") {
      open(false);
      escape(timeStamp);
    } else if (data?.pharos === "leave") location.replace(exit);
    else if (data?.pharos === "news" && panel.hidden) button.textContent = news.textContent = says.news;
  });

  panel.append(link);
  root.append(button, panel, news);
  (document.body ?? document.documentElement).append(host);
})
