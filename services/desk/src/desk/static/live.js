// One connection for the whole page: what changed elsewhere is read again here, the parts concerned alone.

const GATHER = 250;
const QUIET = 4000;
const DIAL_AGAIN = 5000;
const ASK_FOR_DELIVERY = 45_000;
const OF_THE_CASE_ALONE = new Set(["delivery_moved", "call_moved", "transcript_kept"]);
const DELIVERY_TAKES = 600_000;
const banner = document.getElementById("connection");

let source = null;
let wasLost = false;
let quiet = 0;
let redial = 0;
let gathering = 0;
const changed = { cases: new Set(), desks: new Set(), everything: false, unnamed: false };

function concerned(element) {
  const { liveCase, liveDesk } = element.dataset;
  if (liveCase) return changed.unnamed || changed.cases.has(liveCase);
  return liveDesk === "*" ? changed.desks.size > 0 : changed.desks.has(liveDesk);
}

function refresh(everything = changed.everything) {
  clearTimeout(gathering);
  gathering = 0;
  for (const element of document.querySelectorAll("[data-live-case], [data-live-desk]")) {
    if (everything || concerned(element)) globalThis.htmx?.trigger(element, "live");
  }
  changed.cases.clear();
  changed.desks.clear();
  changed.everything = changed.unnamed = false;
}

function heard(event) {
  const told = JSON.parse(event.data);
  for (const code of told.cases ?? []) changed.cases.add(code);
  // How far an answer or a call has come, and what was heard in a recording, stand on the page of their case alone:
  // no list is read again for them.
  const aside = told.types?.length > 0 && told.types.every((type) => OF_THE_CASE_ALONE.has(type));
  for (const desk of aside ? [] : told.desks ?? []) changed.desks.add(desk);
  // Too many cases to name: each may be meant. Nothing named at all: the feed was deaf for a while.
  changed.unnamed ||= !told.cases?.length;
  changed.everything ||= !told.cases?.length && !told.desks?.length;
  // A little chance, so that a hundred desks do not ask in the same breath.
  gathering ||= setTimeout(() => refresh(), GATHER + Math.random() * GATHER);
}

function opened() {
  clearTimeout(quiet);
  quiet = 0;
  banner.hidden = true;
  if (wasLost) refresh(true);
  wasLost = false;
}

function failed() {
  wasLost = true;
  quiet ||= setTimeout(() => { banner.hidden = false; }, QUIET);
  if (source?.readyState === EventSource.CLOSED) {
    clearTimeout(redial);
    redial = setTimeout(dial, DIAL_AGAIN + Math.random() * DIAL_AGAIN);
  }
}

// The feed tells of answers; of what went out by itself it does not: its case is asked for, now and then.
function askForDelivery() {
  if (document.hidden) return;
  const since = Date.now() - DELIVERY_TAKES;
  const awaited = [...document.querySelectorAll("[data-on-its-way]")];
  if (!awaited.some((one) => Date.parse(one.dataset.onItsWay) > since)) return;
  for (const element of document.querySelectorAll("[data-live-case]")) globalThis.htmx?.trigger(element, "live");
}

function dial() {
  source?.close();
  source = new EventSource("/events");
  source.addEventListener("change", heard);
  source.addEventListener("open", opened);
  source.addEventListener("error", failed);
}

function hangUp() {
  source?.close();
  source = null;
  wasLost = true;
}

if (document.querySelector("[data-live-case], [data-live-desk]") && banner) {
  dial();
  // A browser has six connections for all its tabs: those that nobody looks at give theirs back.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) hangUp();
    else if (!source) dial();
  });
  addEventListener("pagehide", hangUp);
  addEventListener("online", dial);
  setInterval(askForDelivery, ASK_FOR_DELIVERY);
}
