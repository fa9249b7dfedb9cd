"""What is handed in and what comes back; what only a newer API knows is kept as plain text."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class State(StrEnum):
    """How a submission stands."""

    RECEIVED = "received"
    """Taken; nobody has seen it yet."""
    OPEN = "open"
    """With Payam."""
    WAITING = "waiting"
    """Payam waits for the person."""
    ANSWERED = "answered"
    """The answer is there."""
    CLOSED = "closed"
    """Done."""
    WITHDRAWN = "withdrawn"
    """Taken back by you."""


AState = Annotated[State | str, Field(union_mode="left_to_right")]
"""A word for a state that only a newer API knows stays as it is."""


class _Given(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class ByMobile(_Given):
    """A person by a mobile number that you have made sure is theirs (scope `messages:vouch`)."""

    mobile: str


class ByAccount(_Given):
    """A person by a name that only you know them by, the same each time."""

    account: str


class NewMessage(_Given):
    """What a person says."""

    text: str
    person: ByMobile | ByAccount
    topic: str | None = None
    kind: str | None = None
    audience: str | None = None
    province: str | None = None
    tracking_code: str | None = None
    """Of an earlier case that this is about."""
    reference: str | None = None
    """What you call it."""
    occurred_at: AwareDatetime | None = None
    """When the person said it, if that was not now."""


class Receipt(_Told):
    """It was taken and cannot be lost any more."""

    message_id: UUID
    tracking_code: str
    """Show it to the person."""
    state: AState
    accepted_at: datetime
    idempotency_key: str = ""
    """The key that it was handed in with."""
    replayed: bool = False
    """Whether it had been taken before, under the same key."""


class Submission(_Told):
    """Something that you handed in, as it stands."""

    message_id: UUID
    tracking_code: str
    case_code: str | None
    """The case's own code: another one where it joined a case that was there already."""
    opened: bool
    """Whether it opened a case."""
    reference: str | None
    state: AState
    topic: str
    kind: str | None
    submitted_at: datetime
    last_activity_at: datetime
    version: int
    """For `withdraw(…, version=…)`."""


class Page(_Told):
    """Submissions, the newest first."""

    messages: tuple[Submission, ...]
    next_cursor: str | None


class Official(_Told):
    """What makes an answer an official letter."""

    code: str
    revoked: bool


class Answer(_Told):
    """One answer of Payam's."""

    at: datetime
    text: str
    official: Official | None


class Case(Submission):
    """A submission with what came of it."""

    section: str | None
    due_at: datetime | None
    closed_at: datetime | None
    answers: tuple[Answer, ...]


class Happened(_Told):
    """To which submission, and how it stands since."""

    tracking_code: str
    reference: str | None = None
    state: AState
    occurred_at: datetime
    sandbox: bool


class Event(_Told):
    """What a webhook was told: a CloudEvent."""

    id: str
    """The same each time it is told: leave one that you know already."""
    type: str
    """`ir.payam.case.answered` and the like."""
    time: datetime
    data: Annotated[Happened | dict[str, Any], Field(union_mode="left_to_right")]
    """A dict only for a type that this client does not know."""
