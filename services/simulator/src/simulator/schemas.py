"""Our own JSON: what `/control` and the phone's page say and are told."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from simulator.results import ResultCode

Text = Annotated[str, Field(min_length=1, max_length=1_500)]
Number = Annotated[str, Field(min_length=1, max_length=32)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)


class FaultModes(_Form):
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

    @field_validator("refuse_with")
    @classmethod
    def _is_a_refusal(cls, code: ResultCode | None) -> ResultCode | None:
        if code is ResultCode.OK:
            message = "200 refuses nothing"
            raise ValueError(message)
        return code


class InjectedMo(_Form):
    """A message from a phone, as if somebody had typed it."""

    sender: Number
    text: Text
    line: Number = "10001420"


class InjectedId(_Form):
    """Kavenegar's id of the injected message."""

    messageid: int


class PhoneSearch(_Form):
    """Which phone; a number stays out of URLs."""

    number: Number


class SendingSearch(_Form):
    """Which messages; both left out means all, the newest first."""

    receptor: Number | None = None
    localid: int | None = None
    limit: Annotated[int, Field(ge=1, le=10_000)] = 1_000


class SeenMt(_Form):
    """An MT as the telecom saw it."""

    messageid: int
    localid: int | None
    receptor: str
    line: str
    text: str
    parts: int
    status: int
    asked: int
    """Calls that asked for it; above one, repeats were recognised by their localid."""


class SeenMts(_Form):
    """What a search found."""

    messages: list[SeenMt]


class Totals(_Form):
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
    messages_per_receptor: dict[int, int]
    """How many receptors got one message, how many two, and so on."""


class PhoneNumber(_Form):
    """What was typed as a phone number."""

    number: Number


class PhoneCard(_Form):
    """A phone that the page may show."""

    phone: str
    """Its handle in URLs."""
    number: str
    behaviour: str
    title: str
    """What its last digits ask for, in Persian."""


class TypedMessage(_Form):
    """A message that somebody typed on the page."""

    id: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
    """The page's own id: sent again after a lost answer, it is still one message."""
    text: Text


class ShownMessage(_Form):
    """A message as a phone shows it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    mine: bool
    text: str
    at: float
    state: str
    note: str


class ShownMessages(_Form):
    """What a phone shows."""

    messages: list[ShownMessage]
