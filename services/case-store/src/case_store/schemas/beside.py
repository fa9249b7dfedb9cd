"""What staff keep beside a case: notes, clocks, links, corrections, files, a draft."""

from datetime import datetime
from uuid import UUID

from case_store.model import AllowanceUnit, CaseState, LinkRelation, Tier
from case_store.schemas.given import Given
from envelope.taxonomy import Audience, Kind, Topic


class HolderGiven(Given):
    """The member of the staff who has a case."""

    id: UUID
    """Theirs."""
    name: str
    """What they are called."""


class NoteGiven(Given):
    """A note for colleagues."""

    id: UUID
    """Ours."""
    author: str
    """Who wrote it."""
    text: str
    """Plain text, never markup."""
    created_at: datetime
    """When."""


class ClockGiven(Given):
    """One deadline; `/cases/{code}/deadlines` explains it day by day."""

    id: UUID
    """Ours."""
    referral_id: UUID | None
    """The referral it is of; none for the case's own."""
    tier: Tier
    """Who has to act."""
    allowance: int
    """How much time they have."""
    unit: AllowanceUnit
    """What that counts."""
    started_at: datetime
    """When it began to run."""
    paused_at: datetime | None
    """Since when it waits for the citizen."""
    warn_at: datetime
    """When it is called near."""
    due_at: datetime
    """When it is breached."""
    breached_at: datetime | None
    """When it was."""
    stopped_at: datetime | None
    """When what it ran for was done."""


class LinkGiven(Given):
    """Another case that belongs with this one."""

    tracking_code: str
    """The other case's own code."""
    state: CaseState
    """Where it stands."""
    topic: Topic
    """What it is about."""
    kind: Kind
    """What the person wants of it."""
    relation: LinkRelation
    """How the one stands to the other."""
    outgoing: bool
    """Whether that was said of this case: `follows` from the other end means that it is followed."""
    made_by: str
    """By whom."""
    made_at: datetime
    """When."""


class CorrectionGiven(Given):
    """What a case was taken for and what it is: the classifier learns from it."""

    id: UUID
    """Ours."""
    message_id: UUID | None
    """The message that was classified."""
    classifier: str | None
    """The version that did."""
    topic_before: Topic
    """As it was classified."""
    kind_before: Kind
    """As it was classified."""
    audience_before: Audience
    """As it was classified."""
    topic: Topic
    """What it is."""
    kind: Kind
    """What it is."""
    audience: Audience
    """What it is."""
    corrected_by: str
    """Who said so."""
    corrected_at: datetime
    """When."""


class LessonGiven(CorrectionGiven):
    """A correction with the words it is about: training data."""

    tracking_code: str
    """The case."""
    text: str | None
    """The message's normalised copy, of a recording what a machine heard; none for who may not export."""
    heard: bool
    """Whether `text` is such a transcript: words that a machine may have got wrong."""


class LessonPage(Given):
    """Corrections, the newest first."""

    corrections: list[LessonGiven]
    """At most `limit`."""
    next_cursor: str | None
    """Give it back to go on; none at the end."""


class AttachmentGiven(Given):
    """A file that staff added to a case."""

    id: UUID
    """Ours."""
    sha256: str
    """Of its bytes; the file is at `/cases/{code}/attachments/{sha256}`."""
    media_type: str
    """As sniffed."""
    size: int
    """In bytes."""
    name: str
    """As its bringer called it."""
    added_by: str
    """By whom."""
    created_at: datetime
    """When."""


class DraftGiven(Given):
    """An answer that the caller is writing."""

    text: str
    """So far."""
    saved_at: datetime
    """When it was kept."""
