// Keeps a waiting page true without a reload.
//
// <div data-live-url="…/events">
//   <time data-live="by" data-live-datetime="by_iso">…</time>      filled from the event's JSON
//   <section data-live-partial="place words" data-live-src="…">     fetched again when one of its names comes
//   <p data-live-lost hidden>… <a href="">Refresh</a></p>           shown while we are not connected
// An event is a JSON object of small values ({"by": "14:05", "changed": ["conversation"]}) or the name of what changed;
// one with {"html": "…"} brings the part of its name, and nothing is fetched.

const FIRST_MS = 2000;
const LONGEST_MS = 60000;
const SPREAD_MS = 1500;
const BURST_MS = 100;
const AGAIN_MS = 5000;
const OF_EVERYBODY = new Set(["place"]);
const LOST_AFTER_MS = 5000;

const namesOf = (part) => part.dataset.livePartial.split(" ");

class Live {
  constructor(root) {
    this.root = root;
    this.tries = 0;
    this.cursor = "";
    this.pending = new Set();
    this.turns = new WeakMap(); // by part: how often it was asked for or brought
    document.addEventListener("visibilitychange", () => (document.hidden ? this.pause() : this.connect(true)));
    window.addEventListener("pagehide", () => this.pause());
    window.addEventListener("pageshow", (event) => event.persisted && this.connect(true));
    window.addEventListener("online", () => this.connect(true));
    if (!document.hidden) this.connect(false);
  }

  parts() {
    return [...this.root.querySelectorAll("[data-live-partial]")];
  }

  connect(again) {
    this.pause();
    if (again) this.refetchAll();
    const url = new URL(this.root.dataset.liveUrl, location.href);
    if (this.cursor) url.searchParams.set("after", this.cursor);
    this.source = new EventSource(url);
    this.source.addEventListener("open", () => this.opened());
    this.source.addEventListener("error", () => this.failed());
    this.hear("message", (event) => this.take(event.data));
    this.hear("resync", () => this.refetchAll());
    for (const name of new Set(this.parts().flatMap(namesOf))) {
      this.hear(name, (event) => this.take(event.data || name, name));
    }
  }

  hear(name, told) {
    this.source.addEventListener(name, (event) => {
      this.cursor = event.lastEventId || this.cursor;
      told(event);
    });
  }

  pause() {
    clearTimeout(this.retry);
    clearTimeout(this.doubt);
    this.doubt = 0;
    this.source?.close();
  }

  opened() {
    const missed = this.tries > 0;
    this.tries = 0;
    clearTimeout(this.doubt);
    this.doubt = 0;
    this.lost(false);
    if (missed) this.refetchAll();
  }

  failed() {
    this.doubt ||= setTimeout(() => this.lost(true), LOST_AFTER_MS);
    this.tries += 1;
    this.source.close();
    const pause_ms = Math.min(LONGEST_MS, FIRST_MS * 2 ** (this.tries - 1));
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.reopen(), pause_ms * (0.5 + Math.random()));
  }

  // Unlike connect(), leaves the doubt running, so that a connection which never opens is told.
  reopen() {
    const doubt = this.doubt;
    this.doubt = 0;
    this.connect(false);
    this.doubt = doubt;
  }

  lost(isLost) {
    for (const place of this.root.querySelectorAll("[data-live-lost]")) place.hidden = !isLost;
  }

  take(data, name) {
    let values;
    try {
      values = JSON.parse(data);
    } catch {
      values = null;
    }
    if (name && typeof values?.html === "string") {
      for (const part of this.parts()) if (namesOf(part).includes(name)) this.bring(part, values.html);
    } else if (values && typeof values === "object") {
      this.fill(values);
      for (const changed of values.changed ?? []) this.later(changed);
      if (name) this.later(name);
    } else {
      this.later(name ?? String(data).trim());
    }
  }

  fill(values) {
    for (const place of this.root.querySelectorAll("[data-live]")) {
      const text = values[place.dataset.live];
      if (text === undefined || text === null) continue;
      if (place.textContent !== String(text)) place.textContent = text;
      const exact = values[place.dataset.liveDatetime];
      if (exact) place.setAttribute("datetime", exact);
    }
  }

  // Thousands may hear the same news: their questions are spread a little. One's own is fetched at once, a burst once.
  later(name, within_ms = OF_EVERYBODY.has(name) ? SPREAD_MS : BURST_MS) {
    if (this.pending.has(name)) return;
    this.pending.add(name);
    setTimeout(() => {
      this.pending.delete(name);
      for (const part of this.parts()) if (namesOf(part).includes(name)) this.refetch(part);
    }, Math.random() * within_ms);
  }

  refetchAll() {
    for (const part of this.parts()) this.later(namesOf(part)[0], SPREAD_MS);
  }

  bring(part, html) {
    this.turn(part);
    this.put(part, html);
  }

  turn(part) {
    this.turns.set(part, (this.turns.get(part) ?? 0) + 1);
    return this.turns.get(part);
  }

  // An answer that another one has overtaken is dropped; what the server could not give now is asked for again.
  async refetch(part) {
    const turn = this.turn(part);
    try {
      const response = await fetch(part.dataset.liveSrc, { headers: { Accept: "text/html" } });
      if (response.status >= 500) throw new Error(response.statusText);
      if (!response.ok || response.redirected) return;
      const html = await response.text();
      if (turn === this.turns.get(part)) this.put(part, html);
    } catch {
      if (this.source.readyState === EventSource.OPEN) setTimeout(() => this.later(namesOf(part)[0], SPREAD_MS), AGAIN_MS);
      // Else the next connection asks again.
    }
  }

  // Words that someone is typing, or the place they are reading with the keyboard, are not taken away.
  put(part, html) {
    if (part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return;
    const made = document.createElement("template");
    made.innerHTML = html;
    if (made.innerHTML !== part.innerHTML) part.innerHTML = html; // else nothing is read aloud again
  }
}

for (const root of document.querySelectorAll("[data-live-url]")) new Live(root);
