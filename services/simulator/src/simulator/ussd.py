"""A USSD dialogue as an operator's network holds it: what was dialled, what was typed since, how it ended."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from envelope.addresses import latin_digits

_DIALLED: Final = re.compile(r"\*[0-9]+(?:\*[^*#]*)*#")
_NOISE: Final = re.compile(r"[\s\u200c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Ending(StrEnum):
    """Why a dialogue is over."""

    DONE = "done"
    """Our gateway showed its last screen."""
    CANCELLED = "cancelled"
    """The person put it away."""
    TIMED_OUT = "timed_out"
    """Nobody typed anything for too long."""
    FAILED = "failed"
    """Our gateway did not answer, or not in the operator's form."""


class Screen(NamedTuple):
    """What stands on the handset."""

    text: str
    ends: bool
    """Nothing can be typed; the dialogue is over."""


@dataclass(frozen=True, slots=True)
class Session:
    """What stays the same from the first request to the end."""

    id: int
    """The network's own; each operator writes it in its own form."""
    number: str
    """`0912…`."""
    service_code: str
    """`*4*1420#`."""
    tail: str
    """What was dialled behind the code: `1*2`, or nothing."""
    provider: str
    begun_at: float

    @property
    def msisdn(self) -> str:
        """`98912…`, as most operators write it."""
        return "98" + self.number[1:]

    @property
    def dialled(self) -> str:
        """The whole string, as the person typed it: `*4*1420*1*2#`."""
        return f"{self.service_code[:-1]}*{self.tail}#" if self.tail else self.service_code


@dataclass(frozen=True, slots=True)
class Turn:
    """One request: the session, and all that was typed in it so far."""

    session: Session
    typed: tuple[str, ...] = ()

    @property
    def chain(self) -> tuple[str, ...]:
        """Every input, the dialled ones first."""
        dialled = self.session.tail.split("*") if self.session.tail else ()
        return (*dialled, *self.typed)


@dataclass(slots=True)
class Dialogue:
    """A session that is under way."""

    session: Session
    moved_at: float
    """When a screen was last shown or something typed."""
    typed: tuple[str, ...] = ()
    waiting: bool = True
    """A request of it has not been answered yet."""
    shown: list[str] = field(default_factory=list)

    @property
    def turn(self) -> Turn:
        """The request that this moment calls for."""
        return Turn(self.session, self.typed)


def dialled_tail(typed: str, service_code: str) -> str | None:
    """What was dialled behind our code, in any digits; None when it is not our code.

    `*۴*۱۴۲۰*۱*۲#` behind `*4*1420#` is `1*2`, the code alone is the empty string.
    """
    dialled = _NOISE.sub("", latin_digits(typed))
    ours = service_code.removesuffix("#")
    if not _DIALLED.fullmatch(dialled):
        return None
    if dialled == service_code:
        return ""
    return dialled[len(ours) + 1 : -1] if dialled.startswith(ours + "*") else None
