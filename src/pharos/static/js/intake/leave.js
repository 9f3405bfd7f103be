// The sign-in page is where a colleague who leaves arrives: this device forgets the key that opens what they kept here.
import { isSupported, leave } from "./vault.js";

if (isSupported()) {
  const names = (await indexedDB.databases?.()) ?? [{ name: "pharos-intake" }];
  if (names.some((one) => one.name === "pharos-intake")) await leave();
}
