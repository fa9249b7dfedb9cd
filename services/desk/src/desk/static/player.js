// A recording: its waveform is where one is and where one goes. Without script the browser's own controls do.
const SPEEDS = [1, 1.25, 1.5, 2, 0.75];
const STEP = 5;
const KEPT = "player-speed";
const digits = new Intl.NumberFormat(document.documentElement.lang, { minimumIntegerDigits: 2, useGrouping: false });
const plain = new Intl.NumberFormat(document.documentElement.lang, { useGrouping: false });

function speed() {
  const kept = Number(localStorage.getItem(KEPT));
  return SPEEDS.includes(kept) ? kept : 1;
}

function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${plain.format(Math.floor(whole / 60))}:${digits.format(whole % 60)}`;
}

const lengthOf = (player) => Number(player.dataset.seconds) || player.querySelector("audio").duration || 0;

function show(player) {
  const audio = player.querySelector("audio");
  const length = lengthOf(player);
  const at = Math.min(audio.currentTime, length);
  const told = `${clock(at)} / ${clock(length)}`;
  const wave = player.querySelector("[data-wave]");
  player.querySelector("[data-played]").style.clipPath = `inset(0 ${100 - (length ? (100 * at) / length : 0)}% 0 0)`;
  player.querySelector("[data-time]").textContent = told;
  wave.setAttribute("aria-valuenow", Math.round(at));
  wave.setAttribute("aria-valuetext", told);
}

function playing(player) {
  const audio = player.querySelector("audio");
  const button = player.querySelector("[data-play]");
  button.dataset.playLabel ??= button.getAttribute("aria-label");
  button.setAttribute("aria-label", audio.paused ? button.dataset.playLabel : button.dataset.pauseLabel);
  player.classList.toggle("playing", !audio.paused);
}

function toggle(player) {
  const audio = player.querySelector("audio");
  if (!audio.paused) return audio.pause();
  for (const other of document.querySelectorAll("[data-player] audio")) if (other !== audio) other.pause();
  audio.playbackRate = speed();
  audio.play().catch(() => audio.setAttribute("controls", "")); // what the browser cannot play it explains itself
}

function goTo(player, seconds) {
  const audio = player.querySelector("audio");
  audio.currentTime = Math.min(Math.max(seconds, 0), lengthOf(player));
  show(player);
}

function faster() {
  const next = SPEEDS[(SPEEDS.indexOf(speed()) + 1) % SPEEDS.length];
  localStorage.setItem(KEPT, next);
  for (const audio of document.querySelectorAll("[data-player] audio")) audio.playbackRate = next;
  for (const button of document.querySelectorAll("[data-speed]")) button.textContent = `${plain.format(next)}×`;
}

function begin() {
  for (const player of document.querySelectorAll("[data-player]:not([data-begun])")) {
    player.dataset.begun = "";
    player.querySelector("audio").removeAttribute("controls");
    player.querySelector(".player-row").hidden = false;
    player.querySelector("[data-speed]").textContent = `${plain.format(speed())}×`;
    show(player);
  }
}

function pointed(event) {
  const wave = event.target.closest?.("[data-wave]");
  if (!wave || (event.type === "pointermove" && !wave.hasPointerCapture(event.pointerId))) return;
  if (event.type === "pointerdown") wave.setPointerCapture(event.pointerId);
  const box = wave.getBoundingClientRect();
  const player = wave.closest("[data-player]");
  goTo(player, (lengthOf(player) * (event.clientX - box.left)) / box.width);
}

const KEYS = {
  Space: (player) => toggle(player),
  ArrowLeft: (player, at) => goTo(player, at - STEP),
  ArrowRight: (player, at) => goTo(player, at + STEP),
  Home: (player) => goTo(player, 0),
  End: (player) => goTo(player, lengthOf(player)),
};

document.addEventListener("keydown", (event) => {
  const wave = event.target.closest?.("[data-wave]");
  if (!wave || event.ctrlKey || event.altKey || event.metaKey || !KEYS[event.code]) return;
  event.preventDefault();
  event.stopPropagation();
  const player = wave.closest("[data-player]");
  KEYS[event.code](player, player.querySelector("audio").currentTime);
}, true);
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-play], [data-speed]");
  if (!button) return;
  const player = button.closest("[data-player]");
  if ("play" in button.dataset) toggle(player);
  else faster();
});
for (const name of ["pointerdown", "pointermove"]) document.addEventListener(name, pointed);
// Media events do not rise; they can be met on the way down.
for (const name of ["timeupdate", "play", "pause", "ended", "seeked"]) {
  document.addEventListener(name, (event) => {
    const player = event.target.closest?.("[data-player]");
    if (!player) return;
    show(player);
    playing(player);
  }, true);
}
document.addEventListener("htmx:afterSettle", begin);
document.addEventListener("htmx:oobAfterSwap", begin);
begin();
