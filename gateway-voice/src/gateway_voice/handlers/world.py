"""What every call under way is given, and what it is told beside the events of the flow."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway_voice.calls.model import Rules
from gateway_voice.clients.ari import Ari
from gateway_voice.clients.case_store import CaseStore
from gateway_voice.handlers.stored import Stored
from gateway_voice.settings import AsteriskSettings


@dataclass(frozen=True, slots=True)
class Said:
    """A playback has ended."""

    playback: str


@dataclass(frozen=True, slots=True)
class Back:
    """Asterisk was lost and is back, and the call is still there."""


@dataclass(frozen=True, slots=True)
class Channel:
    """What Asterisk tells of a call as it comes in."""

    id: str
    caller: str | None
    """E.164."""
    called: str
    """Our number."""


@dataclass(frozen=True, slots=True)
class World:
    """What every call needs."""

    ari: Ari
    stored: Stored
    case_store: CaseStore
    mint: Callable[[], str | None]
    settings: AsteriskSettings

    @property
    def rules(self) -> Rules:
        """For the flow."""
        return Rules(self.settings.key_seconds, self.settings.shortest_message_seconds)
