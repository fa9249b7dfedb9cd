// The keyboard: by the key's place and not its letter, since the Persian layout has other letters there.
import { insert } from "./reply.js";

const GO = { KeyQ: "/queues", KeyM: "/mine", KeyR: "/register", KeyF: "/referrals", KeyS: "/search", KeyB: "/queues?list=all&show=to_call" };
const PRESSED = { KeyC: "c", KeyR: "r", KeyF: "f", KeyN: "n", KeyP: "p", KeyT: "t", KeyL: "l", KeyA: "a", KeyD: "d" };
let going = 0;

function writing(target) {
  return target.matches?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
}

function step(by) {
  const rows = [...document.querySelectorAll("[data-row]")];
  const links = rows.map((row) => row.querySelector("a")).filter(Boolean);
  const at = links.findIndex((link) => link === document.activeElement || link.closest(".here"));
  const focused = links.indexOf(document.activeElement);
  const from = focused >= 0 ? focused : at;
  const next = links[Math.min(Math.max(from + by, 0), links.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function press(key) {
  const found = [...document.querySelectorAll(`[data-key="${key}"]`)].find((one) => one.checkVisibility());
  if (!found) return false;
  if (found.tagName === "SUMMARY") {
    found.parentElement.open = true;
    return true;
  }
  if (found.getAttribute("href")?.startsWith("#")) {
    const target = document.querySelector(found.getAttribute("href"));
    target?.focus();
    target?.scrollIntoView({ block: "center" });
    return true;
  }
  found.click();
  return true;
}

function suggestion(code) {
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(code)?.[1];
  const link = digit && document.querySelector(`[data-digit="${digit}"]`);
  if (link) insert(link);
  return Boolean(link);
}

function leave() {
  const open = document.querySelector(".act[open], .inline-act[open]");
  if (open && open.contains(document.activeElement)) {
    open.open = false;
    open.querySelector("summary").focus();
  } else document.activeElement?.blur();
}

function pressed(event) {
  if (event.code === "Slash" && event.shiftKey) return document.getElementById("keys")?.showModal() ?? true;
  if (event.shiftKey) return false;
  if (going) {
    clearTimeout(going);
    going = 0;
    if (GO[event.code]) return location.assign(GO[event.code]) ?? true;
  }
  switch (event.code) {
    case "KeyJ": return step(1) ?? true;
    case "KeyK": return step(-1) ?? true;
    case "KeyG": going = setTimeout(() => { going = 0; }, 1200); return true;
    case "Slash": {
      const field = document.querySelector("input[type=search]");
      if (field) field.focus();
      else location.assign("/search");
      return true;
    }
    default: return PRESSED[event.code] ? press(PRESSED[event.code]) : suggestion(event.code);
  }
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") return void leave();
  const alt = event.altKey && !event.ctrlKey && !event.metaKey;
  if (alt && suggestion(event.code)) return void event.preventDefault();
  if (event.altKey || event.ctrlKey || event.metaKey || writing(event.target)) return;
  if (pressed(event)) event.preventDefault();
});
