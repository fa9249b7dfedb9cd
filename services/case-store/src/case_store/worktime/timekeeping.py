"""Working time and allowances as one thing that sets clocks, in microseconds: intake sets thousands a second.

Made whole from what the database holds and never changed: whoever edits a calendar makes the next one, with
the next version, and every running clock that was set by an older one is set anew.
"""

from datetime import datetime
from functools import cached_property
from typing import Final
from uuid import UUID

from case_store.model import Case, Tier, caused
from case_store.worktime.allowances import Allowances, Matter, Terms, matter_of
from case_store.worktime.calendar import EVERYWHERE, Calendar
from case_store.worktime.clock import Clock
from case_store.worktime.deadlines import Deadline, deadline
from case_store.worktime.line import Line, moment_of, seconds
from persian.dates import tehran_date


class Timekeeping:
    """One version of the working time."""

    def __init__(self, calendar: Calendar, allowances: Allowances, version: int = 0) -> None:
        """`version` counts the edits; 0 is the packaged defaults."""
        self.calendar: Final = calendar
        self.version: Final = version
        self._allowances = allowances
        self._lines: dict[str, Line] = {}

    @cached_property
    def provinces(self) -> frozenset[str]:
        """Those whose working time may differ from the country's."""
        return self.calendar.provinces

    def terms(self, tier: Tier, matter: Matter) -> Terms:
        """What a tier has for a matter."""
        return self._allowances.terms(tier, matter)

    def line(self, province: str | None, since: int) -> Line:
        """The working time of a province from a moment on (in seconds).

        Provinces without anything of their own share the country's.
        """
        key = province if province in self.provinces and province else EVERYWHERE
        line = self._lines.get(key)
        if line is None or since < line.first:
            line = self._lines[key] = Line(self.calendar, key, tehran_date(moment_of(since)).year)
        return line

    def open(self, case: Case, at: datetime) -> Clock:
        """The clock of a case as it is opened, from when its person spoke; sets `case.due_at`."""
        clock = self.start(case, caused(case.id, "clock"), at)
        case.due_at = clock.due_at
        return clock

    def start(
        self,
        case: Case,
        clock_id: UUID,
        at: datetime,
        *,
        tier: Tier = Tier.AGENT,
        referral_id: UUID | None = None,
        opened_at: datetime | None = None,
    ) -> Clock:
        """A clock that begins now; the law counts from `opened_at` if that was earlier."""
        clock = Clock(
            clock_id, case.id, referral_id, tier, case.desk, case.province or EVERYWHERE,
            self._allowances.terms(tier, matter_of(case)), opened_at or at, at, at, at, self.version,
        )  # fmt: skip
        self.reckon(clock)
        return clock

    def reset(self, clock: Clock, case: Case) -> None:
        """Give a clock what its case is now about, from the same start."""
        clock.desk, clock.province = case.desk, case.province or EVERYWHERE
        clock.terms = self._allowances.terms(clock.tier, matter_of(case))
        self.reckon(clock)

    def fits(self, clock: Clock, case: Case) -> bool:
        """Whether a clock is set to what its case is now about."""
        return (clock.desk, clock.province, clock.terms) == (
            case.desk,
            case.province or EVERYWHERE,
            self._allowances.terms(clock.tier, matter_of(case)),
        )

    def reckon(self, clock: Clock) -> None:
        """Work out anew when it is due and when to warn."""
        found = self.deadline(clock)
        clock.due_at, clock.warn_at = moment_of(found.due), moment_of(found.warn)
        clock.reckoned = self.version

    def deadline(self, clock: Clock) -> Deadline:
        """When a clock is due by this version of the working time."""
        opened, started = seconds(clock.opened_at), seconds(clock.started_at)
        stood = clock.stood_still() if clock.pauses or clock.paused_at else ()
        return deadline(self.line(clock.province, min(opened, started)), clock.terms, opened, started, stood)
