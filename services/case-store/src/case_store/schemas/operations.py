"""Leases, dead letters and counts."""

from datetime import datetime
from uuid import UUID

from case_store.model import CaseState, DeadLetterState
from case_store.schemas.given import Given


class LeaseGiven(Given):
    """Sequence numbers nobody else has or will get."""

    first: int
    """The first."""
    last: int
    """The last, included."""


class DeadLetterSummary(Given):
    """A dead letter in a list; its words are left out."""

    id: UUID
    """Ours."""
    topic: str
    """Where it was read, and where it goes back to."""
    partition: int
    """There."""
    offset: int
    """There."""
    reason: str
    """Why it could not be handled."""
    state: DeadLetterState
    """Whether it was sent again."""
    size: int
    """Of its value, in bytes."""
    failed_at: datetime
    """When it was laid aside."""


class ReplayGiven(Given):
    """One time that it was sent again."""

    actor: str
    """Who."""
    replayed_at: datetime
    """When."""


class DeadLetterGiven(DeadLetterSummary):
    """A dead letter whole."""

    key: str
    """In Base64."""
    value: str
    """In Base64, byte for byte; may hold a citizen's words."""
    replays: list[ReplayGiven]
    """Every time that it was sent again."""


class DeadLetterPage(Given):
    """Dead letters, the newest first."""

    items: list[DeadLetterSummary]
    """At most `limit`."""
    next_cursor: str | None
    """Give it back to go on; none at the end."""


class Replayed(Given):
    """How many were sent again."""

    replayed: int
    """That many."""


class OutboxStats(Given):
    """What waits to be published."""

    depth: int
    """Rows."""
    oldest_seconds: float
    """How long the oldest waits."""


class Stats(Given):
    """What the board shows."""

    cases: dict[CaseState, int]
    """Cases in each state."""
    outbox: OutboxStats
    """What waits to be published."""
    outbound_stuck: int
    """Messages out given up: nothing was heard of them."""
    dead_letters_waiting: int
    """Dead letters nobody has sent again."""
