"""A clock: one deadline that a case or a referral has, and what has happened to it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from case_store.model import Tier
from case_store.worktime.allowances import Terms
from case_store.worktime.deadlines import NEVER, Pause
from case_store.worktime.line import seconds


@dataclass(slots=True)
class Clock:
    """A row of `clock`."""

    id: UUID
    case_id: UUID
    referral_id: UUID | None
    """None is the case's own clock."""
    tier: Tier
    desk: str
    province: str
    """Empty where the case has none: the country's calendar."""
    terms: Terms
    opened_at: datetime
    """When the law's ten working days began: the case was opened, or opened again."""
    started_at: datetime
    """When this clock began."""
    warn_at: datetime
    due_at: datetime
    reckoned: int
    """The version of the working time that `warn_at` and `due_at` were worked out from."""
    pauses: tuple[tuple[datetime, datetime], ...] = ()
    """Those that are over, in order."""
    paused_at: datetime | None = None
    """Since when it waits for the citizen; only the law's deadline runs on."""
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    stopped_at: datetime | None = None

    def stood_still(self) -> list[Pause]:
        """Its pauses in seconds; one that goes on has no end."""
        stood = [Pause(seconds(begin), seconds(end)) for begin, end in self.pauses]
        return [*stood, Pause(seconds(self.paused_at), NEVER)] if self.paused_at else stood

    def pause(self, at: datetime) -> None:
        """Stand still from then on; one that stands still already does so from before."""
        if self.paused_at is None:
            self.paused_at = max(at, self.started_at)

    def untell(self, now: datetime) -> None:
        """A deadline that was moved into the future is not missed, and is told of again when it comes."""
        if self.due_at > now:
            self.breached_at = None
        if self.warn_at > now:
            self.warned_at = None

    def resume(self, at: datetime) -> None:
        """Go on from then; one that goes is left as it is."""
        if self.paused_at is not None:
            if at > self.paused_at:
                self.pauses = (*self.pauses, (self.paused_at, at))
            self.paused_at = None
