// The dialler: a code is typed and dialled, the network's menus come up over it as on a handset.
// All text goes in as text, never as markup.

const $ = (id) => document.getElementById(id);
const persian = (value) => value.replace(/\d/g, (digit) => "۰۱۲۳۴۵۶۷۸۹"[digit]);
const asDialled = (value) =>
  persian(value.replace(/[٠-٩]/g, (digit) => String("٠١٢٣٤٥٦٧٨٩".indexOf(digit)))).replace(/[^۰-۹*#]/g, "");

const ui = {
  open: $("open-dialler"), close: $("close-dialler"), dialler: $("dialler"), dialling: $("dialling"), code: $("code"),
  suggestion: $("suggestion"), keys: document.querySelector(".keys"), erase: $("erase"), operator: $("operator"),
  ussd: $("ussd"), form: $("ussd-form"), busy: $("ussd-busy"), text: $("ussd-text"), input: $("ussd-input"),
  cancel: $("ussd-cancel"), send: $("ussd-send"), news: $("news"),
};
const behind = [...ui.dialler.parentElement.children].filter((node) => node !== ui.dialler);
const WORDS = {
  network: "شبکه پاسخ نداد. چند لحظهٔ دیگر دوباره شماره‌گیری کنید.",
  away: "ارتباط قطع است. وقتی وصل شد، دوباره شماره‌گیری کنید.",
  over: "زمان این گفت‌وگو تمام شد. دوباره شماره‌گیری کنید.",
  ended: "گفت‌وگو پایان یافت.",
};

let attempt = 0;
let phone = null;
// What was put away must be gone before the next code is dialled.
let leaving = Promise.resolve();

// Towards the network

async function ask(action, text) {
  const handle = phone.handle();
  if (!handle) return { status: 0 };
  const body = { action, text, provider: action === "dial" ? ui.operator.value : undefined };
  try {
    const answer = await fetch(`/phones/${handle}/ussd`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: answer.status, screen: answer.ok ? await answer.json() : null };
  } catch {
    return { status: 0 };
  }
}

async function step(action, text) {
  const mine = ++attempt;
  showBusy();
  await leaving;
  let told = await ask(action, text);
  if (told.status === 404 && mine === attempt) {
    // The simulator has started anew and knows no such phone; a menu of before is gone with it.
    await phone.reopen();
    told = action === "dial" ? await ask(action, text) : { status: 409 };
  }
  if (mine !== attempt) return;
  if (told.screen) showScreen(told.screen);
  else showLast(told.status === 409 ? WORDS.over : told.status === 0 ? WORDS.away : WORDS.network);
}

// What the network shows

function cover(covered) {
  ui.ussd.hidden = !covered;
  ui.dialling.inert = covered;
  ui.close.parentElement.inert = covered;
}

function showBusy() {
  cover(true);
  ui.busy.hidden = false;
  for (const node of [ui.text, ui.input, ui.send]) node.hidden = true;
  ui.cancel.textContent = "انصراف";
  ui.form.classList.remove("last");
  ui.form.focus();
}

function showScreen({ text, ends }) {
  if (ends) {
    showLast(text || WORDS.ended);
    return;
  }
  ui.busy.hidden = true;
  for (const node of [ui.text, ui.input, ui.send]) node.hidden = false;
  ui.text.textContent = text;
  ui.input.value = "";
  ui.input.focus();
}

function showLast(text) {
  ui.busy.hidden = true;
  ui.text.hidden = false;
  ui.text.textContent = text;
  ui.input.hidden = true;
  ui.send.hidden = true;
  ui.cancel.textContent = "تأیید";
  ui.form.classList.add("last");
  ui.cancel.focus();
}

function putAway() {
  if (ui.ussd.hidden) return;
  attempt += 1;
  if (!ui.form.classList.contains("last")) leaving = ask("cancel", "");
  cover(false);
  ui.code.focus();
}

// The keypad

function write(value) {
  ui.code.value = value;
  ui.dialling.classList.toggle("written", value !== "");
}

function insert(key) {
  const { value, selectionStart: from, selectionEnd: to } = ui.code;
  if (value.length >= ui.code.maxLength) return;
  write(value.slice(0, from) + key + value.slice(to));
  ui.code.setSelectionRange(from + key.length, from + key.length);
}

function erase() {
  const { value, selectionStart: from, selectionEnd: to } = ui.code;
  const start = from === to ? Math.max(0, from - 1) : from;
  write(value.slice(0, start) + value.slice(to));
  ui.code.setSelectionRange(start, start);
}

function openDialler() {
  ui.news.hidden = true;
  ui.dialler.hidden = false;
  for (const node of behind) node.inert = true;
  ui.code.focus();
}

function closeDialler() {
  if (ui.dialler.hidden) return;
  putAway();
  ui.dialler.hidden = true;
  for (const node of behind) node.inert = false;
  ui.open.focus();
}

ui.open.addEventListener("click", openDialler);
for (const way of [ui.close, ui.news]) way.addEventListener("click", closeDialler);
ui.keys.addEventListener("click", ({ target }) => target.dataset.key && insert(target.dataset.key));
ui.erase.addEventListener("click", erase);
ui.suggestion.addEventListener("click", () => {
  write(persian(document.body.dataset.ussdCode));
  ui.code.focus();
});
ui.code.addEventListener("input", () => {
  const { value, selectionStart } = ui.code;
  const kept = asDialled(value);
  const caret = asDialled(value.slice(0, selectionStart)).length;
  write(kept);
  ui.code.setSelectionRange(caret, caret);
});
ui.dialling.addEventListener("submit", (event) => {
  event.preventDefault();
  // As on a handset, the call key with nothing typed brings back what may be meant.
  if (ui.code.value) step("dial", ui.code.value);
  else ui.suggestion.click();
});
ui.form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!ui.send.hidden) step("answer", ui.input.value);
});
ui.cancel.addEventListener("click", putAway);
ui.dialler.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  event.stopPropagation();
  if (ui.ussd.hidden) closeDialler();
  else putAway();
});
try {
  const last = localStorage.getItem("payam.operator");
  if ([...ui.operator.options].some((option) => option.value === last)) ui.operator.value = last;
  ui.operator.addEventListener("change", () => localStorage.setItem("payam.operator", ui.operator.value));
} catch { /* a private window keeps nothing */ }

// `handle()` is the phone that is shown, `reopen()` asks the simulator for it again. What comes back leaves the
// dialler, and tells it that an SMS has come.
export function installDialler(shown) {
  phone = shown;
  return { leave: closeDialler, tell: () => { ui.news.hidden = false; } };
}
