"""What `/control` says and is told."""

from typing import Annotated

from pydantic import Field, field_validator

from simulator.results import ResultCode
from simulator.schemas.form import Form, Number, Text


class FaultModes(Form):
    """Fault modes for every number at once; what is left out is off."""

    down_seconds: Annotated[float, Field(ge=0, le=86_400)] = 0
    """Every call is answered 503 with an HTML page for this long from now."""
    latency_ms: Annotated[int, Field(ge=0, le=600_000)] = 0
    """Every call is answered this much later."""
    lose_pushes: bool = False
    """No MO and no DLR is pushed."""
    silent_after_taking: bool = False
    """Messages are taken, but the answer stays out."""
    refuse_with: ResultCode | None = None
    """Every call is refused with this result code: 429, 451, 409, 418 …"""
    outside_down: bool = False
    """The services of other organisations answer 503."""
    outside_latency_ms: Annotated[int, Field(ge=0, le=600_000)] = 0
    """They answer this much later."""
    ussd_no_end: bool = False
    """Operators never tell that a USSD dialogue has ended."""
    ussd_repeats: bool = False
    """Operators make each USSD request twice, at the same moment."""
    ussd_out_of_order: bool = False
    """Before each answer, a late copy of its dialogue's first request comes."""

    @field_validator("refuse_with")
    @classmethod
    def _is_a_refusal(cls, code: ResultCode | None) -> ResultCode | None:
        if code is ResultCode.OK:
            message = "200 refuses nothing"
            raise ValueError(message)
        return code


class InjectedMo(Form):
    """A message from a phone, as if somebody had typed it."""

    sender: Number
    text: Text
    line: Number = "10001420"


class InjectedId(Form):
    """Kavenegar's id of the injected message."""

    messageid: int


class PhoneSearch(Form):
    """Which phone; a number stays out of URLs."""

    number: Number


class SendingSearch(Form):
    """Which messages; both left out means all, the newest first."""

    receptor: Number | None = None
    localid: int | None = None
    limit: Annotated[int, Field(ge=1, le=10_000)] = 1_000


class SeenMt(Form):
    """An MT as the telecom saw it."""

    messageid: int
    localid: int | None
    receptor: str
    line: str
    text: str
    parts: int
    """0 of what is read out."""
    spoken: bool
    status: int
    asked: int
    """Calls that asked for it; above one, repeats were recognised by their localid."""


class SeenMts(Form):
    """What a search found."""

    messages: list[SeenMt]


class Totals(Form):
    """What the world counted since it began or was reset."""

    calls: dict[str, int]
    refused: dict[int, int]
    mt_asked: int
    mt_taken: int
    mo_received: int
    mo_unread: int
    pushes_accepted: int
    pushes_failed: int
    pushes_lost: int
    pushes_given_up: int
    pushes_waiting: int
    ussd_dialled: int
    ussd_requests: int
    """Requests to our USSD gateway, notices of an end left out."""
    ussd_failed: int
    outside_asked: dict[str, int]
    """Questions to `basket` and `branches`."""
    messages_per_receptor: dict[int, int]
    """How many receptors got one message, how many two, and so on."""
