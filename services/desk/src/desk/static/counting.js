// Beside a text that goes out as SMS: how many parts it takes, as one types.
import { estimate } from "./parts.js";

const numbers = new Intl.NumberFormat(document.documentElement.lang === "en" ? "en" : "fa-IR");

for (const meter of document.querySelectorAll("[data-counts]")) {
  const text = document.getElementById(meter.dataset.counts);
  const tell = () => {
    const told = { units: text.value.length, parts: estimate(text.value).parts };
    meter.textContent = meter.dataset.words.replace(/\{(\w+)\}/g, (_, name) => numbers.format(told[name]));
  };
  text.addEventListener("input", tell);
  tell();
}
