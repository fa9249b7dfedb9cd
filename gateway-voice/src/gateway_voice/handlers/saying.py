"""What one call is being told: one thing at a time, and how long it takes until nothing more is said."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from gateway_voice.calls.model import Say
from gateway_voice.clients.ari import Ari

_LONGEST: Final = 120.0
"""After so many seconds the end of what is said has been missed."""


@dataclass(slots=True)
class Saying:
    """The mouth of one channel, and its clock."""

    ari: Ari
    channel: str
    media: Callable[[str], str]
    """Where Asterisk finds a prompt."""
    _playback: str | None = field(default=None, init=False)
    _playbacks: int = field(default=0, init=False)
    _wait: float = field(default=0.0, init=False)
    _quiet_at: float | None = field(default=None, init=False)

    async def say(self, say: Say) -> None:
        """Instead of what is being said."""
        await self.hush()
        self._playbacks += 1
        self._playback = f"{self.channel}.{self._playbacks}"
        self._wait, self._quiet_at = say.wait, time.monotonic() + _LONGEST
        await self.ari.play(self.channel, self._playback, [self.media(each) for each in say.prompts])

    async def hush(self) -> None:
        """Stop."""
        if self._playback is not None:
            playback, self._playback = self._playback, None
            await self.ari.hush(playback)

    def said(self, playback: str) -> None:
        """Something has been heard to its end; of something older it matters no more."""
        if playback == self._playback:
            self._playback = None
            self.expect(self._wait)

    def refused(self, wait: float) -> None:
        """It could not be said: as if it had been."""
        self._playback = None
        self.expect(wait)

    def expect(self, seconds: float | None) -> None:
        """Quiet, or overdue, after so many seconds; None waits for as long as it takes."""
        self._quiet_at = None if seconds is None else time.monotonic() + seconds

    def overdue(self) -> None:
        """The time has come."""
        self._quiet_at, self._playback = None, None

    @property
    def patience(self) -> float | None:
        """Seconds from now."""
        return None if self._quiet_at is None else max(0.0, self._quiet_at - time.monotonic())
