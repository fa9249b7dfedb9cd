"""A case's deadlines, each explaining itself day by day."""

from datetime import datetime
from uuid import UUID

from case_store.model import AllowanceUnit, Tier
from case_store.schemas.given import Given
from case_store.schemas.worktime import DayGiven
from case_store.worktime.explain import Counted


class DayCountedGiven(DayGiven):
    """A day and what it was to the deadline."""

    counted: Counted
    """What it was."""
    days: int
    """Working days that it counts for, 1 or 0."""
    minutes: float
    """Worked on it while the clock ran."""


class ExplanationGiven(Given):
    """How a deadline comes about by the calendar of now."""

    due_at: datetime
    """By the calendar of now."""
    law_due_at: datetime
    """The law's ten working days, which nothing lifts."""
    by_law: bool
    """The law ends it: the allowance alone would have gone on for longer."""
    current: bool
    """Whether that is still the clock's deadline; not if the calendar was changed after it stopped."""
    days: list[DayCountedGiven]
    """From the day on which the clock began to the day on which it is due."""


class PauseGiven(Given):
    """A while in which it waited for the citizen."""

    begin: datetime
    """From then."""
    end: datetime | None
    """Until then; none while it goes on."""


class ClockGiven(Given):
    """One deadline."""

    id: UUID
    """Ours."""
    referral_id: UUID | None
    """Of this referral; none is the case's own."""
    tier: Tier
    """Whose."""
    allowance: int
    """So many units."""
    unit: AllowanceUnit
    """Working days or working minutes."""
    opened_at: datetime
    """When the law's ten working days began."""
    started_at: datetime
    """When it began."""
    warn_at: datetime
    """When the warning comes."""
    due_at: datetime
    """When it is due."""
    pauses: list[PauseGiven]
    """When it waited for the citizen."""
    warned_at: datetime | None
    """When it was warned of."""
    breached_at: datetime | None
    """When it was found missed."""
    stopped_at: datetime | None
    """When what it waited for was done; none while it runs."""
    explanation: ExplanationGiven
    """Why it is due then."""


class DeadlinesGiven(Given):
    """Every deadline that a case has had."""

    tracking_code: str
    """The case's own code."""
    due_at: datetime | None
    """The nearest that runs."""
    clocks: list[ClockGiven]
    """The oldest first."""
