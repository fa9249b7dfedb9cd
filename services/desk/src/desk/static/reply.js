// The reply box: what it will cost, a draft that is never lost, standard answers by one key, one sending.
import { estimate } from "./parts.js";

const LONGEST = 900;
const PAUSE = 800;
const TRY_AGAIN = 5000;
const language = document.documentElement.lang === "en" ? "en" : "fa";
const numbers = new Intl.NumberFormat(language === "en" ? "en" : "fa-IR");
let saving = 0;
let underWay = null;

const form = () => document.getElementById("reply");
const box = () => document.getElementById("text");
const kept = (code) => `payam-draft-${code}`;

function store(action) {
  try {
    return action(localStorage);
  } catch {
    return null; // a browser that keeps nothing: the server has the draft a moment later
  }
}

function measure() {
  const meter = document.getElementById("meter");
  const text = box().value;
  const { encoding, parts } = estimate(text);
  const price = Number(encoding === "ucs2" ? form().dataset.persian : form().dataset.latin);
  const told = { letters: text.length, parts, rial: parts * price, seconds: seconds(text) };
  meter.textContent = text && fill(meter.dataset.sentence, told);
  meter.classList.toggle("over", text.length > LONGEST);
}

// About how long a voice takes, as `persian.speech` has it.
function seconds(text) {
  const digits = text.match(/\p{Nd}/gu)?.length ?? 0;
  const pauses = text.match(/[.!?؟؛،:,]/gu)?.length ?? 0;
  return Math.max(1, Math.ceil((text.length - digits - pauses) / 13 + digits * 0.4 + pauses * 0.35));
}

function fill(sentence, told) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => numbers.format(told[name]));
}

function say(which) {
  const state = form()?.querySelector(".draft-state");
  if (state) state.textContent = which ? state.dataset[which] : "";
}

function keep(address, text) {
  return fetch(address, {
    method: "POST",
    body: new URLSearchParams({ text }),
    headers: { "X-Requested-With": "draft" },
    keepalive: true,
  });
}

async function save() {
  clearTimeout(saving);
  saving = 0;
  const current = form();
  if (!current) return;
  const code = current.dataset.code;
  const text = box().value;
  say("saving");
  try {
    underWay = keep(current.dataset.draft, text);
    const answer = await underWay;
    if (!answer.ok) throw new Error(`${answer.status}`);
    if (form()?.dataset.code !== code || box().value === text) {
      store((storage) => storage.removeItem(kept(code)));
      say(text ? "saved" : "");
    }
  } catch {
    say("local");
    saving = setTimeout(save, TRY_AGAIN);
  }
}

function typed() {
  measure();
  store((storage) => storage.setItem(kept(form().dataset.code), box().value));
  clearTimeout(saving);
  saving = setTimeout(save, PAUSE);
}

export function insert(link) {
  const text = box();
  if (!text) return;
  const words = link.dataset.insert;
  const before = text.value.slice(0, text.selectionStart);
  const space = before && !before.endsWith("\n") ? "\n" : "";
  text.focus();
  text.setRangeText(space + words, text.selectionStart, text.selectionEnd, "end");
  if (link.dataset.answer) {
    form().elements.answer_id.value = link.dataset.answer;
    form().elements.answer_number.value = link.dataset.number;
  }
  typed();
}

// While a text stands in the box, what changed meanwhile is shown first; the server would refuse it anyway.
function caughtUp() {
  const talk = document.getElementById("conversation");
  const current = form();
  if (!talk || !current) return;
  const seen = current.dataset.last ?? talk.dataset.last;
  if (talk.dataset.last === seen || !box().value.trim()) {
    current.elements.version.value = talk.dataset.version;
    current.dataset.last = talk.dataset.last ?? "";
  } else {
    current.querySelector(".reply-stale").hidden = false;
  }
}

const bare = (text) => text.replace(/[^\p{L}]/gu, "");

// What is read out stands there as it was heard, with a greeting before it: long enough, its letters tell.
function wasSent(text) {
  const sent = document.querySelectorAll("#conversation .said.us .said-text");
  const letters = form().dataset.heard === undefined ? "" : bare(text);
  return [...sent].some(
    (one) => one.textContent.trim() === text.trim() || (letters.length > 20 && bare(one.textContent).includes(letters)),
  );
}

function begin() {
  const current = form();
  if (!current || current.dataset.begun) return;
  current.dataset.begun = "yes";
  current.dataset.last = document.getElementById("conversation")?.dataset.last ?? "";
  const left = store((storage) => storage.getItem(kept(current.dataset.code)));
  if (left && wasSent(left)) {
    // The page was left before it heard that its answer had gone.
    store((storage) => storage.removeItem(kept(current.dataset.code)));
  } else if (left) {
    box().value = left;
    say("local");
    saving ||= setTimeout(save, PAUSE);
  }
  measure();
}

document.addEventListener("input", (event) => {
  if (event.target.id === "text" && form()?.contains(event.target)) typed();
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-insert]");
  if (link && form()) {
    event.preventDefault();
    insert(link);
  }
  if (event.target.closest("[data-seen]")) {
    const talk = document.getElementById("conversation");
    form().elements.version.value = talk.dataset.version;
    form().dataset.last = talk.dataset.last;
    form().querySelector(".reply-stale").hidden = true;
    box().focus();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const current = event.target.closest?.("form");
    if (current) {
      event.preventDefault();
      current.requestSubmit(current.querySelector(".send, .primary"));
    }
  }
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id === "reply") {
    clearTimeout(saving);
    saving = 0;
  }
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { requestConfig, xhr, successful } = event.detail;
  // The answer to it replaces the form: the event then comes from what stands around it, not from the form.
  const sent = requestConfig.elt;
  if (sent.id !== "reply") return;
  // The answer has gone, and the draft with it; any other end leaves the text here, and to be kept there.
  if (successful && xhr.responseURL && !xhr.responseURL.includes("/replies")) {
    store((storage) => storage.removeItem(kept(sent.dataset.code)));
    // A draft that was under way while the answer went may have come after it: nobody is to send it again.
    underWay?.finally(() => keep(sent.dataset.draft, "")).catch(() => {});
    underWay = null;
  } else saving ||= setTimeout(save, TRY_AGAIN);
});
document.addEventListener("htmx:oobAfterSwap", caughtUp);
document.addEventListener("htmx:afterSettle", begin);
addEventListener("online", () => form() && saving && save());
if (location.pathname === "/login") store((storage) => storage.clear());
begin();
