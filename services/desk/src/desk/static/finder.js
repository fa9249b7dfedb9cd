// A long select as a field with a list below it: found by any word that people use, what was used lately first.
// The select stays what the form sends; without script it is there by itself.

const RECENT = "payam-recent-topics";
const MOST = 5;
const FOLDS = [[/[يىئ]/g, "ی"], [/ك/g, "ک"], [/[أإآ]/g, "ا"], [/ؤ/g, "و"], [/[ةۀ]/g, "ه"], [/[\u064b-\u0652\u0640]/g, ""], [/[\u200c\s]+/g, " "]];

export function plain(text) {
  return FOLDS.reduce((told, [from, to]) => told.replace(from, to), text.toLowerCase()).trim();
}

function recent() {
  try {
    return JSON.parse(localStorage.getItem(RECENT)) ?? [];
  } catch {
    return [];
  }
}

function remember(value) {
  try {
    localStorage.setItem(RECENT, JSON.stringify([value, ...recent().filter((one) => one !== value)].slice(0, MOST)));
  } catch { /* then nothing is recent */ }
}

function entries(select) {
  return [...select.options].filter((option) => option.value).map((option) => ({
    value: option.value,
    name: option.textContent,
    found: plain(option.textContent),
    words: (option.dataset.words ?? "").split(/[،,]/).map(plain).filter(Boolean),
  }));
}

// How well an entry fits what was typed: its name's beginning, a word's beginning, anything; 0 is not at all.
function fit(entry, typed) {
  if (entry.found.startsWith(typed)) return 4;
  if (` ${entry.found}`.includes(` ${typed}`)) return 3;
  if (entry.words.some((word) => word.startsWith(typed))) return 2;
  return entry.found.includes(typed) || entry.words.some((word) => word.includes(typed)) ? 1 : 0;
}

function ranked(all, typed, said) {
  if (typed) return all.map((entry) => [fit(entry, typed), entry]).filter(([rank]) => rank).sort((a, b) => b[0] - a[0]).map(([, entry]) => ({ entry }));
  const text = plain(said);
  const heard = (entry) => entry.words.filter((word) => word.length > 3 && text.includes(word)).length;
  const fits = all.filter(heard).sort((a, b) => heard(b) - heard(a)).slice(0, 3);
  const lately = recent().map((value) => all.find((entry) => entry.value === value)).filter((entry) => entry && !fits.includes(entry));
  const rest = all.filter((entry) => !fits.includes(entry) && !lately.includes(entry));
  return [...fits.map((entry) => ({ entry, why: "fits" })), ...lately.map((entry) => ({ entry, why: "recent" })), ...rest.map((entry) => ({ entry }))];
}

function made(name, attributes, text = "") {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}

export function finder(select, said) {
  const all = entries(select);
  const box = made("div", { class: "finder-field" });
  const list = made("ul", { id: `${select.id}-list`, role: "listbox", class: "finder-list", "aria-labelledby": `${select.id}-label` });
  const input = made("input", {
    id: `${select.id}-finder`, type: "text", role: "combobox", autocomplete: "off", dir: document.documentElement.dir, placeholder: select.dataset.hint,
    "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id, "aria-labelledby": `${select.id}-label`,
  });
  let shown = [];
  let at = 0;
  list.hidden = true;
  for (const name of ["aria-describedby", "aria-invalid"]) if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  input.value = select.selectedOptions[0]?.value ? select.selectedOptions[0].textContent : "";
  select.hidden = true;
  document.getElementById(`${select.id}-label`)?.setAttribute("for", input.id);
  select.before(box);
  box.append(input, list);

  function mark(to) {
    at = shown.length ? (to + shown.length) % shown.length : 0;
    [...list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === at && shown.length > 0)));
    const option = shown.length ? list.children[at] : null;
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  function open(typed) {
    shown = ranked(all, plain(typed), said());
    list.replaceChildren(...shown.map(({ entry, why }, index) => {
      const option = made("li", { id: `${select.id}-option-${index}`, role: "option", "data-value": entry.value }, entry.name);
      if (why) option.append(made("small", { class: "tag accent" }, select.dataset[why]));
      return option;
    }));
    if (!shown.length) list.append(made("li", { class: "muted", role: "option", "aria-disabled": "true" }, select.dataset.none));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(0);
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    input.value = select.selectedOptions[0]?.value ? select.selectedOptions[0].textContent : "";
  }

  function choose(index, on = false) {
    const chosen = shown[index]?.entry;
    if (chosen && select.value !== chosen.value) {
      select.value = chosen.value;
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }
    if (chosen) remember(chosen.value);
    close();
    if (chosen && on) select.dispatchEvent(new CustomEvent("chosen", { bubbles: true }));
  }

  input.addEventListener("focus", () => { input.select(); open(""); });
  input.addEventListener("click", () => { if (list.hidden) open(""); });
  input.addEventListener("input", () => open(input.value));
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowDown") list.hidden ? open("") : mark(at + 1);
    else if (event.key === "ArrowUp") list.hidden ? open("") : mark(at - 1);
    else if (event.key === "Enter" && !list.hidden) choose(at, true);
    else if (event.key === "Escape" && !list.hidden) close();
    else if (event.key === "Tab" && !list.hidden && input.value && !event.shiftKey) return choose(at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault(); // the field keeps the focus
    const option = event.target.closest("[data-value]");
    if (option) choose([...list.children].indexOf(option));
  });
}
