// A telephone that rings: somebody reads something out to whoever picks up.

const $ = (id) => document.getElementById(id);

export function installRinging({ handle, say }) {
  const sheet = $("ringing");
  const buttons = [$("answer"), $("decline")];
  let ringing = "";
  let before = null;

  function open(message) {
    if (ringing === message.id) return;
    before ??= document.activeElement;
    ringing = message.id;
    sheet.hidden = false;
    for (const button of buttons) button.disabled = false;
    buttons[0].focus();
  }

  function close() {
    ringing = "";
    sheet.hidden = true;
    before?.focus?.();
    before = null;
  }

  async function pickUp(answered) {
    for (const button of buttons) button.disabled = true;
    try {
      const answer = await fetch(`/phones/${handle()}/calls/${ringing}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ answered }),
      });
      if (!answer.ok) close();
    } catch {
      say("ارتباط با شبیه‌ساز قطع است؛ خودش دوباره وصل می‌شود…");
      for (const button of buttons) button.disabled = false;
    }
  }

  $("answer").addEventListener("click", () => pickUp(true));
  $("decline").addEventListener("click", () => pickUp(false));
  sheet.addEventListener("keydown", (event) => {
    if (event.key === "Escape") pickUp(false);
    if (event.key === "Tab") {
      event.preventDefault();
      buttons[document.activeElement === buttons[0] ? 1 : 0].focus();
    }
  });

  return {
    // Whether it is a call that still rings, and so no message to show yet.
    heard(message) {
      if (message.spoken && message.state === "ringing") {
        open(message);
        return true;
      }
      if (message.id === ringing) close();
      return false;
    },
    leave: close,
  };
}
