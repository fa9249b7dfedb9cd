"""Working time put together for app and tests: clocks, the sweeper, calendar, patterns and allowances."""

from collections.abc import Sequence
from dataclasses import dataclass

from case_store.handlers.calendar import WorkingCalendar
from case_store.handlers.clocks import Clocks
from case_store.handlers.deadlines import Deadlines
from case_store.handlers.olas import Olas
from case_store.handlers.weeks import WorkingWeeks
from case_store.repository.database import Database
from chassis.parts import Part, Periodic


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """The pieces; `parts` live as long as the service."""

    clocks: Clocks
    deadlines: Deadlines
    calendar: WorkingCalendar
    weeks: WorkingWeeks
    olas: Olas
    parts: Sequence[Part]


def build_working_time(database: Database, *, sweep_seconds: float = 15) -> WorkingTime:
    """`sweep_seconds` is the pause between two sweeps: how late a breach or a new calendar may be seen."""
    clocks = Clocks(database)
    deadlines = Deadlines(database, clocks)
    return WorkingTime(
        clocks=clocks,
        deadlines=deadlines,
        calendar=WorkingCalendar(database, clocks),
        weeks=WorkingWeeks(database, clocks),
        olas=Olas(database, clocks),
        parts=(clocks, Periodic("deadlines", sweep_seconds, deadlines.sweep)),
    )
