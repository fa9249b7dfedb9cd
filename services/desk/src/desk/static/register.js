// The registration page by keyboard: a topic by any word people use, an answer by one key, and on to the next call.
import "./copying.js";
import { finder } from "./finder.js";

const KEPT = "payam-register";
const FIELDS = ["number", "name", "national_id", "text", "answer"];
const form = () => document.getElementById("register");

function session(action) {
  try {
    return action(sessionStorage);
  } catch {
    return null; // a browser that keeps nothing: the page itself still has every word
  }
}

// A crash or a reload loses nothing; what is kept goes with the tab.
function keep() {
  const told = Object.fromEntries(FIELDS.map((name) => [name, form().elements[name].value]));
  session((storage) => storage.setItem(KEPT, JSON.stringify(told)));
}

function restore() {
  const told = JSON.parse(session((storage) => storage.getItem(KEPT)) ?? "null");
  if (!told || FIELDS.some((name) => form().elements[name].value)) return;
  for (const name of FIELDS) form().elements[name].value = told[name] ?? "";
  if (told.number) form().elements.number.dispatchEvent(new Event("input", { bubbles: true }));
}

function use(button) {
  const answer = form().elements.answer;
  answer.value = button.closest("li").querySelector(".words").textContent;
  form().elements.answer_id.value = button.dataset.answer;
  form().elements.answer_number.value = button.dataset.number;
  answer.focus();
  answer.setSelectionRange(answer.value.length, answer.value.length);
  keep();
}

function press(name) {
  form().querySelector(`[data-press="${name}"]`)?.click();
}

function byKey(event) {
  const digit = event.altKey && /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
  const answer = digit && form().querySelector(`[data-use="${digit}"]`);
  if (answer) use(answer);
  else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) press(event.shiftKey ? "refer" : "answered");
  else if (event.key === "Enter" && event.target.matches("input")) onward(event.target);
  else return;
  event.preventDefault();
  event.stopPropagation(); // the reply box has the same keys
}

// Enter in a field goes to the next one; nothing is registered by accident.
function onward(field) {
  const fields = [...form().querySelectorAll("input:not([type=hidden]), select, textarea")].filter((one) => one.checkVisibility());
  const next = fields[fields.indexOf(field) + 1];
  next?.focus();
}

function begin() {
  const page = form();
  if (document.querySelector("[data-registered]")) session((storage) => storage.removeItem(KEPT));
  if (!page || page.dataset.begun) return;
  page.dataset.begun = "yes";
  restore();
  finder(page.elements.topic, () => page.elements.text.value);
  page.addEventListener("input", keep);
  page.addEventListener("chosen", (event) => onward(document.getElementById(`${event.target.id}-finder`)));
  page.addEventListener("keydown", byKey);
  page.addEventListener("click", (event) => {
    const button = event.target.closest("[data-use]");
    if (!button) return;
    event.preventDefault();
    use(button);
  });
}

document.addEventListener("htmx:afterSettle", begin);
begin();
