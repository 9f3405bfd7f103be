// Sends what waits: in the order it was kept, some at a time, each under its own key, so that the centre takes it once.

import * as vault from "./vault.js";

const AT_ONCE = 25;
const MOST_CHARACTERS = 1_000_000;
const FORM = { Accept: "application/json" };

export class SignedOut extends Error {}
export class OtherAgent extends Error {}
export class Busy extends Error {}

// The centre's answer, or why there is none. What leads to the sign-in page says that nobody is signed in.
async function ask(url, options = {}) {
  const response = await fetch(url, { ...options, headers: { ...FORM, ...options.headers }, cache: "no-store" });
  if (response.redirected || response.status === 403) throw new SignedOut();
  if (response.status === 409) throw new OtherAgent();
  if (!response.ok || !response.headers.get("Content-Type")?.startsWith("application/json")) throw new Busy();
  return response.json();
}

export async function whoIsHere(place) {
  const said = await ask(`${place.dataset.who}?device=${await vault.device()}`);
  return { said, agent: await vault.enter(said) };
}

function portion(waiting) {
  const some = [];
  let size = 0;
  for (const record of waiting) {
    size += JSON.stringify(record.values).length;
    if (some.length && (some.length === AT_ONCE || size > MOST_CHARACTERS)) break;
    some.push(record);
  }
  return some;
}

async function send(place, agent, csrf, some) {
  await vault.tried(some);
  const body = JSON.stringify({
    agent: agent.id,
    sent_at: new Date().toISOString(),
    records: some.map(({ key, keptAt, values }) => ({ key, kept_at: keptAt, values })),
  });
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrf };
  const { results } = await ask(place.dataset.sync, { method: "POST", headers, body });
  const known = new Set(some.map((one) => one.key));
  await vault.settle(agent, results.filter((one) => known.has(one.key)), some);
  return results.length;
}

// Send all that waits, and say how many were answered. Only one page of the device does it at a time.
export function sendAll(place, mine, onStep) {
  const work = async () => {
    const { said, agent } = await whoIsHere(place);
    if (agent.id !== mine.id) throw new OtherAgent();
    let answered = 0;
    for (;;) {
      const waiting = (await vault.records(agent)).filter((one) => one.state === "waiting");
      const some = portion(waiting);
      if (!some.length) return answered;
      onStep(some);
      const settled = await send(place, agent, said.csrf, some);
      if (!settled) throw new Busy();
      answered += settled;
      onStep([]);
    }
  };
  if (!navigator.locks) return work();
  return navigator.locks.request("pharos-intake", { ifAvailable: true }, (lock) => (lock ? work() : 0));
}
