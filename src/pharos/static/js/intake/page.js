// Staff intake: every record is sealed on this device first, and sent from there: at once, or when the connection is back.

import { clear, fill, hasWords, point, valuesOf, wrongIn } from "./form.js";
import { show } from "./list.js";
import { Busy, OtherAgent, SignedOut, sendAll, whoIsHere } from "./sync.js";
import * as vault from "./vault.js";

const AGAIN_MS = [5000, 10000, 20000, 40000, 60000];
const DRAFT_MS = 400;

const place = document.querySelector("[data-intake]");
const part = (name) => place.querySelector(`[data-part=${name}]`);
const form = part("form");

let agent = null;
let editing = null; // the record that is open in the form
let failures = 0;
let timer = 0;
let draftTimer = 0;

function say(text, tone = "good") {
  const notice = document.createElement("div");
  notice.className = `notice ${tone}`;
  notice.textContent = text;
  part("said").replaceChildren(...(text ? [notice] : []));
}

function trouble(name) {
  const text = name ? part("trouble").dataset[name] : "";
  const notice = document.createElement("div");
  notice.className = "notice info";
  notice.textContent = text;
  part("trouble").replaceChildren(...(text ? [notice] : []));
}

async function draw(sending = []) {
  const waiting = agent ? await vault.records(agent) : [];
  const [sent, others] = await Promise.all([agent ? vault.sent() : [], vault.others(agent)]);
  show(place, { waiting, sent, others, sending: new Set(sending.map((one) => one.key)), editing: editing?.key });
  return waiting;
}

function lock(isLocked) {
  part("locked").hidden = !isLocked;
  form.hidden = isLocked;
  part("send").hidden = part("leave").hidden = isLocked;
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(() => sync(), AGAIN_MS[Math.min(failures, AGAIN_MS.length - 1)]);
  failures += 1;
}

// Send what waits; whatever stands in the way is said, and nothing is lost by it.
async function sync() {
  clearTimeout(timer);
  if (!agent) return;
  try {
    await sendAll(place, agent, draw);
    failures = 0;
    trouble("");
    part("locked").hidden = true;
  } catch (error) {
    if (error instanceof SignedOut) {
      part("locked").hidden = false;
      trouble("");
    } else if (error instanceof OtherAgent) {
      trouble("other");
      await changed();
    } else {
      trouble(error instanceof Busy ? "busy" : "away");
      later();
    }
  }
  await draw();
}

// Another colleague has signed in in this browser: this page becomes theirs, what was sealed waits.
async function changed() {
  agent = (await vault.who()) ?? null;
  editing = null;
  clear(form);
  lock(!agent);
}

async function keep() {
  const values = valuesOf(form);
  const wrong = wrongIn(form, values);
  if (wrong.length) {
    say("");
    point(form, wrong);
    return;
  }
  clearTimeout(draftTimer);
  const record = {
    key: editing?.key ?? crypto.randomUUID(),
    keptAt: editing?.keptAt ?? new Date().toISOString(),
    state: "waiting",
    tries: 0,
    values,
  };
  try {
    await vault.keep(agent, record);
  } catch {
    say(form.dataset.notKeptText, "bad");
    return;
  }
  editing = null;
  clear(form);
  say(form.dataset.keptText);
  form.elements.namedItem("text").focus();
  await draw();
  sync();
}

async function act(button) {
  const key = button.closest("[data-key]").dataset.key;
  const record = (await vault.records(agent)).find((one) => one.key === key);
  if (!record) return;
  if (button.dataset.act === "open") {
    editing = { key, keptAt: record.keptAt };
    // Out of what is sent until it is kept again; if this page goes, it is there as it was.
    await vault.keep(agent, { ...record, state: "refused" });
    fill(form, record.values);
    point(form, record.reasons.filter((one) => one.field));
    if (!record.reasons.length) form.elements.namedItem("text").focus();
  } else if (button.dataset.sure && button.textContent !== button.dataset.sure) {
    button.textContent = button.dataset.sure;
    return;
  } else {
    await vault.drop(key);
    if (editing?.key === key) editing = null;
  }
  await draw();
}

function listen() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keep();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
      event.preventDefault();
      keep();
    }
  });
  form.addEventListener("input", () => {
    clearTimeout(draftTimer);
    draftTimer = setTimeout(() => keepDraft(), DRAFT_MS);
  });
  part("rows").addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (button) act(button);
  });
  part("send").addEventListener("click", () => sync());
  part("leave").addEventListener("click", async () => {
    await keepDraft();
    await vault.leave();
    await changed();
    await draw();
  });
  window.addEventListener("online", () => sync());
  document.addEventListener("visibilitychange", () => (document.hidden ? keepDraft() : sync()));
}

async function keepDraft() {
  if (!agent) return;
  const values = valuesOf(form);
  if (hasWords(values)) await vault.keepDraft(agent, { values, editing });
  else await vault.dropDraft(agent);
}

async function restore() {
  const kept = await vault.draft(agent);
  if (!kept) return;
  editing = kept.editing;
  fill(form, kept.values);
  say(form.dataset.restoredText, "info");
}

// Who works here: as the centre says, else who was here before the connection went.
async function recognise() {
  try {
    return (await whoIsHere(place)).agent;
  } catch (error) {
    if (error instanceof SignedOut) part("locked").hidden = false;
    return vault.who();
  }
}

async function start() {
  if (!vault.isSupported()) {
    part("unsupported").hidden = false;
    return;
  }
  navigator.serviceWorker?.register(place.dataset.worker).catch(() => {}); // without it the page itself must stay open
  navigator.storage?.persist?.();
  agent = (await recognise()) ?? null;
  lock(!agent);
  listen();
  part("keys").hidden = false;
  if (agent) await restore();
  await draw();
  place.dataset.ready = "";
  sync();
}

start();
