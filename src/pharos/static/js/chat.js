// The chat's page, in a frame or by itself. Nothing that is typed leaves the browser before it is sent.
//
// A frame may have no origin: then nothing is stored, and the address alone says whose chat it is.

const HERE_MS = 25000;
const TYPING_MS = 4000;
const AGAIN_MS = [2000, 4000, 8000, 15000];
const isFramed = window.parent !== window;
const byTouch = matchMedia("(hover: none)").matches;
const find = (what, within = document) => within.querySelector(what);
const on = (place, name, act) => place.addEventListener(name, act);
const tell = (pharos) => isFramed && window.parent.postMessage({ pharos }, "*");
const wait_ms = (tries) => AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)] * (0.8 + 0.4 * Math.random());

function kept(key, value) {
  try {
    if (value === undefined) return sessionStorage.getItem(`pharos:chat:${key}`);
    if (value) sessionStorage.setItem(`pharos:chat:${key}`, value);
    else sessionStorage.removeItem(`pharos:chat:${key}`);
  } catch {
    // No storage here.
  }
  return null;
}

// The answer; null when there was none that counts: then it is tried again.
async function ask(url, body) {
  try {
    const answer = await fetch(url, { method: body ? "POST" : "GET", body, credentials: "omit" });
    answer.words = await answer.text();
    return answer.status >= 500 ? null : answer;
  } catch {
    return null;
  }
}

const form = (values) => new URLSearchParams(values);

function note(where, text) {
  const place = find("[data-note]", where);
  place.hidden = !text;
  place.textContent = text;
}

async function begin(root) {
  const widget = root.dataset.chatStart;
  const chat = kept(widget);
  if (chat) {
    const answer = await ask(`${chat}since/`);
    if (answer?.ok) return location.replace(chat);
    if (answer) kept(widget, "");
  }
  const start = find("[data-start]", root);
  if (!start) return;
  start.elements.time_zone.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  find("[data-focus], [data-error-summary]", root)?.focus();
  let tries = 0;
  let timer = 0;
  async function send() {
    clearTimeout(timer);
    timer = -1;
    const answer = await ask(start.action, new FormData(start));
    if (answer?.redirected) return location.replace(answer.url);
    if (answer) {
      root.replaceWith(find("[data-chat-start]", new DOMParser().parseFromString(answer.words, "text/html")));
      return begin(find("[data-chat-start]"));
    }
    note(start, start.dataset.waitingText);
    timer = setTimeout(send, wait_ms(tries++));
  }
  on(start, "submit", (event) => {
    event.preventDefault();
    if (timer >= 0) send();
  });
}

function chat(root) {
  const { chat: base, widget, live } = root.dataset;
  const secret = base.split("/").at(-2);
  const [items, log, say] = ["[data-items]", ".chat-log", "[data-say]"].map((one) => find(one, root));
  const { text, files } = say.elements;
  const out = JSON.parse(kept(`out:${secret}`) ?? "[]");
  let source, cursor, again, doubt, writing, retry;
  let [tries, failures, hereAt, typedAt, read] = [0, 0, 0, -TYPING_MS, 0];
  let [isOpen, isGone, isSending, isAsking, isWanted] = [true, false, false, false, false];

  const isSeen = () => isOpen && !document.hidden;
  const last = () => Math.max(0, ...[...items.children].map((one) => Number(one.id.split("message-")[1] ?? 0)));
  const isNear = () => log.scrollHeight - log.scrollTop - log.clientHeight < 150;
  const down = () => (log.scrollTop = log.scrollHeight);

  // One question at a time; what changes meanwhile, and what cannot be had now, is asked for again.
  async function pull() {
    isWanted = true;
    if (isAsking || isSending) return;
    isAsking = true;
    while (isWanted && !isSending) {
      isWanted = false;
      const answer = await ask(`${base}since/?after=${last()}`);
      if (answer?.ok) merge(answer.words);
      else if (!answer) setTimeout(pull, wait_ms(1));
    }
    isAsking = false;
  }

  function merge(html) {
    const made = document.createElement("template");
    made.innerHTML = html;
    const wasNear = isNear();
    const fresh = [...find("[data-items]", made.content).children].filter((one) => !document.getElementById(one.id));
    for (const one of fresh) items.insertBefore(one, find(".waits", items));
    for (const part of made.content.querySelectorAll("[data-part]")) {
      const old = find(`[data-part="${part.dataset.part}"]`, root);
      if (old.innerHTML !== part.innerHTML && !old.contains(document.activeElement)) old.innerHTML = part.innerHTML;
    }
    if (fresh.some((one) => one.matches(".in"))) writes(false);
    const news = fresh.filter((one) => !one.matches(".out")).length;
    if (wasNear || news < fresh.length) down();
    if (!news) return;
    if (!isSeen()) tell("news");
    here();
  }

  function writes(isWriting) {
    clearTimeout(writing);
    find("[data-typing]", root).hidden = !isWriting;
    if (isWriting) writing = setTimeout(writes, 7000, false);
    if (isNear()) down();
  }

  function connect() {
    source?.close();
    clearTimeout(again);
    const url = new URL(live, location.href);
    if (cursor) url.searchParams.set("after", cursor);
    source = new EventSource(url);
    on(source, "open", () => {
      tries = 0;
      clearTimeout(doubt);
      doubt = 0;
      find("[data-lost]", root).hidden = true;
      pull();
      here(true);
    });
    on(source, "error", () => {
      source.close();
      doubt ||= setTimeout(() => (find("[data-lost]", root).hidden = false), 5000);
      again = setTimeout(connect, Math.min(30000, 1000 * 2 ** tries++) * (0.5 + Math.random()));
    });
    const soon = () => setTimeout(pull, Math.random() * 1500); // everybody hears of this one
    const heard = { contact: pull, resync: pull, place: soon, typing: () => writes(true), beat() {} };
    for (const [name, act] of Object.entries(heard)) {
      on(source, name, (event) => {
        cursor = event.lastEventId || cursor;
        act();
        here();
      });
    }
  }

  // Said when something new was read, and with the stream's own beat: browsers slow timers down in the background.
  async function here(isSure) {
    if (isGone) return;
    const now = isSeen() ? last() : read;
    if (!isSure && now === read && performance.now() - hereAt < HERE_MS) return;
    hereAt = performance.now();
    if (await ask(`${base}here/`, form({ read: now }))) read = now;
  }

  function left() {
    isGone = true;
    source.close();
    clearTimeout(again);
    navigator.sendBeacon(`${base}away/`);
  }

  function back() {
    if (isGone) {
      isGone = false;
      connect();
    } else here();
  }

  function keep() {
    kept(`text:${secret}`, text.value);
    kept(`out:${secret}`, out.length ? JSON.stringify(out, ["key", "text"]) : ""); // files stay in memory
  }

  function show(one) {
    one.item = document.createElement("li");
    one.item.className = "message out waits";
    const names = (one.files ?? []).map((file) => file.name);
    const shown = { meta: `${say.dataset.youText} · ${say.dataset.sendingText}`, body: [one.text, ...names].join("\n").trim() };
    for (const [part, textContent] of Object.entries(shown)) {
      one.item.append(Object.assign(document.createElement("div"), { className: `message-${part}`, textContent }));
    }
    items.append(one.item);
  }

  function send() {
    const one = { key: crypto.getRandomValues(new Uint32Array(4)).join("-"), text: text.value.trim(), files: [...files.files] };
    text.focus();
    if (!one.text && !one.files.length) return;
    out.push(one);
    text.value = files.value = "";
    named();
    keep();
    show(one);
    down();
    flush();
  }

  // In their order, each under its own key until it is answered: a try whose answer was lost counts once.
  async function flush() {
    if (isSending) return;
    isSending = true;
    clearTimeout(retry);
    while (out.length) {
      const [one] = out;
      const body = new FormData();
      for (const [name, value] of Object.entries({ text: one.text, nonce: one.key, script: 1, after: last() })) body.set(name, value);
      for (const file of one.files ?? []) body.append("files", file);
      const answer = await ask(base, body);
      if (!answer || answer.status === 429) {
        note(say, say.dataset.waitingText);
        retry = setTimeout(flush, wait_ms(failures++));
        break;
      }
      failures = 0;
      out.shift();
      one.item.remove();
      if (answer.ok) merge(answer.words);
      else text.value = [one.text, text.value].filter(Boolean).join("\n");
      note(say, answer.ok ? "" : answer.status === 422 ? answer.words : say.dataset.refusedText);
      keep();
    }
    isSending = false;
    if (isWanted) pull();
  }

  function typed() {
    kept(`text:${secret}`, text.value);
    if (!text.value.trim() || performance.now() - typedAt < TYPING_MS) return;
    typedAt = performance.now();
    ask(`${base}typing/`, form({}));
  }

  function named() {
    find("[data-files]", say).textContent = [...files.files].map((file) => file.name).join(", ");
  }

  on(say, "submit", (event) => {
    event.preventDefault();
    send();
  });
  on(text, "keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || byTouch || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
  });
  on(text, "input", typed);
  on(files, "change", named);
  on(document, "visibilitychange", () => (document.hidden ? byTouch && left() : back()));
  on(window, "pagehide", left);
  on(window, "pageshow", (event) => event.persisted && back());
  on(window, "online", () => connect() ?? flush());
  on(window, "message", ({ source: from, data }) => {
    if (!isFramed || from !== window.parent || !data?.pharos) return;
    isOpen = data.pharos === "open";
    if (isOpen) down();
    here();
  });
  find("[data-enter]", say).hidden = byTouch;
  kept(widget, base);
  find("[data-forgets]").hidden = kept(widget) === base;
  text.value ||= kept(`text:${secret}`) ?? "";
  out.forEach(show);
  connect();
  flush();
  down();
}

if (isFramed) {
  const close = find("[data-close]");
  on(window, "message", ({ source, data }) => {
    if (source !== window.parent || !data?.pharos) return;
    close.hidden = false;
    if (data.pharos === "open") find("#id_text")?.focus();
  });
  on(close, "click", () => tell("close"));
  on(document, "keydown", (event) => event.key === "Escape" && !close.hidden && tell("close"));
  tell("ready");
}
for (const [what, run] of Object.entries({ "[data-chat-start]": begin, "[data-chat]": chat })) if (find(what)) run(find(what));
