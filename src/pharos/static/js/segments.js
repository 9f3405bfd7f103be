// How many parts a text message goes out in, told while it is written. The page works without it.
//
// <textarea data-parts-in="id"> and <p id="id" data-most="10" data-parts="… {parts} … {left} …" data-rest="…">
// The same count as engine/segments.py: 3GPP TS 23.038 where its alphabet has every letter, else UTF-16.

const BASIC =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
  "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENDED = "\f^{}\\[~]|€";
const WIDTHS = new Map([...[...BASIC].map((letter) => [letter, 1]), ...[...EXTENDED].map((letter) => [letter, 2])]);

export function segments(text) {
  const letters = [...text];
  const isGsm = letters.every((letter) => WIDTHS.has(letter));
  const widths = letters.map((letter) => (isGsm ? WIDTHS.get(letter) : letter.length));
  const units = widths.reduce((sum, width) => sum + width, 0);
  const [alone, room] = isGsm ? [160, 153] : [70, 67];
  if (units <= alone) return { parts: 1, left: alone - units };
  let parts = 1;
  let filled = 0;
  for (const width of widths) {
    if (filled + width > room) [parts, filled] = [parts + 1, 0];
    filled += width;
  }
  return { parts, left: room - filled };
}

const number = new Intl.NumberFormat(document.documentElement.lang || "en", { useGrouping: false });

function tell(field) {
  const place = document.getElementById(field.dataset.partsIn);
  if (!place) return;
  const { parts, left } = segments(field.value.trim());
  const words = parts > Number(place.dataset.most) ? place.dataset.rest : place.dataset.parts;
  place.textContent = words.replace("{parts}", number.format(parts)).replace("{left}", number.format(left));
}

const tellAll = () => document.querySelectorAll("[data-parts-in]").forEach(tell);

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-parts-in]")) tell(event.target);
});
document.addEventListener("htmx:afterSettle", tellAll);
tellAll();
