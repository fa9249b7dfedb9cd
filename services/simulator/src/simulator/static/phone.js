// A phone: type an SMS, see what comes back. All text goes in as text, never as markup.

import { installDialler } from "./dialler.js";
import { split } from "./parts.js";
import { installRinging } from "./ringing.js";
import { installVoice } from "./voice.js";

const DEFAULT_NUMBER = "09121234567";
const STATES = {
  local: { icon: "clock", label: "پیام در صف است…", caption: true },
  queued: { icon: "one", label: "فرستاده شد" },
  waiting: { icon: "clock", label: "پیام در صف است؛ درگاه هنوز جواب نداده…", caption: true },
  taken: { icon: "two", label: "به درگاه رسید" },
  read: { icon: "two", label: "درگاه از صندوق خواند" },
  lost: { icon: "warn", label: "خبرش گم شد؛ پیام در صندوق خط مانده", caption: true },
  given_up: { icon: "warn", label: "درگاه جواب نداد؛ پیام در صندوق خط مانده", caption: true },
  refused: { icon: "warn", label: "این پیام فرستاده نشد", caption: true },
  heard: { icon: "call", label: "با تلفن خوانده شد", caption: true },
  missed: { icon: "call", label: "تماس بی‌پاسخ", caption: true },
};
const TRACKING_CODE = /(?<![\d۰-۹])[1-9۱-۹](?:[ \u200c-]?[\d۰-۹]){9}(?![\d۰-۹])/gu;
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/gu;
const RETRY_MS = 2000;
const NEAR_END_PX = 80;

const $ = (id) => document.getElementById(id);
const ui = {
  phone: $("phone"), log: $("log"), list: $("messages"), empty: $("empty"), notice: $("notice"), jump: $("jump"),
  composer: $("composer"), text: $("text"), send: document.querySelector(".send"), meter: $("meter"),
  samples: $("samples"), announcer: $("announcer"), panel: $("panel"), backdrop: $("backdrop"),
  openPanel: $("open-panel"), closePanel: $("close-panel"), phoneList: $("phone-list"), add: $("add"),
  number: $("number"), numberError: $("number-error"), clock: $("clock"), line: $("line"),
};

const inTehran = (options) => new Intl.DateTimeFormat("fa-IR-u-ca-persian-nu-arabext", { timeZone: "Asia/Tehran", ...options });
const asTime = inTehran({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const asDay = inTehran({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const asDayKey = inTehran({ year: "numeric", month: "numeric", day: "numeric" });
const asMoment = inTehran({ dateStyle: "full", timeStyle: "short" });

const persian = (value) => String(value).replace(/\d/g, (digit) => "۰۱۲۳۴۵۶۷۸۹"[digit]);
const spaced = (number) => persian(number.replace(/^(\d{4})(\d{3})(\d{4})$/, "$1 $2 $3"));

const kept = {
  read(name, otherwise) {
    try { return JSON.parse(localStorage.getItem(`payam.${name}`)) ?? otherwise; } catch { return otherwise; }
  },
  write(name, value) {
    try { localStorage.setItem(`payam.${name}`, JSON.stringify(value)); } catch { /* a private window keeps nothing */ }
  },
};

const state = {
  numbers: kept.read("phones", [DEFAULT_NUMBER]),
  selected: kept.read("selected", DEFAULT_NUMBER),
  card: null,
  source: null,
  live: false,
  shown: new Map(),
  waiting: new Map(Object.entries(kept.read("waiting", {}))),
  attempt: 0,
};

// Elements

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter(Boolean));
  return made;
}

function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const use = document.createElementNS(space, "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("viewBox", "0 0 24 24");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

function words(message) {
  const body = element("p", { class: "text", dir: "auto" });
  const text = (message.text || (message.spoken ? "…" : "")).replace(CONTROLS, "\ufffd");
  let from = 0;
  if (!message.mine) {
    for (const match of text.matchAll(TRACKING_CODE)) {
      const code = element("button", { type: "button", class: "code", "aria-label": `نوشتن کد رهگیری ${match[0]}` }, match[0]);
      code.addEventListener("click", () => compose(match[0]));
      body.append(text.slice(from, match.index), code);
      from = match.index + match[0].length;
    }
  }
  body.append(text.slice(from));
  return body;
}

function bubble(message) {
  const at = new Date(message.at * 1000);
  const how = STATES[message.state];
  const missed = message.state === "not_arrived";
  const caption = missed ? `به این گوشی نرسید: ${message.note}` : how?.caption && how.label;
  return element(
    "li",
    { class: ["message", message.mine ? "mine" : "theirs", message.state].join(" "), "data-id": message.id },
    element(
      "div",
      { class: "bubble" },
      element("span", { class: "visually-hidden" }, message.mine ? "شما:" : "۱۴۲۰:"),
      words(message),
      element(
        "p",
        { class: "meta" },
        element("time", { datetime: at.toISOString(), title: asMoment.format(at) }, asTime.format(at)),
        how && element("span", { class: "tick", title: how.label }, icon(how.icon), element("span", { class: "visually-hidden" }, how.label)),
      ),
    ),
    caption && element("p", { class: "caption" }, caption),
  );
}

function dayOf(at) {
  const day = new Date(at * 1000);
  const key = asDayKey.format(day);
  const { weekday, day: date, month, year } = Object.fromEntries(
    asDay.formatToParts(day).map(({ type, value }) => [type, value]),
  );
  if (key === asDayKey.format(new Date())) return `امروز، ${weekday} ${date} ${month}`;
  if (key === asDayKey.format(new Date(Date.now() - 86_400_000))) return `دیروز، ${weekday} ${date} ${month}`;
  return `${weekday} ${date} ${month} ${year}`;
}

// The conversation

function isNearEnd() {
  return ui.log.scrollHeight - ui.log.scrollTop - ui.log.clientHeight < NEAR_END_PX;
}

function toEnd(smooth = false) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  ui.log.scrollTo({ top: ui.log.scrollHeight, behavior: smooth && !calm ? "smooth" : "instant" });
}

function show(message) {
  if (ringing.heard(message)) return;
  const stay = isNearEnd() || message.mine;
  const fresh = !state.shown.has(message.id);
  const made = bubble(message);
  if (fresh && state.live) made.classList.add("fresh");
  const old = state.shown.get(message.id);
  state.shown.set(message.id, { message, node: made });
  if (old && old.message.at === message.at) old.node.replaceWith(made);
  else {
    old?.node.remove();
    place(made, message.at);
  }
  markDays();
  ui.empty.hidden = true;
  if (stay) toEnd(fresh && state.live);
  else if (fresh && !message.mine) ui.jump.hidden = false;
  if (fresh && state.live && !message.mine) announce(message);
}

function place(node, at) {
  const later = [...state.shown.values()]
    .filter((other) => other.node !== node && other.node.isConnected && other.message.at > at)
    .sort((one, other) => one.message.at - other.message.at)[0];
  ui.list.insertBefore(node, later ? later.node : null);
}

function markDays() {
  for (const mark of ui.list.querySelectorAll(".day")) mark.remove();
  let last = "";
  for (const node of [...ui.list.children]) {
    const day = dayOf(state.shown.get(node.dataset.id).message.at);
    if (day !== last) ui.list.insertBefore(element("li", { class: "day" }, element("span", {}, day)), node);
    last = day;
  }
}

function forget() {
  state.shown.clear();
  ui.list.replaceChildren();
  ui.empty.hidden = false;
  ui.jump.hidden = true;
  for (const message of state.waiting.values()) if (message.number === state.selected) show(message);
}

function announce(message) {
  if (message.state !== "arrived" && message.state !== "heard") return;
  dialler.tell();
  ui.announcer.textContent = `پیام تازه از ۱۴۲۰: ${message.text}`;
  if (document.hidden) document.title = "● پیام تازه — تلفن آزمایشی پیام";
}

function tell(words) {
  ui.notice.hidden = !words;
  ui.notice.textContent = words;
}

// Towards the server

async function post(path, body) {
  return fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

async function openPhone(number) {
  const mine = ++state.attempt;
  state.source?.close();
  state.live = false;
  let answer;
  try {
    answer = await post("/phones", { number });
  } catch {
    answer = null;
  }
  if (mine !== state.attempt) return true;
  if (answer?.status === 422) return false;
  if (!answer?.ok) {
    tell("ارتباط با شبیه‌ساز قطع است؛ خودش دوباره وصل می‌شود…");
    setTimeout(() => mine === state.attempt && openPhone(number), RETRY_MS);
    return true;
  }
  state.card = await answer.json();
  state.selected = state.card.number;
  ui.phone.classList.toggle("landline", !state.card.mobile);
  if (!state.numbers.includes(state.selected)) state.numbers = [state.selected, ...state.numbers].slice(0, 12);
  kept.write("phones", state.numbers);
  kept.write("selected", state.selected);
  showPhones();
  forget();
  watch(mine);
  return true;
}

function watch(mine) {
  const source = new EventSource(`/phones/${state.card.phone}/events`);
  state.source = source;
  source.addEventListener("begin", () => {
    state.live = false;
    ui.list.setAttribute("aria-busy", "true");
    forget();
  });
  source.addEventListener("message", (event) => {
    const message = JSON.parse(event.data);
    if (state.waiting.delete(message.id)) keepWaiting();
    show(message);
  });
  source.addEventListener("current", () => {
    state.live = true;
    ui.list.setAttribute("aria-busy", "false");
    tell("");
    toEnd();
    flush();
  });
  source.addEventListener("error", () => {
    if (mine !== state.attempt) return;
    tell("ارتباط با شبیه‌ساز قطع است؛ خودش دوباره وصل می‌شود…");
    // The stream was refused, not cut: the simulator has started anew and knows no such phone.
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(() => mine === state.attempt && openPhone(state.selected), RETRY_MS);
    }
  });
}

function keepWaiting() {
  kept.write("waiting", Object.fromEntries(state.waiting));
}

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function type(text) {
  const message = { id: newId(), number: state.selected, mine: true, text, at: Date.now() / 1000, state: "local", note: "" };
  state.waiting.set(message.id, message);
  keepWaiting();
  show(message);
  flush();
}

let flushing = false;

async function flush() {
  if (flushing || !state.card) return;
  flushing = true;
  const here = ({ number, state: how }) => number === state.card.number && how === "local";
  try {
    for (const message of [...state.waiting.values()]) {
      if (!here(message)) continue;
      const answer = await post(`/phones/${state.card.phone}/messages`, { id: message.id, text: message.text });
      if (answer.status === 422) {
        message.state = "refused";
        show(message);
      } else if (!answer.ok) throw new Error(String(answer.status));
      state.waiting.delete(message.id);
      keepWaiting();
    }
  } catch {
    // The simulator is away or has started anew; the message stays in the queue.
  } finally {
    flushing = false;
  }
  if ([...state.waiting.values()].some(here)) setTimeout(flush, RETRY_MS);
}

// The composer

function compose(text) {
  ui.text.value = text;
  measure();
  closePanel();
  ui.text.focus();
  ui.text.setSelectionRange(text.length, text.length);
}

function measure() {
  const text = ui.text.value;
  ui.send.disabled = !text.trim();
  ui.text.dir = text ? "auto" : "rtl";
  ui.composer.classList.toggle("written", text !== "");
  const { number, units, room } = split(text);
  ui.meter.textContent = text ? `${persian(units)} از ${persian(room)} · ${persian(number)} بخش` : "";
  ui.meter.classList.toggle("many", number > 1);
}

ui.text.addEventListener("input", measure);
ui.text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    ui.composer.requestSubmit();
  }
});
ui.composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = ui.text.value.trim();
  if (!text) return;
  ui.text.value = "";
  measure();
  type(text);
  ui.text.focus();
});
ui.samples.addEventListener("click", ({ target }) => target.dataset.sample && compose(target.dataset.sample));
ui.jump.addEventListener("click", () => toEnd(true));
ui.log.addEventListener("scroll", () => { if (isNearEnd()) ui.jump.hidden = true; }, { passive: true });

// The panel: phones and their numbers

function showPhones() {
  for (const own of document.querySelectorAll("[data-own-number]")) own.textContent = spaced(state.selected);
  ui.phoneList.replaceChildren(
    ...state.numbers.map((number) => {
      const chosen = number === state.selected;
      const title = chosen && state.card?.title;
      const button = element(
        "button",
        { type: "button", "aria-current": chosen ? "true" : undefined },
        icon("sim"),
        element("bdi", { class: "ltr" }, spaced(number)),
        title && element("span", { class: "badge" }, title),
      );
      button.addEventListener("click", () => { choose(number); });
      return element("li", {}, button);
    }),
  );
}

const dialler = installDialler({
  handle: () => state.card?.phone,
  reopen: () => openPhone(state.selected),
});

const ringing = installRinging({ handle: () => state.card?.phone, say: tell });
const voice = installVoice({ handle: () => state.card?.phone });

async function choose(number) {
  dialler.leave();
  ringing.leave();
  voice?.leave();
  const known = await openPhone(number);
  ui.numberError.textContent = known ? "" : "این شماره، تلفنی در ایران نیست؛ مثلاً ۰۹۱۲ ۱۲۳ ۴۵۶۷";
  ui.number.setAttribute("aria-invalid", String(!known));
  if (!known) {
    ui.number.focus();
    openPhone(state.selected);
    return;
  }
  ui.number.value = "";
  closePanel();
}

ui.add.addEventListener("submit", (event) => {
  event.preventDefault();
  if (ui.number.value.trim()) choose(ui.number.value.trim());
});
ui.panel.addEventListener("click", ({ target }) => {
  const ending = target.closest("[data-ending]")?.dataset.ending;
  if (ending) choose(DEFAULT_NUMBER.slice(0, -ending.length) + ending);
});

function openPanel() {
  ui.panel.classList.add("open");
  ui.backdrop.hidden = false;
  ui.phone.inert = true;
  ui.openPanel.setAttribute("aria-expanded", "true");
  ui.closePanel.focus();
}

function closePanel() {
  if (!ui.panel.classList.contains("open")) return;
  ui.panel.classList.remove("open");
  ui.backdrop.hidden = true;
  ui.phone.inert = false;
  ui.openPanel.setAttribute("aria-expanded", "false");
  ui.openPanel.focus();
}

ui.openPanel.addEventListener("click", () => {
  // On a wide screen the panel is always there; the button leads to it.
  if (getComputedStyle(ui.closePanel.parentElement).display === "none") ui.number.focus();
  else openPanel();
});
ui.closePanel.addEventListener("click", closePanel);
ui.backdrop.addEventListener("click", closePanel);
document.addEventListener("keydown", (event) => event.key === "Escape" && closePanel());
document.addEventListener("visibilitychange", () => { if (!document.hidden) document.title = "تلفن آزمایشی پیام"; });

function tick() {
  ui.clock.textContent = asTime.format(new Date());
  setTimeout(tick, 60_000 - (Date.now() % 60_000));
}

ui.line.textContent = persian(document.body.dataset.line);
tick();
measure();
showPhones();
openPhone(state.selected).then((known) => known || openPhone(DEFAULT_NUMBER));
