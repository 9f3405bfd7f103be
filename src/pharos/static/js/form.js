// Keeps what was typed, and sends it once: now, or as soon as the connection is back.
//
// <form data-draft="request" data-offline-text="…" data-sending-text="…" data-restored-text="…">
//   <input type="hidden" name="nonce" value="…">   the server answers the same nonce with the same answer
// A page that carries data-draft-done="request" says that it arrived: its draft is forgotten.

const RETRY_MS = [3000, 6000, 12000, 30000];
const KEPT = "input:not([type=hidden]):not([type=password]):not([type=file]), textarea, select";

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
      // Full or forbidden: the form still works, it only forgets.
    }
  },
  forget(key) {
    try {
      sessionStorage.removeItem(key);
    } catch {
      // Nothing was kept.
    }
  },
};

const keyOf = (name) => `pharos:draft:${name}`;
const nonceOf = (form) => form.elements.namedItem("nonce");

function fields(form) {
  return [...form.querySelectorAll(KEPT)].filter((field) => field.name && !field.closest("[data-draft-skip]"));
}

function valuesOf(form) {
  const values = {};
  for (const field of fields(form)) {
    const list = (values[field.name] ??= []);
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) list.push(field.value);
    } else if (field.multiple) {
      list.push(...[...field.selectedOptions].map((option) => option.value));
    } else {
      list.push(field.value);
    }
  }
  return values;
}

function fill(form, values) {
  const left = structuredClone(values);
  for (const field of fields(form)) {
    const list = left[field.name];
    if (!list) continue;
    if (field.type === "checkbox" || field.type === "radio") field.checked = list.includes(field.value);
    else if (field.multiple) for (const option of field.options) option.selected = list.includes(option.value);
    else field.value = list.shift() ?? "";
  }
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const hasWords = (values) => Object.values(values).some((list) => list.some((value) => value.trim() !== ""));

class Draft {
  constructor(form) {
    this.form = form;
    this.key = keyOf(form.dataset.draft);
    this.blank = valuesOf(form);
    this.kept = store.read(this.key);
  }

  // After an error the server has filled the form again; what it sent wins over what we kept.
  restore() {
    const refilled = this.form.querySelector("[aria-invalid=true]") || document.querySelector("[data-error-summary]");
    if (!this.kept || refilled || same(this.kept.values, this.blank)) return false;
    fill(this.form, this.kept.values);
    // The last try may have arrived although its answer did not: the same words go out under the same nonce.
    const nonce = nonceOf(this.form);
    if (nonce && this.kept.tried && same(this.kept.tried, this.kept.values)) nonce.value = this.kept.nonce;
    return true;
  }

  save(tried = null) {
    const values = valuesOf(this.form);
    if (!hasWords(values)) return;
    this.kept = { nonce: nonceOf(this.form)?.value ?? "", values, tried: tried ?? this.kept?.tried ?? null };
    store.write(this.key, this.kept);
  }

  forget() {
    this.kept = null;
    store.forget(this.key);
  }
}

class Sender {
  constructor(form, draft) {
    this.form = form;
    this.draft = draft;
    this.busy = false;
    this.tries = 0;
    this.timer = 0;
    this.button = null;
    form.addEventListener("submit", (event) => this.submit(event));
    window.addEventListener("online", () => this.waiting && this.send());
    window.addEventListener("pageshow", (event) => event.persisted && this.rest());
  }

  submit(event) {
    event.preventDefault();
    if (this.busy) return;
    this.button = event.submitter ?? this.form.querySelector("[type=submit]");
    this.tries = 0;
    this.send();
  }

  async send() {
    if (this.busy) return;
    clearTimeout(this.timer);
    this.waiting = false;
    this.work();
    this.draft.save(valuesOf(this.form));
    let response;
    try {
      response = await fetch(this.form.action, {
        method: "POST",
        body: new FormData(this.form, this.button?.form === this.form ? this.button : null),
        headers: { Accept: "text/html" },
      });
    } catch {
      this.later();
      return;
    }
    if (response.status >= 500 || response.status === 429) {
      this.later(Number(response.headers.get("Retry-After")) * 1000);
    } else if (response.redirected) {
      this.draft.forget();
      location.assign(response.url);
    } else {
      this.show(await response.text());
    }
  }

  // Not sent: say so, keep it, try again by ourselves and at the next press.
  later(wait_ms = 0) {
    this.rest();
    this.waiting = true;
    say(this.form, this.form.dataset.offlineText, "warn");
    const pause_ms = Math.max(wait_ms || 0, RETRY_MS[Math.min(this.tries, RETRY_MS.length - 1)]);
    this.tries += 1;
    this.timer = setTimeout(() => this.send(), pause_ms * (0.8 + 0.4 * Math.random()));
  }

  // The server's page without a new address: the same form with what to look at again, or the answer itself.
  show(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const main = page.querySelector("main");
    if (!main) {
      this.later();
      return;
    }
    document.title = page.title;
    document.querySelector("main").replaceWith(main);
    start();
    if (!document.querySelector("[data-error-summary]")) {
      window.scrollTo(0, 0);
      main.focus();
    }
  }

  work() {
    this.busy = true;
    hush(this.form);
    if (!this.button) return;
    this.label ??= this.button.innerHTML;
    this.button.setAttribute("aria-disabled", "true");
    if (this.form.dataset.sendingText) this.button.textContent = this.form.dataset.sendingText;
  }

  rest() {
    this.busy = false;
    if (!this.button || this.label === undefined) return;
    this.button.removeAttribute("aria-disabled");
    this.button.innerHTML = this.label;
  }
}

// The date someone needs is a day on their own clock.
function tellTimeZone(form) {
  const field = form.elements.namedItem("time_zone");
  if (field && !field.value) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}

function noticeOf(form) {
  let place = form.querySelector("[data-form-notice]");
  if (!place) {
    place = document.createElement("div");
    place.dataset.formNotice = "";
    place.setAttribute("role", "status");
    form.append(place);
  }
  return place;
}

function say(form, text, tone) {
  if (!text) return;
  const notice = document.createElement("div");
  notice.className = `notice ${tone}`;
  const words = document.createElement("p");
  words.textContent = text;
  notice.append(words);
  noticeOf(form).replaceChildren(notice);
}

function hush(form) {
  form.querySelector("[data-form-notice]")?.replaceChildren();
}

function lookAtErrors() {
  const summary = document.querySelector("[data-error-summary]");
  if (!summary) return;
  summary.focus();
  summary.addEventListener("click", (event) => {
    const place = event.target.closest("a[href^='#']")?.getAttribute("href").slice(1);
    const field = place && document.getElementById(place);
    if (!field) return;
    event.preventDefault();
    field.scrollIntoView();
    field.querySelector("input:not([type=hidden]), select, textarea")?.focus({ preventScroll: true });
  });
}

function start() {
  for (const done of document.querySelectorAll("[data-draft-done]")) store.forget(keyOf(done.dataset.draftDone));
  for (const form of document.querySelectorAll("form[data-draft]")) {
    tellTimeZone(form);
    const draft = new Draft(form);
    if (draft.restore()) say(form, form.dataset.restoredText, "info");
    form.addEventListener("input", () => draft.save());
    form.addEventListener("change", () => draft.save());
    if (form.method === "post") new Sender(form, draft);
  }
  lookAtErrors();
}

start();
