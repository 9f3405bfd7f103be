// Answers for the intake page while there is no connection. It keeps the page of nobody and its files, never an answer
// that is of a person or a colleague. PHAROS: {version, files}, from the script that loads this one.

const PREFIX = "pharos-intake-";
const CACHE = PREFIX + PHAROS.version;
const HOME = new URL("./", self.location).pathname;
const SHELL = `${HOME}shell/`;
const PAPER = `${HOME}paper/`;
const PATIENCE_MS = 4000;
const AWAY_MS = 10000;

let awayUntil = 0;

// Whatever was redirected leads to the sign-in page: that is never kept as this one.
async function kept(cache, url) {
  const response = await fetch(url, { credentials: "same-origin", cache: "no-cache" });
  if (!response.ok || response.redirected) throw new Error(`not to be kept: ${url}`);
  await cache.put(url, response);
}

async function install() {
  const cache = await caches.open(CACHE);
  await Promise.all([SHELL, ...PHAROS.pages, ...PHAROS.files].map((url) => kept(cache, url)));
  await self.skipWaiting();
}

async function activate() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function fromNetwork(request) {
  if (Date.now() < awayUntil && !navigator.onLine) throw new Error("away");
  const gone = new AbortController();
  const timer = setTimeout(() => gone.abort(), Date.now() < awayUntil ? PATIENCE_MS / 8 : PATIENCE_MS);
  try {
    const response = await fetch(request, { signal: gone.signal });
    if (response.status >= 500) throw new Error("busy");
    awayUntil = 0;
    return response;
  } catch (error) {
    awayUntil = Date.now() + AWAY_MS;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function answer(request, url) {
  try {
    return await fromNetwork(request);
  } catch (error) {
    const found = await (await caches.open(CACHE)).match(url);
    if (found) return found;
    throw error;
  }
}

// The page in the language that was last read, for when it is needed.
async function renew() {
  const cache = await caches.open(CACHE);
  await Promise.allSettled([kept(cache, SHELL)]);
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname === HOME) {
    const response = answer(request, SHELL);
    event.respondWith(response);
    event.waitUntil(response.then((given) => (given.url.endsWith(SHELL) || !given.ok ? null : renew())).catch(() => {}));
  } else if (request.mode === "navigate" && url.pathname.startsWith(PAPER)) {
    event.respondWith(answer(request, url.pathname));
  } else if (PHAROS.files.includes(url.pathname)) {
    event.respondWith(answer(request, url.pathname));
  }
});
