// Words being written on the desk: in this tab at every key, on the server at every pause, both forgotten once sent.

const PAUSE_MS = 700;
const AGAIN_MS = 5000;
const PREFIX = "pharos:desk:";
const UNDERSTOOD = [200, 204, 409, 422];

const store = {
  read(key) {
    try {
      return JSON.parse(sessionStorage.getItem(key));
    } catch {
      return null;
    }
  },
  write(key, value) {
    try {
      sessionStorage.setItem(key, JSON.stringify(value));
    } catch {
      // Full or forbidden: the server still has the words.
    }
  },
  forget(key) {
    try {
      sessionStorage.removeItem(key);
    } catch {
      // Nothing was kept.
    }
  },
  forgetAll() {
    try {
      for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
    } catch {
      // Nothing was kept.
    }
  },
};

const drafts = new Map(); // by text field

class Draft {
  constructor(field) {
    this.field = field;
    this.form = field.form;
    this.key = `${PREFIX}${this.form.dataset.contact}:${field.dataset.draft}`;
    this.saved = field.value; // what the server has
    this.timer = 0;
    this.tried = null; // the words of a try whose answer never came, and their number
    this.restore();
    field.addEventListener("input", () => this.typed());
    this.form.addEventListener("htmx:configRequest", (event) => this.sending(event.detail.formData));
    this.form.addEventListener("htmx:beforeOnLoad", (event) => this.answered(answerOf(event.detail.xhr)));
    for (const name of ["htmx:sendError", "htmx:timeout"]) this.form.addEventListener(name, () => this.answered(0));
  }

  get after() {
    return this.form.querySelector("[name=after]");
  }

  // What was typed here and did not reach the server wins; words from elsewhere are kept beside it.
  restore() {
    const kept = store.read(this.key);
    if (!kept?.text || kept.text === this.saved) return;
    if (this.isSaid(kept.text)) {
      store.forget(this.key);
      return;
    }
    if (!kept.isDirty) return;
    const isNews = this.saved && this.saved !== kept.base;
    this.field.value = isNews ? `${this.saved}\n\n${kept.text}` : kept.text;
    this.typed();
  }

  // A try whose answer was lost may have arrived all the same: then its words stand above.
  isSaid(text) {
    return [...document.querySelectorAll(".message.out .message-body, .message.note .message-body")].some(
      (said) => said.textContent.trim() === text.trim(),
    );
  }

  typed() {
    store.write(this.key, { text: this.field.value, base: this.saved, isDirty: true });
    this.say("");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), PAUSE_MS);
  }

  get isDirty() {
    return this.field.isConnected && this.field.value !== this.saved;
  }

  async save(isLast = false) {
    clearTimeout(this.timer);
    if (!this.isDirty) return;
    const text = this.field.value;
    const body = new FormData();
    body.set(this.field.name, text);
    body.set("after", this.after?.value ?? "");
    body.set("quiet", "1");
    body.set("csrfmiddlewaretoken", this.form.querySelector("[name=csrfmiddlewaretoken]").value);
    try {
      const response = await fetch(this.form.dataset.keep, { method: "POST", body, keepalive: isLast });
      if (response.status >= 500) this.later();
      if (response.status !== 204 || !this.field.isConnected) return;
      this.saved = text;
      store.write(this.key, { text: this.field.value, base: text, isDirty: this.field.value !== text });
      if (this.field.value === text && text) this.say(this.form.dataset.keptText);
    } catch {
      this.later();
    }
  }

  // Not kept on the server yet: the tab has the words, and they are tried again.
  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), AGAIN_MS);
  }

  say(text) {
    const place = this.form.querySelector("[data-kept]");
    if (place) place.textContent = text ?? "";
  }

  // The same words as in a try without an answer go out under the same number, so that they are sent once.
  sending(form) {
    clearTimeout(this.timer);
    const text = this.field.value;
    if (this.tried?.text === text) form.set("after", this.tried.after);
    this.sent = { text, after: form.get("after") ?? "" };
    this.field.readOnly = true;
    this.warn(false);
  }

  // What the server took or refused it keeps itself and shows again.
  answered(status) {
    this.field.readOnly = false;
    if (UNDERSTOOD.includes(status)) {
      this.saved = this.field.value;
      store.forget(this.key);
    } else {
      this.tried = this.sent;
      this.warn(true);
    }
  }

  warn(isUnsent) {
    const place = this.form.querySelector("[data-unsent]");
    if (!place) return;
    place.hidden = !isUnsent;
    place.textContent = isUnsent ? this.form.dataset.unsentText : "";
  }
}

// 0: not the desk has answered but the guard, because the agent was signed out meanwhile; the page is loaded again.
const answerOf = (xhr) => (xhr.getResponseHeader("HX-Refresh") ? 0 : xhr.status);

export function start() {
  for (const field of drafts.keys()) if (!field.isConnected) drafts.delete(field);
  for (const field of document.querySelectorAll("[data-draft]")) {
    if (!drafts.has(field)) drafts.set(field, new Draft(field));
  }
}

export function flush() {
  for (const draft of drafts.values()) draft.save(true);
}

export function insert(text) {
  const field = document.querySelector("[data-draft=reply]");
  if (!field) return;
  const before = field.value.slice(0, field.selectionStart);
  const gap = before && !before.endsWith("\n") ? "\n\n" : "";
  field.setRangeText(gap + text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

document.addEventListener("submit", (event) => {
  if (event.target.matches("form[action*='logout']")) store.forgetAll();
});
