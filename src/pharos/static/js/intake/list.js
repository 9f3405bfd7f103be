// What waits on this device, as a list: when it was kept and how it stands. Whose it is stays sealed until it is opened.

const language = document.documentElement.lang || "en";
const time = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const number = new Intl.NumberFormat(language);
const names = new Intl.ListFormat(language);

const part = (place, name) => place.querySelector(`[data-part=${name}]`);

export function counted(element, count, more = {}) {
  const words = count === 0 ? element.dataset.none : count === 1 ? element.dataset.one : element.dataset.many;
  const filled = Object.entries({ count: number.format(count), ...more });
  element.textContent = filled.reduce((text, [name, value]) => text.replace(`{${name}}`, value), words ?? "");
}

function row(place, record, { sending, editing }) {
  const item = part(place, "row").content.cloneNode(true).firstElementChild;
  const states = part(place, "states").dataset;
  const state = record.key === editing ? "editing" : sending.has(record.key) ? "sending" : record.state;
  item.dataset.key = record.key;
  item.querySelector("time").dateTime = record.keptAt;
  item.querySelector("time").textContent = time.format(new Date(record.keptAt));
  const chip = item.querySelector("[data-state]");
  chip.textContent = states[state];
  chip.className = `chip ${{ refused: "bad", unreadable: "bad", sent: "good", waiting: "warn" }[state] ?? ""}`;
  chip.dataset.state = state;
  item.querySelector("[data-reference]").textContent = record.reference ?? "";
  for (const { label, text } of record.reasons ?? []) {
    const line = document.createElement("li");
    const about = document.createElement("strong");
    about.textContent = label;
    line.append(about, " ", text);
    item.querySelector("[data-reasons]").append(line);
  }
  const mayChange = state === "refused" || (state === "waiting" && !record.tries);
  item.querySelector("[data-act=open]").hidden = !mayChange;
  item.querySelector("[data-act=drop]").hidden = !mayChange && state !== "unreadable";
  return item;
}

export function show(place, { waiting, sent, others, sending = new Set(), editing = "" }) {
  part(place, "list").hidden = false;
  const look = waiting.filter((record) => record.state === "refused").length;
  counted(part(place, "count"), waiting.length - look);
  part(place, "look").hidden = !look;
  counted(part(place, "look"), look);
  const more = part(place, "others");
  more.hidden = !others.count;
  if (others.count) counted(more, others.count, { names: names.format(others.names) });
  const focused = document.activeElement?.closest("[data-key]")?.dataset.key;
  const act = document.activeElement?.dataset?.act;
  const rows = [...waiting, ...[...sent].reverse()].map((record) => row(place, record, { sending, editing }));
  part(place, "rows").replaceChildren(...rows);
  if (focused && act) place.querySelector(`[data-key="${focused}"] [data-act=${act}]:not([hidden])`)?.focus();
}
