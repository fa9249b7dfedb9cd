// In the week's form: one press gives a day the hours of the day before.

for (const button of document.querySelectorAll("[data-copy-down]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const days = [...document.querySelectorAll(".week-day input")];
    const at = days.findIndex((day) => day.id === button.dataset.copyDown);
    days[at].value = days[at - 1].value;
    days[at].focus();
  });
}
