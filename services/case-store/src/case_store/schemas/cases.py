"""Cases: in a list, and whole."""

from datetime import datetime
from uuid import UUID

from case_store.model import CaseState, Reach
from case_store.schemas.beside import (
    AttachmentGiven,
    ClockGiven,
    CorrectionGiven,
    DraftGiven,
    HolderGiven,
    LinkGiven,
    NoteGiven,
)
from case_store.schemas.call_backs import CallBackGiven, CallGiven, TryGiven
from case_store.schemas.conversation import ContactGiven, EventGiven, MessageGiven, OutboundGiven
from case_store.schemas.given import Given
from case_store.schemas.referrals import ReferralGiven
from envelope.models import Channel, Language
from envelope.taxonomy import Audience, Kind, Section, Topic


class CaseSummary(Given):
    """A case in a list."""

    id: UUID
    """Ours; does not change."""
    tracking_code: str
    """The case's own code."""
    state: CaseState
    """Where it stands."""
    channel: Channel
    """The door it was opened by."""
    line: str
    """Our number that was used."""
    topic: Topic
    """What it is about."""
    section: Section
    """The section of the topic."""
    kind: Kind
    """What the person wants."""
    audience: Audience
    """Who the person is to the organisation."""
    province: str | None
    """By its Persian name, if told."""
    desk: str
    """Whose queue it is in."""
    language: Language
    """The language it is answered in."""
    contact_id: UUID
    """The person."""
    opened_at: datetime
    """When its first message was taken."""
    last_activity_at: datetime
    """The last word from either side."""
    closed_at: datetime | None
    """When it was closed."""
    previous_case_id: UUID | None
    """The closed case that this one follows."""
    priority: int
    """Higher is sooner."""
    assignee: HolderGiven | None = None
    """Who has it."""
    assigned_at: datetime | None
    """Since when."""
    due_at: datetime | None
    """The nearest deadline that runs; none when nobody of ours has to act."""
    excerpt: str | None = None
    """In lists: how the person's last message began."""
    version: int
    """Goes up with every change; the ETag."""


class RatingGiven(Given):
    """What the person thinks of how their case was answered."""

    stars: int
    """1 to 5, 5 the best."""
    words: str
    """What they wrote beside it; often nothing."""
    rated_at: datetime
    """When; an earlier one is not kept."""


class CasePage(Given):
    """Cases, in the order asked for."""

    cases: list[CaseSummary]
    """At most `limit`."""
    next_cursor: str | None
    """Give it back to go on; none at the end."""


class CaseGiven(CaseSummary):
    """A case whole, as far as the caller may see it."""

    aliases: list[str]
    """Other codes that lead to it."""
    person: ContactGiven
    """Whose it is."""
    reach: Reach
    """How an answer gets to them: `sms`, `voice`, `partner` or `none`."""
    messages: list[MessageGiven]
    """What the person said, the oldest first."""
    outbound_messages: list[OutboundGiven]
    """What we wrote or said, the oldest first."""
    events: list[EventGiven]
    """Its history, the oldest first."""
    notes: list[NoteGiven]
    """What colleagues noted, the oldest first."""
    clocks: list[ClockGiven]
    """Its deadlines, the oldest first."""
    referrals: list[ReferralGiven]
    """Who was asked, in the order asked."""
    links: list[LinkGiven]
    """Cases that belong with it."""
    corrections: list[CorrectionGiven]
    """What it was taken for before."""
    attachments: list[AttachmentGiven]
    """Files that staff added; those of messages are with the messages."""
    other_cases: list[CaseSummary]
    """The same person's, ten at most, the newest first."""
    rating: RatingGiven | None
    """What the person thinks of the answer, if they said."""
    call_back: CallBackGiven | None
    """The newest task to call the person back, whether it is done or not."""
    tries: list[TryGiven]
    """Who called them when and what came of it, the oldest first."""
    calls: list[CallGiven]
    """Calls that a gateway makes, or made, for agents, the oldest first."""
    draft: DraftGiven | None
    """The caller's own."""
    may: list[str]
    """What the caller can do with it now."""


class CaseRegistered(CaseGiven):
    """A case that staff took down, and what it may be the same as."""

    similar: list[CaseSummary]
    """The person's other cases that are not closed, the same topic first."""
