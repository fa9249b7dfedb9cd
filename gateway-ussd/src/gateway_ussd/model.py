"""One request of an operator and one screen of ours, in the words that every provider shares."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum


class StepKind(StrEnum):
    """Where in a session a request stands."""

    BEGIN = "begin"
    CONTINUE = "continue"
    END = "end"
    """The person, the network or a time-out ended it; nothing is answered."""


class EndReason(StrEnum):
    """Why a session ended, as the operator tells it."""

    DONE = "done"
    ABORTED = "aborted"
    TIMED_OUT = "timed_out"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Step:
    """One request of an operator."""

    provider: str
    """The provider's name in the settings."""
    session_id: str
    """The operator's own."""
    msisdn: str
    """E.164 with its plus."""
    service_code: str
    """As dialled, without what was dialled behind it: `*4*1420#`."""
    kind: StepKind
    typed: str | None = None
    """BEGIN: what was dialled behind the code (`1*2`); CONTINUE: what was typed last. None with `chain`."""
    chain: tuple[str, ...] | None = None
    """Of a provider that sends them: every input of the session so far, the dialled ones first."""
    reason: EndReason | None = None
    """With END."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What stands on the person's phone."""

    text: str
    """At most 160 octets as it goes over the air."""
    ends: bool
    """The last of its session: nothing can be typed."""


Screens = Callable[[Step], Awaitable[Screen]]
"""The screen for a step: never raises, always inside the budget."""
