// The form as values and back, and what is looked at before a record is kept.

const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const STAYS = new Set(["language", "how", "incident"]); // most often the same for the next record
const SKIPPED = new Set(["csrfmiddlewaretoken", "key"]);

const fieldsOf = (form) => [...form.elements].filter((one) => one.name && !SKIPPED.has(one.name));

export function valuesOf(form) {
  const values = {};
  for (const field of fieldsOf(form)) {
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) (values[field.name] ??= []).push(field.value);
    } else if (field.value.trim() !== "") (values[field.name] ??= []).push(field.value);
  }
  return values;
}

export const hasWords = (values) => Object.keys(values).some((name) => !STAYS.has(name));

export function fill(form, values) {
  for (const field of fieldsOf(form)) {
    const list = values[field.name] ?? [];
    if (field.type === "checkbox" || field.type === "radio") field.checked = list.includes(field.value);
    else field.value = list[0] ?? (field.tagName === "SELECT" ? field.options[0].value : "");
  }
  for (const fold of form.querySelectorAll("details")) {
    fold.open = [...fold.querySelectorAll("input, textarea, select")].some((one) =>
      one.type === "checkbox" ? one.checked : one.value.trim() !== "" && one.tagName !== "SELECT",
    );
  }
}

export function clear(form) {
  const stays = Object.fromEntries(Object.entries(valuesOf(form)).filter(([name]) => STAYS.has(name)));
  hush(form);
  fill(form, { ...stays, incident: stays.incident ?? [""] });
}

export function hush(form) {
  for (const error of form.querySelectorAll("[data-intake-error], .field-error")) error.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  for (const field of form.querySelectorAll(".has-error")) field.classList.remove("has-error");
  document.querySelector("[data-error-summary]")?.remove();
}

// Say it at its field. The first that is wrong gets the focus.
export function point(form, wrong) {
  hush(form);
  let first = null;
  for (const { field: name, text } of wrong) {
    const field = form.elements.namedItem(name);
    const input = field instanceof RadioNodeList ? field[0] : field;
    if (!input) continue;
    const error = document.createElement("div");
    error.className = "field-error";
    error.dataset.intakeError = "";
    error.id = `wrong-${name}`;
    error.textContent = text;
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", `${input.getAttribute("aria-describedby") ?? ""} ${error.id}`.trim());
    const box = input.closest(".field");
    box?.classList.add("has-error");
    (box ?? input.parentElement).append(error);
    input.closest("details")?.setAttribute("open", "");
    first ??= input;
  }
  first?.focus();
}

// What can be seen without the centre; it looks at all of it again.
export function wrongIn(form, values) {
  const wrong = [];
  const words = form.dataset;
  if (!values.text) wrong.push({ field: "text", text: words.textNeeded });
  if (values.email && !ADDRESS.test(values.email[0].trim())) wrong.push({ field: "email", text: words.addressNeeded });
  if ((values.needs || values.needs_words) && !values.needs_consent) {
    wrong.push({ field: "needs_consent", text: words.yesNeeded });
  }
  return wrong;
}
