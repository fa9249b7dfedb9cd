"""What is known of a step while it is being answered, and the record that comes of it."""

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway_ussd.conversation import Outcome, State
from gateway_ussd.menus import Menu
from gateway_ussd.model import Screen, Step
from gateway_ussd.repository.record import Phase, Record, Reserved, digest, mark_of
from gateway_ussd.repository.sessions import Held

_SECONDS_A_DAY: Final = 86_400
_MOST_PAST: Final = 4


class Stop(StrEnum):
    """Why a turn does not come to its screen."""

    LATE = "late"
    MOVED = "moved"
    """Somebody else has written meanwhile: read again."""


@dataclass(slots=True)
class Turn:
    """One step on its way."""

    step: Step
    held: Held | None
    """What Redis has, as far as is known; written over at the end."""
    until: float
    """When whatever is asked elsewhere must have answered, by the monotonic clock."""
    menu: Menu
    state: State
    outcome: Outcome
    begun: int
    serial: int
    past: tuple[str, ...] = ()
    reserved: Reserved | None = None
    handed_in: bool = False
    """Its screen shows the code of what was handed in: shown whatever happens next."""

    @property
    def seconds(self) -> float:
        """That are left."""
        return self.until - time.monotonic()

    @property
    def name(self) -> str:
        """Of this step among all that the provider ever sends, the same for every copy of it.

        A chain tells a step by itself; of a last input only the session knows when it began.
        """
        step = self.step
        if step.chain is None:
            return f"{step.session_id}:{self.begun}:{self.serial}"
        day = int(time.time() // _SECONDS_A_DAY)
        return f"{step.session_id}:{day}:{digest(step.msisdn, *step.chain[: self.serial])}:{self.serial}"

    def reserve(self, code: str | None) -> Reserved:
        """The message that is about to be handed in."""
        return Reserved(self.step.provider, self.step.session_id, self.name, code)

    def record(self, screen: Screen, phase: Phase) -> Record:
        """To be kept."""
        return Record(
            provider=self.step.provider,
            session_id=self.step.session_id,
            begun=self.begun,
            at=time.time(),
            phase=phase,
            serial=self.serial,
            mark=mark_of(self.step, self.serial),
            state=self.state,
            text=screen.text,
            ends=screen.ends,
            past=self.past,
            reserved=self.reserved,
        )


def past_of(record: Record | None, step: Step) -> tuple[str, ...]:
    """The sessions that a new one takes over."""
    if record is None:
        return ()
    own = f"{step.provider}/{step.session_id}"
    return tuple(name for name in (*record.past, record.name) if name != own)[-_MOST_PAST:]
