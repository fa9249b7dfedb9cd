"""Cases as their own person sees them."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from envelope.models import Channel, TrackingCode
from envelope.taxonomy import Kind, Topic
from gateway_portal.schemas.shown import Shown, known


class CaseState(StrEnum):
    """Where a case stands."""

    NEW = "new"
    TRIAGE = "triage"
    OPEN = "open"
    REFERRED = "referred"
    ANSWERED = "answered"
    CLOSED = "closed"
    OTHER = "other"
    """One that only a newer store knows."""


class What(StrEnum):
    """A step on a case's way."""

    OPENED = "opened"
    RECLASSIFIED = "reclassified"
    REFERRED = "referred"
    WAITING = "waiting"
    OFFICIAL_REPLY_ISSUED = "official_reply_issued"
    ANSWERED = "answered"
    CLOSED = "closed"
    REOPENED = "reopened"
    OFFICIAL_REPLY_REVOKED = "official_reply_revoked"
    OTHER = "other"
    """One that only a newer store knows."""


class Side(StrEnum):
    """Who said something."""

    YOU = "you"
    US = "us"


class Owner(Shown):
    """Whose a case is."""

    msisdn: str
    """E.164."""


class CaseSummary(Shown):
    """A case in a list."""

    tracking_code: TrackingCode
    """What the person knows it by."""
    state: Annotated[CaseState, known(CaseState, CaseState.OTHER)]
    """Where it stands."""
    topic: Annotated[Topic, known(Topic, Topic.OTHER)] = Topic.OTHER
    """What it is about."""
    kind: Annotated[Kind | None, known(Kind, None)] = None
    """What the person wants by it."""
    opened_at: AwareDatetime
    """When it began."""
    last_activity_at: AwareDatetime
    """When anything was last said."""
    due_at: AwareDatetime | None = None
    """Until when we answer."""
    closed_at: AwareDatetime | None = None
    """When it was closed."""
    awaits_person: bool = False
    """The next word is theirs."""
    rating: int | None = None
    """How they rated our answer, 1 to 5."""

    @property
    def undecided(self) -> bool:
        """Whether it is still ours to do something."""
        return self.state not in {CaseState.ANSWERED, CaseState.CLOSED}


class CasePage(Shown):
    """Cases, the newest activity first."""

    cases: Sequence[CaseSummary]
    """A page of them."""
    next_cursor: str | None = None
    """Give it back to go on."""


class Enclosed(Shown):
    """A file of the conversation."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """Of its bytes."""
    media_type: str
    """As sniffed."""
    size: int
    """In bytes."""
    seconds: float | None = None
    """Length of a recording."""


class Official(Shown):
    """What makes a reply a letter."""

    code: str
    """To check it by."""
    revoked: bool = False
    """It holds no more."""


class Entry(Shown):
    """One thing that was said."""

    at: AwareDatetime
    """When."""
    side: Annotated[Side, known(Side, Side.US)] = Field(alias="from")
    """By whom."""
    channel: Annotated[Channel | None, known(Channel, None)] = None
    """By which door."""
    text: str = ""
    """As said."""
    attachments: Sequence[Enclosed] = ()
    """With these files."""
    official: Official | None = None
    """For a reply that is a letter."""


class Step(Shown):
    """One thing that happened."""

    at: AwareDatetime
    """When."""
    what: Annotated[What, known(What, What.OTHER)]
    """In public words."""


class CitizenCase(CaseSummary):
    """A case as its own person sees it."""

    aliases: Sequence[str] = ()
    """Other codes that lead to it."""
    reopen_until: AwareDatetime | None = None
    """Until when a closed case opens again by a word of theirs."""
    entries: Sequence[Entry] = ()
    """What was said, the oldest first."""
    steps: Sequence[Step] = ()
    """What happened."""

    def letter(self, code: str) -> Entry | None:
        """The official reply with this code."""
        return next((entry for entry in self.entries if entry.official and entry.official.code == code), None)
