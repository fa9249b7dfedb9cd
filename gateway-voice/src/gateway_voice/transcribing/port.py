"""What the gateway asks of whoever turns speech into text, and how it is answered."""

import re
from dataclasses import dataclass
from typing import Final, Protocol

_LONGEST: Final = 20_000
"""Letters; in four hours nobody says more."""
_UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]+")
"""Controls, and marks that turn the direction of whatever stands after them."""
_GAP: Final = re.compile(" {2,}")


@dataclass(frozen=True, slots=True)
class Understood:
    """What a machine took a recording for."""

    text: str
    """Never empty."""
    confidence: float | None
    """0 to 1; None where the machine does not say."""
    language: str | None
    """Which it took it for."""
    model: str
    """Which machine."""


class Transcriber(Protocol):
    """Asked about one recording at a time, or a few at once."""

    async def transcribe(self, sound: bytes) -> Understood | None:
        """What is said in this Ogg Opus; None where no word was understood.

        Raises:
            TranscriberAwayError: no answer that can be used; ask again later.
            NotTranscribedError: never for this recording.
        """
        ...

    async def close(self) -> None:
        """Let go of what is open."""
        ...


def cleaned(text: str) -> str:
    """A machine's words as a page can show them: on one line, no marks that nobody sees, not without end."""
    return _GAP.sub(" ", _UNSEEN.sub(" ", text)).strip()[:_LONGEST].rstrip()
