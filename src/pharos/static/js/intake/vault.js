// What waits on this device, sealed: AES-GCM with a key that scripts can use and nobody can read out.
//
// The key is made anew from the centre's answer for the colleague who signs in, and forgotten when they leave; what was
// sealed with it stays, and opens again when the same colleague is back on this device.

const NAME = "pharos-intake";
const VERSION = 1;
const MOST_SENT = 30;

let database = null;

export const isSupported = () => Boolean(globalThis.isSecureContext && globalThis.crypto?.subtle && globalThis.indexedDB);

function open() {
  database ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("device");
      request.result.createObjectStore("records", { keyPath: "key" });
      request.result.createObjectStore("drafts", { keyPath: "agent" });
      request.result.createObjectStore("sent", { keyPath: "key" });
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  return database;
}

// One transaction: `work` gets the stores and may give back a request whose result is wanted.
async function transact(names, mode, work) {
  const transaction = (await open()).transaction(names, mode, { durability: "strict" });
  return new Promise((resolve, reject) => {
    const request = work(...names.map((name) => transaction.objectStore(name)));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = () => reject(transaction.error);
    transaction.onerror = () => reject(transaction.error);
  });
}

const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));
const hex = (array) => [...array].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// The device's own mark: without it the centre would make the same key for every device of a colleague.
export async function device() {
  const mine = hex(crypto.getRandomValues(new Uint8Array(16)));
  await transact(["device"], "readwrite", (store) => {
    const asked = store.get("mark");
    asked.onsuccess = () => asked.result || store.put(mine, "mark");
  });
  return transact(["device"], "readonly", (store) => store.get("mark"));
}

export const who = () => transact(["device"], "readonly", (store) => store.get("who"));

export async function enter({ id, name, key }) {
  const seal = await crypto.subtle.importKey("raw", bytes(key), "AES-GCM", false, ["encrypt", "decrypt"]);
  const agent = { id, name, seal };
  await transact(["device", "sent"], "readwrite", (store, sent) => {
    const before = store.get("who");
    before.onsuccess = () => before.result && before.result.id !== id && sent.clear();
    store.put(agent, "who");
  });
  return agent;
}

// Forget the key; what it sealed stays.
export const leave = () =>
  transact(["device", "sent"], "readwrite", (store, sent) => {
    store.delete("who");
    sent.clear();
  });

// A record is bound to its key and its colleague: put under another name it does not open.
const label = (agent, key) => new TextEncoder().encode(`${agent.id}:${key}`);

async function seal(agent, key, value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = new TextEncoder().encode(JSON.stringify(value));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: label(agent, key) }, agent.seal, text);
  return { iv, sealed };
}

async function unseal(agent, key, { iv, sealed }) {
  const how = { name: "AES-GCM", iv, additionalData: label(agent, key) };
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(how, agent.seal, sealed)));
}

const rowOf = async (agent, record) => ({
  key: record.key,
  agent: agent.id,
  name: agent.name,
  keptAt: record.keptAt,
  state: record.state,
  tries: record.tries,
  ...(await seal(agent, record.key, { values: record.values, reasons: record.reasons ?? [] })),
});

// Kept once this resolves: the draft that it was goes in the same step.
export async function keep(agent, record) {
  const row = await rowOf(agent, record);
  await transact(["records", "drafts"], "readwrite", (records, drafts) => {
    records.put(row);
    drafts.delete(agent.id);
  });
}

// What became of records that were sent, in one step. One that was changed or thrown away meanwhile stays as it is.
export async function settle(agent, results, records) {
  const rows = new Map();
  for (const { key, state, reasons } of results) {
    const record = records.find((one) => one.key === key);
    if (record && state === "refused") rows.set(key, await rowOf(agent, { ...record, state, reasons }));
  }
  await transact(["records", "sent"], "readwrite", (store, sent) => {
    for (const { key, state, reference } of results) {
      const record = records.find((one) => one.key === key);
      if (!record) continue;
      if (state === "taken") {
        store.delete(key);
        sent.put({ key, reference, keptAt: record.keptAt, state: "sent" });
      } else if (rows.has(key)) {
        const there = store.get(key);
        there.onsuccess = () => there.result && store.put(rows.get(key));
      }
    }
  });
}

// Before they go out: from now on the centre may have them, and they are not to be changed until it has answered.
export const tried = (records) =>
  transact(["records"], "readwrite", (store) => {
    for (const { key } of records) {
      const asked = store.get(key);
      asked.onsuccess = () => asked.result && store.put({ ...asked.result, tries: asked.result.tries + 1 });
    }
  });

export const drop = (key) => transact(["records"], "readwrite", (store) => void store.delete(key));

async function opened(agent, row) {
  try {
    return { ...row, ...(await unseal(agent, row.key, row)) };
  } catch {
    return { ...row, state: "unreadable", values: null, reasons: [] };
  }
}

const byTime = (one, other) => (one.keptAt < other.keptAt ? -1 : 1);

// All that this colleague keeps here, opened, the oldest first.
export async function records(agent) {
  const rows = await transact(["records"], "readonly", (store) => store.getAll());
  return Promise.all(rows.filter((row) => row.agent === agent.id).sort(byTime).map((row) => opened(agent, row)));
}

// What others keep here: names and how many, nothing else can be known.
export async function others(agent) {
  const rows = await transact(["records"], "readonly", (store) => store.getAll());
  const theirs = rows.filter((row) => row.agent !== agent?.id);
  return { count: theirs.length, names: [...new Set(theirs.map((row) => row.name))] };
}

export async function sent() {
  const rows = (await transact(["sent"], "readonly", (store) => store.getAll())).sort(byTime);
  const old = rows.slice(0, -MOST_SENT);
  if (old.length) await transact(["sent"], "readwrite", (store) => old.forEach((row) => store.delete(row.key)));
  return rows.slice(-MOST_SENT);
}

export async function keepDraft(agent, draft) {
  const row = { agent: agent.id, ...(await seal(agent, "draft", draft)) };
  await transact(["drafts"], "readwrite", (store) => void store.put(row));
}

export const dropDraft = (agent) => transact(["drafts"], "readwrite", (store) => void store.delete(agent.id));

export async function draft(agent) {
  const row = await transact(["drafts"], "readonly", (store) => store.get(agent.id));
  try {
    return row ? await unseal(agent, "draft", row) : null;
  } catch {
    return null;
  }
}
