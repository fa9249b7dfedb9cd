"""What the simulated world holds: messages in both directions, blocked numbers, fault modes."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

from simulator.numbers import Behaviour
from simulator.results import ResultCode
from simulator.states import STATUS_TEXT, Status


@dataclass(slots=True)
class Mt:
    """A message towards a phone, as Kavenegar remembers it."""

    messageid: int
    localid: int | None
    line: str
    receptor: str
    text: str
    accepted_at: float
    send_at: float
    cost: int
    parts: int
    behaviour: Behaviour
    status: Status = Status.QUEUED
    spoken: bool = False
    """Read out to whoever picks up, not an SMS."""
    asked: int = 1
    """How many times a call asked for it; above one, a repeat was recognised by its localid."""

    def entry(self) -> dict[str, Any]:
        """The full record, in the order of Kavenegar's document."""
        return {
            "messageid": self.messageid,
            "message": self.text,
            "status": self.status.value,
            "statustext": STATUS_TEXT[self.status],
            "sender": self.line,
            "receptor": self.receptor,
            "date": int(self.send_at),
            "cost": self.cost,
        }


@dataclass(slots=True)
class Mo:
    """A message from a phone, as it lies in the inbox of a line."""

    messageid: int
    sender: str
    line: str
    text: str
    received_at: float
    behaviour: Behaviour
    bubble_id: str
    """Which message on the phone it is."""
    is_read: bool = False

    def entry(self) -> dict[str, Any]:
        """The record of `sms/receive`."""
        return {
            "messageid": self.messageid,
            "message": self.text,
            "sender": self.sender,
            "receptor": self.line,
            "date": int(self.received_at),
        }


def status_entry(messageid: int, status: Status) -> dict[str, Any]:
    """The record of `sms/status` and `sms/cancel`."""
    return {"messageid": messageid, "status": status.value, "statustext": STATUS_TEXT[status]}


class BlockReason(IntEnum):
    """Who put a number on a line's block list."""

    WEB_SERVICE = 0
    PANEL = 1
    CANCEL_11 = 2
    ADMIN = 3
    UNKNOWN = 10


@dataclass(slots=True, frozen=True)
class Block:
    """A number on a line's block list."""

    number: str
    reason: BlockReason
    at: float


class BubbleState(StrEnum):
    """What the phone shows beside a message."""

    QUEUED = "queued"
    WAITING = "waiting"
    TAKEN = "taken"
    READ = "read"
    LOST = "lost"
    GIVEN_UP = "given_up"
    RINGING = "ringing"
    HEARD = "heard"
    MISSED = "missed"
    ARRIVED = "arrived"
    NOT_ARRIVED = "not_arrived"


@dataclass(slots=True)
class Bubble:
    """A message as its phone shows it."""

    id: str
    mine: bool
    """Typed on this phone (an MO), not received by it."""
    text: str
    at: float
    state: BubbleState
    note: str = ""
    """Why it did not arrive, in Kavenegar's words."""
    spoken: bool = False
    """A voice that rang: its words are not known before somebody picks up."""
    revision: int = 0


@dataclass(slots=True)
class Faults:
    """Fault modes for every number at once; the values of a fresh one mean that all is well."""

    down_until: float = 0.0
    latency: float = 0.0
    lose_pushes: bool = False
    silent_after_taking: bool = False
    refuse_with: ResultCode | None = None
    outside_down: bool = False
    outside_latency: float = 0.0
    ussd_no_end: bool = False
    ussd_repeats: bool = False
    ussd_out_of_order: bool = False


@dataclass(slots=True)
class Counters:
    """What the world counted since the last reset."""

    calls: dict[str, int] = field(default_factory=dict)
    refused: dict[int, int] = field(default_factory=dict)
    mt_asked: int = 0
    mt_taken: int = 0
    mo_received: int = 0
    pushes_accepted: int = 0
    pushes_failed: int = 0
    pushes_lost: int = 0
    pushes_given_up: int = 0
    ussd_dialled: int = 0
    ussd_requests: int = 0
    ussd_failed: int = 0
    outside_asked: dict[str, int] = field(default_factory=dict)

    def count_call(self, method: str) -> None:
        """One more call of a method, refused or not."""
        self.calls[method] = self.calls.get(method, 0) + 1

    def count_refusal(self, code: int) -> None:
        """One more answer with this result code."""
        self.refused[code] = self.refused.get(code, 0) + 1

    def count_outside(self, service: str) -> None:
        """One more question to a service of another organisation, answered or not."""
        self.outside_asked[service] = self.outside_asked.get(service, 0) + 1
