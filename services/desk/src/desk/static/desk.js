// What every page does with script; without it, everything is a link or a form all the same.
import "./live.js";
import "./ticking.js";
import "./reply.js";
import "./keys.js";
import "./player.js";

const GOOD_NEWS_STAYS = 6000;

document.documentElement.classList.add("js");

function fade(notices) {
  for (const notice of notices.querySelectorAll(".notice.good")) {
    setTimeout(() => notice.remove(), GOOD_NEWS_STAYS);
  }
}

function mark() {
  const code = document.querySelector("#case[data-code]")?.dataset.code;
  for (const row of document.querySelectorAll(".row-case")) {
    const here = code !== undefined && row.querySelector(".row-link")?.id === `row-${code}`;
    row.classList.toggle("here", here);
    const link = row.querySelector(".row-link");
    if (here) link?.setAttribute("aria-current", "true");
    else link?.removeAttribute("aria-current");
  }
}

// A row of chips that is longer than the screen is wide shows the one that is chosen.
function showChosen() {
  for (const chip of document.querySelectorAll(".chips [aria-current]")) {
    chip.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

function lost() {
  const words = document.getElementById("sentence-lost");
  document.getElementById("notices")?.replaceChildren(words.content.cloneNode(true));
}

for (const again of document.querySelectorAll("[data-again]")) {
  const to = again.dataset.to ?? location.href;
  setTimeout(() => location.replace(to), Number(again.dataset.again) * 1000);
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
  for (const act of document.querySelectorAll(".act[open]")) {
    if (!act.contains(event.target)) act.open = false;
  }
});
document.addEventListener("toggle", (event) => {
  // A form that has just opened is there to be written into.
  if (event.target.open && event.target.matches?.(".act, .inline-act")) {
    event.target.querySelector("form select, form textarea, form input:not([type=hidden])")?.focus();
  }
}, true);

for (const name of ["htmx:sendError", "htmx:timeout", "htmx:swapError"]) document.addEventListener(name, lost);
document.addEventListener("htmx:afterSettle", (event) => {
  mark();
  fade(document.getElementById("notices"));
  if (event.detail.target?.id === "counts") showChosen();
  if (event.detail.target?.id === "case") {
    document.getElementById("case")?.focus({ preventScroll: true });
    toTheEnd();
  }
});
// A form of ours that somebody is writing into is not replaced under their hands.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const target = event.detail.target;
  if (target?.id === "acts" && target.querySelector("details[open]")) event.preventDefault();
  if (target?.id === "call-back" && target.querySelector(".act[open]")) event.preventDefault();
  if (target?.id === "conversation" && target.querySelector(".inline-act[open]")) event.preventDefault();
});
// A list that was read on for some pages is refreshed as long as it was.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.id === "list") event.detail.parameters.rows = document.querySelectorAll("#rows > .row-case").length;
});

// The newest is below; whoever had read on to it stays with it when more comes.
function toTheEnd() {
  const talk = document.querySelector(".panes .talk");
  if (talk) talk.scrollTop = talk.scrollHeight;
}

let atTheEnd = true;
document.addEventListener("htmx:oobBeforeSwap", () => {
  const talk = document.querySelector(".talk");
  atTheEnd = talk !== null && talk.scrollHeight - talk.scrollTop - talk.clientHeight < 80;
});
document.addEventListener("htmx:oobAfterSwap", (event) => {
  if (atTheEnd && event.detail.target?.id === "conversation") toTheEnd();
});

mark();
fade(document.getElementById("notices"));
toTheEnd();
showChosen();
