// Deadlines go on by themselves: the same words as the server's, from the moment in `datetime`.

const EVERY = 15_000;
const SOON = 4 * 3_600_000;
const UNITS = {
  fa: [[1440, "روز"], [60, "ساعت"], [1, "دقیقه"]],
  en: [[1440, "day"], [60, "hour"], [1, "minute"]],
};
const language = document.documentElement.lang === "en" ? "en" : "fa";

function digits(number) {
  return language === "en" ? `${number}` : `${number}`.replace(/\d/g, (digit) => "۰۱۲۳۴۵۶۷۸۹"[digit]);
}

export function span(milliseconds) {
  let minutes = Math.floor(Math.abs(milliseconds) / 60_000);
  const told = [];
  for (const [size, unit] of UNITS[language]) {
    const count = Math.floor(minutes / size);
    minutes %= size;
    if (count) told.push(`${digits(count)} ${unit}${language === "en" && count > 1 ? "s" : ""}`);
  }
  if (!told.length) return language === "en" ? "less than a minute" : "کمتر از یک دقیقه";
  return told.slice(0, 2).join(language === "en" ? " and " : " و ");
}

export function left(milliseconds) {
  const late = milliseconds < 0;
  if (language === "en") return `${span(milliseconds)} ${late ? "overdue" : "left"}`;
  return `${span(milliseconds)} ${late ? "گذشته" : "مانده"}`;
}

function tick() {
  const now = Date.now();
  for (const due of document.querySelectorAll("[data-ticking]")) {
    const gap = Date.parse(due.dateTime) - now;
    const words = due.querySelector("span");
    const told = left(gap);
    if (words && words.textContent !== told) words.textContent = told;
    due.classList.toggle("late", gap < 0);
    due.classList.toggle("soon", gap >= 0 && gap < SOON);
  }
}

setInterval(tick, EVERY);
document.addEventListener("visibilitychange", tick);
