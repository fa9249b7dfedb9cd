// A button beside a code: what it copies stands in `data-copy`, what it then says in `data-copied`.

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    return; // the code is on the page, to be marked by hand
  }
  const words = button.querySelector("span");
  words.textContent = button.dataset.copied;
  const announcer = document.getElementById("announcer");
  if (announcer) announcer.textContent = button.dataset.copied;
});
