"""What a partner sees of what it handed in: taken and given for a gateway that has checked its key."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from case_store.schemas.citizen import TypedCode
from case_store.schemas.given import Given
from case_store.schemas.partners import Moment, PartnerId
from case_store.schemas.taken import Taken, Text
from envelope.models import TrackingCode
from envelope.taxonomy import Kind, Section, Topic

Reference = Annotated[Text, StringConstraints(max_length=100)]
_CODE, _PARTNER = "1234567897", "tamin-man"


class SubmissionState(StrEnum):
    """How a submission stands, in words that may leave the house."""

    RECEIVED = "received"
    """Taken, and not in the store yet: the gateway alone says this."""
    OPEN = "open"
    """Somebody of ours has to act."""
    WAITING = "waiting"
    """We wait for the person."""
    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    """The partner took it back."""


class PartnerAsks(Taken):
    """Which partner, and of which world."""

    partner_id: PartnerId
    """Whose key it was."""
    sandbox: bool
    """Whether the key is for trying things out: it then sees the sandbox alone."""


class SubmissionsRequest(PartnerAsks):
    """A page of a partner's own."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"partner_id": _PARTNER, "sandbox": False}]})

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    """Rows a page."""
    cursor: Annotated[str, StringConstraints(max_length=100)] | None = None
    """`next_cursor` of the page before."""
    reference: Reference | None = None
    """Only what the partner calls this."""
    until: Moment | None = None
    """Only what was handed in till then; a cursor goes on from its own place."""


class PartnerCaseRequest(PartnerAsks):
    """One of a partner's own."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"partner_id": _PARTNER, "sandbox": False, "code": _CODE}]}
    )

    code: TypedCode
    """Of the submission or of its case."""


class WithdrawalRequest(PartnerCaseRequest):
    """One to take back."""

    version: Annotated[int, Field(ge=1)] | None = None
    """As the partner read it; 412 if it has changed."""


class SandboxRequest(Taken):
    """What came by a sandbox key."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "partner_id": _PARTNER,
                    "message_id": "0197a1b2-0000-7000-8000-000000000001",
                    "tracking_code": _CODE,
                    "submitted_at": "2026-11-22T08:00:00Z",
                }
            ]
        }
    )

    partner_id: PartnerId
    """Whose key it was."""
    message_id: UUID
    """The same for every copy."""
    tracking_code: TrackingCode
    """As it was shown."""
    reference: Reference | None = None
    """What the partner calls it."""
    topic: Topic = Topic.OTHER
    """As it was chosen."""
    kind: Kind = Kind.QUESTION
    """As it was chosen."""
    submitted_at: Moment
    """When it was taken."""


class PartnerSubmission(Given):
    """Something that a partner handed in."""

    message_id: UUID
    """Ours, the same for every copy."""
    tracking_code: str
    """As it was shown."""
    case_code: str | None
    """The case's own code: another one where the submission joined a case that was there."""
    opened: bool
    """Whether it made its case."""
    reference: str | None
    """What the partner calls it."""
    state: SubmissionState
    """How it stands."""
    topic: Topic
    """What it is about; where it joined a case, what the submission itself was about."""
    kind: Kind
    """What kind of message it is."""
    submitted_at: datetime
    """When it was taken."""
    last_activity_at: datetime
    """When something last happened; where it joined a person's case, when it was taken."""
    version: int
    """The ETag."""


class PartnerSubmissions(Given):
    """A page, the newest first."""

    submissions: list[PartnerSubmission]
    next_cursor: str | None
    """Of the next page, if there is one."""


class PartnerOfficial(Given):
    """What makes an answer an official one."""

    code: str
    """It can be verified by anybody on the portal's own page."""
    revoked: bool
    """It is void."""


class PartnerAnswer(Given):
    """One of our answers."""

    at: datetime
    """When."""
    text: str
    """As the person may read it; empty of an official one that is void."""
    official: PartnerOfficial | None
    """If it is an official written answer."""


class PartnerCase(PartnerSubmission):
    """A submission whole."""

    section: Section
    """The section of its topic."""
    due_at: datetime | None
    """When we mean to have answered."""
    closed_at: datetime | None
    """When it was closed."""
    answers: list[PartnerAnswer]
    """The oldest first; none where it joined a person's case."""
