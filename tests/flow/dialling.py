"""A person at a handset of the simulated world: dials, reads, types."""

from dataclasses import dataclass, field

import httpx

from tests.flow.running import Flow

CODE = "*4*1420#"
A_COMPLAINT_ABOUT_A_PENSION = ("2", "2", "3", "2", "1")
"""A question or complaint · a complaint · retirement · pension payment · I write."""


@dataclass
class Handset:
    """One phone; `provider` is the form that its operator speaks."""

    flow: Flow
    number: str
    provider: str = "africastalking"
    text: str = ""
    ends: bool = True
    _handle: str = field(default="", repr=False)

    def dial(self, code: str = CODE) -> str:
        """The first screen."""
        return self._do("dial", code)

    def type(self, *answers: str) -> str:
        """The screen after the last of them."""
        for answer in answers:
            assert not self.ends, self.text
            self._do("answer", answer)
        return self.text

    def cancel(self) -> None:
        """Put it away."""
        self._do("cancel")

    def _do(self, action: str, text: str = "") -> str:
        with httpx.Client(base_url=self.flow.url("SIMULATOR"), timeout=30) as world:
            if not self._handle:
                opened = world.post("/phones", json={"number": self.number}).raise_for_status()
                self._handle = opened.json()["phone"]
            done = {"action": action, "text": text}
            if action == "dial":
                done["provider"] = self.provider
            screen = world.post(f"/phones/{self._handle}/ussd", json=done).raise_for_status().json()
        self.text, self.ends = screen["text"], screen["ends"]
        return self.text
