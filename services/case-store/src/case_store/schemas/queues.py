"""Queues and what a supervisor sees."""

from datetime import datetime
from uuid import UUID

from case_store.schemas.cases import CaseSummary
from case_store.schemas.given import Given
from case_store.schemas.operations import OutboxStats
from case_store.staffing import Role
from envelope.models import Channel


class QueueGiven(Given):
    """What waits at one desk."""

    desk: str
    """Its id."""
    name: str
    """In Persian."""
    name_en: str
    """In English."""
    new: int
    """Cases that nobody has taken."""
    triage: int
    """Cases that wait for somebody to say whose they are."""
    open: int
    """Cases that somebody works on, or that came back."""
    referred: int
    """Cases about which somebody was asked."""
    mine: int
    """Undecided cases that the caller has."""
    unclaimed: int
    """New, in triage or open, and nobody has them."""
    overdue: int
    """Whose deadline has passed."""
    due_soon: int
    """Whose deadline is within four hours."""
    next_due_at: datetime | None
    """The nearest deadline, passed ones too."""


class QueuesGiven(Given):
    """The desks within reach, in their order."""

    counted_at: datetime
    """When; a moment ago at most."""
    queues: list[QueueGiven]
    """One a desk."""


class StaffAtWork(Given):
    """What one of the staff has in hand and has done today."""

    id: UUID
    """Theirs."""
    name: str
    """What they are called."""
    roles: list[Role]
    """What they are employed to do."""
    seen_at: datetime | None
    """When they last did something, if they are signed in."""
    claims: int
    """Undecided cases that they have."""
    overdue: int
    """Of these, the ones whose deadline has passed."""
    next_due_at: datetime | None
    """The nearest deadline of these."""
    answered_today: int
    """Replies."""
    closed_today: int
    """Cases closed."""
    registered_today: int
    """Calls and visits taken down."""
    referrals_answered_today: int
    """Referrals answered."""


class ChannelHeard(Given):
    """How lively a channel is."""

    channel: Channel
    """The door."""
    recent: int
    """Messages in the last half hour."""
    usual: float
    """Messages that usually come in half an hour of this hour of the week."""
    silent: bool
    """Far fewer than usual: somebody should look at the line."""


class SupervisionGiven(QueuesGiven):
    """Everything at a glance."""

    breached: list[CaseSummary]
    """Cases past their deadline, the longest past first; twenty at most."""
    near: list[CaseSummary]
    """Cases due within four hours, the nearest first; twenty at most."""
    staff: list[StaffAtWork]
    """Who is signed in, has something in hand or did something today."""
    channels: list[ChannelHeard]
    """Every channel."""
    outbox: OutboxStats
    """What waits to be published."""
    outbound_stuck: int
    """Messages out given up: nothing was heard of them."""
    dead_letters_waiting: int
    """Dead letters nobody has sent again."""
