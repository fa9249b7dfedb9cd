"""What the case store says of partners: their keys by hash, and how what they handed in stands."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from envelope.models import TrackingCode
from envelope.taxonomy import Kind, Section, Topic
from gateway_portal.schemas.shown import Shown, known


class SubmissionState(StrEnum):
    """How a submission stands."""

    RECEIVED = "received"
    """Taken: it cannot be lost, and nobody has seen it yet."""
    OPEN = "open"
    """With us."""
    WAITING = "waiting"
    """We wait for the person."""
    ANSWERED = "answered"
    """Our answer is there."""
    CLOSED = "closed"
    """Done."""
    WITHDRAWN = "withdrawn"
    """Taken back."""


class BookKey(Shown):
    """One key that is good."""

    id: UUID
    """Of the key."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """Of its letters: all that anybody keeps."""
    scopes: Sequence[str]
    """What it may do; a newer store may know more than this portal."""
    sandbox: bool
    """Whether it is for trying things out."""
    expires_at: AwareDatetime | None = None
    """Until when it is good."""


class BookPartner(Shown):
    """One partner that may ask."""

    id: str
    """As it stands on its messages."""
    per_minute: int
    """Requests."""
    per_day: int
    """Submissions."""
    keys: Sequence[BookKey]
    """Those that are good now."""


class Book(Shown):
    """All who may ask."""

    partners: Sequence[BookPartner]
    """The active ones."""


class PartnerSubmission(Shown):
    """Something that a partner handed in, as it stands."""

    message_id: UUID
    """Ours; the same for every copy of it."""
    tracking_code: TrackingCode
    """As it was given when it was handed in."""
    case_code: str | None = None
    """The case's own code: another one where it joined a case that was there already."""
    opened: bool = True
    """Whether it opened a case; if not, it joined a case of the same person."""
    reference: str | None = None
    """What the partner calls it."""
    state: SubmissionState
    """How it stands."""
    topic: Annotated[Topic, known(Topic, Topic.OTHER)] = Topic.OTHER
    """What it is about, as we understand it."""
    kind: Annotated[Kind | None, known(Kind, None)] = None
    """What the person wants by it."""
    submitted_at: AwareDatetime
    """When we took it."""
    last_activity_at: AwareDatetime
    """When anything last happened to it."""
    version: Annotated[int, Field(ge=0)] = 0
    """Goes up with every change; 0 until somebody of ours could see it."""


class SubmissionPage(Shown):
    """Submissions, the newest first."""

    submissions: Sequence[PartnerSubmission]
    """A page of them."""
    next_cursor: str | None = None
    """Give it back to go on."""


class OfficialReply(Shown):
    """What makes an answer an official letter."""

    code: str
    """To check it by, on the portal's page `/verify`."""
    revoked: bool = False
    """It holds no more."""


class PartnerAnswer(Shown):
    """One answer of ours."""

    at: AwareDatetime
    """When."""
    text: str
    """As the person reads it; empty where a letter was revoked."""
    official: OfficialReply | None = None
    """For an answer that is a letter."""


class PartnerCase(PartnerSubmission):
    """A submission with what came of it."""

    section: Annotated[Section | None, known(Section, None)] = None
    """Which section answers."""
    due_at: AwareDatetime | None = None
    """Until when we answer."""
    closed_at: AwareDatetime | None = None
    """When it was closed."""
    answers: Sequence[PartnerAnswer] = ()
    """Our answers, the oldest first; none where it joined a person's own case."""
