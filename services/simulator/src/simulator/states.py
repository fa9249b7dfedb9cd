"""The life of an MT: Kavenegar's status codes (table 2) and when each one comes."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final, NamedTuple

from simulator.numbers import Behaviour


class Status(IntEnum):
    """Kavenegar's status of a message. There is no 3."""

    QUEUED = 1
    SCHEDULED = 2
    AT_TELECOM = 4
    AT_TELECOM_TOO = 5
    FAILED = 6
    DELIVERED = 10
    UNDELIVERED = 11
    CANCELLED = 13
    BLOCKED = 14
    UNKNOWN = 100


STATUS_TEXT: Final[Mapping[Status, str]] = {
    Status.QUEUED: "در صف ارسال",
    Status.SCHEDULED: "زمان بندی شده",
    Status.AT_TELECOM: "ارسال به مخابرات",
    Status.AT_TELECOM_TOO: "ارسال به مخابرات",
    Status.FAILED: "خطا در ارسال پیام",
    Status.DELIVERED: "رسیده به گیرنده",
    Status.UNDELIVERED: "نرسیده به گیرنده",
    Status.CANCELLED: "لغو شده",
    Status.BLOCKED: "بلاک شده است",
    Status.UNKNOWN: "شناسه پیامک نامعتبر است",
}
FINAL: Final = frozenset(
    {Status.FAILED, Status.DELIVERED, Status.UNDELIVERED, Status.CANCELLED, Status.BLOCKED},
)
AT_THE_TELECOM: Final = frozenset({Status.AT_TELECOM, Status.AT_TELECOM_TOO})
REFUNDED: Final = frozenset({Status.CANCELLED, Status.BLOCKED})

_ENDING: Final[Mapping[Behaviour, Status | None]] = {
    Behaviour.UNDELIVERED: Status.UNDELIVERED,
    Behaviour.BLOCKED: Status.BLOCKED,
    Behaviour.FAILED: Status.FAILED,
    Behaviour.STUCK: None,
}


class Pace(NamedTuple):
    """How fast the simulated telecom is; the real one takes under a second, then up to minutes."""

    to_telecom: float
    """Seconds from the queue to the telecom."""
    to_final: float
    """Seconds from the queue to the final state."""


class Step(NamedTuple):
    """A state that a message moves to, and when."""

    at: float
    status: Status


def itinerary(behaviour: Behaviour, *, send_at: float, pace: Pace, odd: bool) -> tuple[Step, ...]:
    """Every state after the first, in order: queue, telecom (4, or 5 for odd ids), the end."""
    at_telecom = Status.AT_TELECOM_TOO if odd else Status.AT_TELECOM
    steps = (Step(send_at, Status.QUEUED), Step(send_at + pace.to_telecom, at_telecom))
    ending = _ENDING.get(behaviour, Status.DELIVERED)
    if ending is None:
        return steps
    return (*steps, Step(send_at + pace.to_final, ending))
