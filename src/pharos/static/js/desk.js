// The agent's desk: words that are never lost, single keys, and what is new. The page works without it.
//
// <form data-keep="url" data-contact="reference"> with a [data-draft="reply"] inside: kept here at every key, and on the
//   server at every pause.
// [data-key="KeyF"]   the physical key that presses (or, for a text field, enters) it while nobody is typing
// [data-insert="…"]   puts its words into the answer

import { flush, insert, start as startDrafts } from "./drafts.js";

const TOAST_MS = 8000;
const AGAIN_MS = 5000;
const LOST_AFTER_MS = 8000; // a stream that has come to its end is opened again within 5 s
const FRESH_MS = 500; // a press that was meant for the suggestion before it does not answer this one
const SINGLE_KEYS = "pharos:single-keys";

const desk = document.querySelector("[data-desk]");
const dialog = document.getElementById("desk-keys");
const title = document.title;

// --- single keys ----------------------------------------------------------

function singleKeys() {
  try {
    return localStorage.getItem(SINGLE_KEYS) !== "off";
  } catch {
    return true;
  }
}

function keepSingleKeys(on) {
  try {
    localStorage.setItem(SINGLE_KEYS, on ? "on" : "off");
  } catch {
    // It holds until the page is left.
  }
}

function isTyping(place) {
  return place.isContentEditable || (place.matches("input, textarea, select") && !place.matches("[type=checkbox], [type=submit]"));
}

function press(place) {
  if (place.matches("textarea, input")) place.focus();
  else place.click();
}

function onKey(event) {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest?.("form.composer");
    const send = form?.querySelector("#act-send, #act-close");
    if (send) {
      event.preventDefault();
      send.click();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    escape(event.target);
    return;
  }
  if (dialog.open || isTyping(event.target)) return;
  if (event.key === "?" || event.key === "؟") {
    event.preventDefault();
    dialog.showModal();
    return;
  }
  if (event.shiftKey || event.repeat || !singleKeys()) return;
  const place = document.querySelector(`[data-key="${event.code}"]`);
  if (!place) return;
  event.preventDefault();
  press(place);
}

function escape(place) {
  const cancel = place.closest?.("#panel-form")?.querySelector("[data-cancel]");
  if (cancel) cancel.click();
  else if (isTyping(place)) place.blur();
}

// --- what is new ------------------------------------------------------------

let shownOffer = "";

function lookAtOffer() {
  const offer = document.querySelector("[data-offer]");
  const id = offer?.dataset.offer ?? "";
  for (const mark of document.querySelectorAll("[data-offer-mark]")) mark.hidden = !offer;
  if (id === shownOffer) return;
  shownOffer = id;
  document.title = offer ? `● ${offer.dataset.news}` : title;
  document.getElementById("desk-news").textContent = offer?.dataset.news ?? "";
  if (offer) setTimeout(() => id === shownOffer && refresh("#desk-own-body"), Number(offer.dataset.endsInMs));
}

let shownCue;
let freshUntil = 0;

function lookAtCues() {
  const answers = document.querySelectorAll("#cue-yes, #cue-no");
  const cue = answers[0]?.value ?? "";
  if (shownCue !== undefined && cue !== shownCue) freshUntil = performance.now() + FRESH_MS;
  shownCue = cue;
  const left = freshUntil - performance.now();
  if (left <= 0) return;
  for (const answer of answers) {
    answer.dataset.fresh = "";
    setTimeout(() => delete answer.dataset.fresh, left);
  }
}

function notYet(event) {
  if (!event.target.closest("[data-fresh]")) return;
  event.preventDefault();
  event.stopPropagation();
}

function refresh(place) {
  window.htmx?.trigger(place, "desk:refresh");
}

function refreshAll() {
  for (const place of ["#desk-own-body", "#desk-live", "#desk-guide"]) if (document.querySelector(place)) refresh(place);
}

// The news of what we are just sending may come before its answer; drawn at once, it would take away the form to which
// the answer belongs, and the answer with it.
const NEWS = "#desk-own-body, #desk-live";
const sending = new Set();
const asking = new Set();
const held = new Set();

function holdNews(event) {
  const { elt, requestConfig } = event.detail;
  if (requestConfig.verb !== "get" || !elt.matches(NEWS) || !sending.size) return;
  event.preventDefault();
  held.add(elt);
}

function noteSent(event) {
  const { elt, requestConfig, xhr } = event.detail;
  if (requestConfig.verb !== "get") {
    sending.add(xhr);
    for (const place of asking) {
      held.add(place);
      window.htmx.trigger(place, "htmx:abort");
    }
    xhr.addEventListener("loadend", () => tellNews(xhr));
  } else if (elt.matches(NEWS)) {
    asking.add(elt);
    xhr.addEventListener("loadend", () => asking.delete(elt));
  }
}

function tellNews(xhr) {
  sending.delete(xhr);
  if (sending.size) return;
  for (const place of held) refresh(place);
  held.clear();
}

function askAgain(event) {
  const { elt } = event.detail;
  if (elt.matches(NEWS)) setTimeout(() => refresh(elt), AGAIN_MS);
}

let doubt = 0;

function connected(isConnected) {
  if (isConnected) {
    clearTimeout(doubt);
    const lost = document.getElementById("desk-lost");
    if (doubt) refreshAll();
    doubt = 0;
    lost.hidden = true;
  } else {
    doubt ||= setTimeout(() => (document.getElementById("desk-lost").hidden = false), LOST_AFTER_MS);
  }
}

// --- parts that are swapped ---------------------------------------------------

const SECRET = /name="csrfmiddlewaretoken" value="[^"]*"/g;
const PARTS = ["desk-own-body", "desk-head", "desk-log", "desk-person", "desk-guide", "desk-record"];
const drawn = new Map(); // by id of the part: what the server last said
const unfolded = new Map(); // by id of the part: the folds that stand open

const textOf = (html) => html.replace(SECRET, "").trim();

function parsed(html) {
  const page = document.createElement("template");
  page.innerHTML = html;
  return page.innerHTML;
}

// What reads as before is left alone: no click, no focus and no reader is disturbed for nothing.
function isNew(part, html) {
  const text = textOf(html);
  if (drawn.get(part.id) === text) return false;
  drawn.set(part.id, text);
  unfolded.set(part.id, [...part.querySelectorAll("details[open][id]")].map((fold) => fold.id));
  return true;
}

function beforePart(event) {
  const { target, fragment } = event.detail;
  if (!PARTS.includes(target.id)) return;
  event.detail.shouldSwap = isNew(target, [...fragment.childNodes].map((node) => node.outerHTML ?? node.data).join(""));
}

function beforeSwap(event) {
  const { target, xhr } = event.detail;
  if (PARTS.includes(target.id) && xhr.status < 300 && event.detail.requestConfig.elt.getAttribute("hx-swap") !== "none")
    event.detail.shouldSwap = isNew(target, parsed(event.detail.serverResponse));
}

function unfold() {
  for (const id of [...unfolded.values()].flat()) document.getElementById(id)?.setAttribute("open", "");
  unfolded.clear();
}

function dress() {
  for (const place of document.querySelectorAll("[data-insert], [data-keys-hint], [data-show-keys]")) place.hidden = false;
  const panel = document.getElementById("panel-form")?.dataset.name;
  for (const opener of document.querySelectorAll("button[aria-expanded]")) {
    opener.setAttribute("aria-expanded", String(opener.value === panel));
  }
  lookAtOffer();
  lookAtCues();
  startDrafts();
}

function clearToasts() {
  for (const toast of document.querySelectorAll("#toasts > :not([data-seen])")) {
    toast.dataset.seen = "";
    setTimeout(() => toast.remove(), TOAST_MS);
  }
}

// --- focus: where the next key is wanted ----------------------------------------

const here = () => ({
  panel: document.getElementById("panel-form")?.dataset.name ?? "",
  write: document.querySelector("#composer, #closing")?.id ?? "",
});
let was = here();

const firstField = (form) =>
  form.querySelector("[aria-invalid=true], [data-focus]") ?? form.querySelector("input:checked") ?? form.querySelector("input:not([type=hidden]), textarea, select");

function steer() {
  const now = here();
  const [panel, write] = [document.getElementById("panel-form"), document.getElementById(now.write)];
  const isLost = document.activeElement === document.body;
  if (panel && (now.panel !== was.panel || isLost)) firstField(panel)?.focus();
  else if (write && now.write !== was.write) firstField(write)?.focus();
  else if (now.panel !== was.panel) document.getElementById(`open-${was.panel}`)?.focus();
  was = now;
}

// --- start ------------------------------------------------------------------

function start() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", notYet, true);
  document.addEventListener("click", (event) => {
    const snippet = event.target.closest("[data-insert]");
    if (snippet) insert(snippet.dataset.insert);
    if (event.target.closest("[data-show-keys]")) dialog.showModal();
  });
  const box = dialog.querySelector("[data-single-keys]");
  box.checked = singleKeys();
  box.addEventListener("change", () => keepSingleKeys(box.checked));
  for (const id of PARTS) {
    const part = document.getElementById(id);
    if (part) drawn.set(id, textOf(part.innerHTML));
  }
  document.body.addEventListener("htmx:beforeRequest", holdNews);
  document.body.addEventListener("htmx:beforeSend", noteSent);
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.body.addEventListener(name, askAgain);
  document.body.addEventListener("htmx:beforeSwap", beforeSwap);
  document.body.addEventListener("htmx:oobBeforeSwap", beforePart);
  document.body.addEventListener("htmx:afterSettle", () => {
    unfold();
    dress();
    steer();
    clearToasts();
  });
  document.body.addEventListener("htmx:sseOpen", () => connected(true));
  document.body.addEventListener("htmx:sseError", () => connected(false));
  window.addEventListener("pagehide", flush);
  document.addEventListener("visibilitychange", () => document.hidden && flush());
  dress();
}

if (desk) start();
