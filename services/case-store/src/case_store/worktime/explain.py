"""Why a deadline is where it is: every day from the start to the end, with what counted on it and why."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from case_store.model import AllowanceUnit
from case_store.worktime.calendar import Day
from case_store.worktime.clock import Clock
from case_store.worktime.deadlines import paused, unpaused
from case_store.worktime.line import day_bounds, moment_of, seconds
from case_store.worktime.timekeeping import Timekeeping
from persian.dates import tehran_date


class Counted(StrEnum):
    """What a day was to a deadline."""

    RECEIVED = "received"
    """The day of receipt: does not count."""
    COUNTED = "counted"
    CLOSED = "closed"
    """Not a working day; the day says why."""
    PAUSED = "paused"
    """It waited for the citizen in working hours."""
    OUTSIDE = "outside"
    """A working day, but the clock began after its hours, or ended before them."""


@dataclass(frozen=True, slots=True)
class DayCounted:
    """One day of an explanation."""

    day: Day
    counted: Counted
    days: int
    """Working days that it counts for, 1 or 0: together the allowance in days, if the law did not cut it."""
    seconds: int
    """Worked while the clock ran: together the allowance in minutes, if the law did not cut it."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A deadline, day by day."""

    due_at: datetime
    """By this version of the working time."""
    law_due_at: datetime
    by_law: bool
    """The allowance would have gone on for longer: the law's ten working days end it."""
    days: tuple[DayCounted, ...]
    """From the day on which the clock began to the day on which it is due."""


def explain(timekeeping: Timekeeping, clock: Clock) -> Explanation:
    """Tell how a clock's deadline comes about."""
    found = timekeeping.deadline(clock)
    line = timekeeping.line(clock.province, seconds(min(clock.opened_at, clock.started_at)))
    start, stood = seconds(clock.started_at), clock.stood_still()
    first = tehran_date(clock.started_at)
    last = tehran_date(moment_of(found.due - 1))  # a day that is worked until midnight is due on that day

    def told(when: date) -> DayCounted:
        day = timekeeping.calendar.day(when, clock.province)
        begin, end = day_bounds(when)
        window = max(begin, start), min(end, found.due)
        worked = unpaused(line, *window, stood)
        if not day.hours:
            return DayCounted(day, Counted.CLOSED, 0, worked)
        if clock.terms.unit is AllowanceUnit.WORKING_DAYS:
            if when == first:
                return DayCounted(day, Counted.RECEIVED, 0, worked)
            if paused(line, begin, end, stood):
                return DayCounted(day, Counted.PAUSED, 0, worked)
            return DayCounted(day, Counted.COUNTED, 1, worked)
        if worked:
            return DayCounted(day, Counted.COUNTED, 0, worked)
        stood_still = paused(line, *window, stood)
        return DayCounted(day, Counted.PAUSED if stood_still else Counted.OUTSIDE, 0, 0)

    span = max((last - first).days, 0) + 1
    days = tuple(told(first + timedelta(days=number)) for number in range(span))
    return Explanation(moment_of(found.due), moment_of(found.law), found.by_law, days)
