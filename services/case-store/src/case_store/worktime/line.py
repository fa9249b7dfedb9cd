"""A province's working time laid out on one line, so that counting along it is a search, not a walk.

Moments are whole seconds since 1970 in UTC, working time is seconds from the beginning of the line. A moment
is working time from just after an interval's beginning up to and including its end: an allowance that runs
out with the day is due at 15:30, not the next morning.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Final

from case_store.errors import WorkingTimeError
from case_store.worktime.calendar import Calendar
from case_store.worktime.hours import MINUTES_A_DAY, Hours
from persian.dates import TEHRAN

_QUARTER: Final = 92
_LAST_YEAR: Final = 2200
"""No search goes on for longer; a pattern that holds for ever has working time long before."""


class Line:
    """Made a quarter at a time, as far as it is asked about."""

    def __init__(self, calendar: Calendar, province: str, year: int) -> None:
        """Begin with the first day of a year."""
        self._calendar, self._province = calendar, province
        self._next = date(year, 1, 1)
        self.first = _moment(self._next, 0)
        """The moment at which the line begins."""
        self._covered = self.first
        self._begins: list[int] = []
        self._ends: list[int] = []
        self._before: list[int] = [0]
        """Working seconds before each interval, and after the last."""
        self._days: list[int] = []
        self._closings: list[int] = []
        """Ordinals of the working days, and the moment at which each of them closes."""
        self._midnights: list[int] = []
        self._first_ordinal = self._next.toordinal()

    def worked(self, moment: int) -> int:
        """Working seconds from the beginning of the line up to a moment on it."""
        while moment > self._covered:
            self._grow()
        interval = bisect_right(self._begins, moment) - 1
        if interval < 0:
            return 0
        return self._before[interval] + min(moment, self._ends[interval]) - self._begins[interval]

    def reach(self, worked: int) -> int:
        """The earliest moment by which so much was worked."""
        while worked > self._before[-1] or not self._begins:
            self._grow()
        interval = max(bisect_left(self._before, worked) - 1, 0)
        return self._begins[interval] + worked - self._before[interval]

    def ordinal(self, moment: int) -> int:
        """The day in Tehran of a moment on the line, as its ordinal."""
        while moment >= self._covered:
            self._grow()
        return self._first_ordinal + bisect_right(self._midnights, moment) - 1

    def is_open(self, moment: int) -> bool:
        """Whether it is worked at a moment: from an interval's first second, up to its end, without it."""
        return self.worked(moment + 1) > self.worked(moment)

    def next_opening(self, moment: int) -> int:
        """The moment itself if it is worked then, else when it is next."""
        return moment if self.is_open(moment) else self.reach(self.worked(moment) + 1) - 1

    def closing(self, moment: int) -> int:
        """The end of the interval that a worked moment is in."""
        self.worked(moment + 1)
        return self._ends[bisect_right(self._begins, moment) - 1]

    def working_days(self, ordinal: int) -> Iterator[tuple[date, int]]:
        """The working days after a day (by its ordinal), each with the moment at which it closes."""
        while not self._days or self._days[-1] <= ordinal:
            self._grow()
        for index in count(bisect_right(self._days, ordinal)):
            while index >= len(self._days):
                self._grow()
            yield date.fromordinal(self._days[index]), self._closings[index]

    def closing_after(self, ordinal: int, days: int) -> int:
        """When the n-th working day after a day (by its ordinal) closes; the first is 1."""
        while True:
            index = bisect_right(self._days, ordinal) + days - 1
            if index < len(self._closings):
                return self._closings[index]
            self._grow()

    def _grow(self) -> None:
        """Lay out the next quarter.

        Raises:
            WorkingTimeError: there is no working time for as long as anybody will look.
        """
        if self._next.year > _LAST_YEAR:
            message = "the calendar has no working time any more"
            raise WorkingTimeError(message)
        for day in (self._next + timedelta(days=number) for number in range(_QUARTER)):
            self._lay(day, self._calendar.day(day, self._province).hours)
        self._next += timedelta(days=_QUARTER)
        self._covered = _moment(self._next, 0)

    def _lay(self, day: date, hours: Hours) -> None:
        self._midnights.append(_moment(day, 0))
        for begin, end in spans(day, hours):
            self._begins.append(begin)
            self._ends.append(end)
            self._before.append(self._before[-1] + end - begin)
            if not self._days or self._days[-1] != day.toordinal():
                self._days.append(day.toordinal())
                self._closings.append(end)
            self._closings[-1] = end


def spans(day: date, hours: Hours) -> Iterator[tuple[int, int]]:
    """A day's intervals as moments; none of an hour that the clocks skipped."""
    for interval in hours:
        begin, end = _moment(day, interval.begin), _moment(day, interval.end)
        if begin < end:
            yield begin, end


def day_bounds(day: date) -> tuple[int, int]:
    """The two midnights of a day in Tehran."""
    return _moment(day, 0), _moment(day, MINUTES_A_DAY)


def seconds(moment: datetime) -> int:
    """A moment in whole seconds; what is over is left off, so that no deadline is later than allowed."""
    return int(moment.timestamp())


def moment_of(whole: int) -> datetime:
    """The way back, in UTC."""
    return datetime.fromtimestamp(whole, UTC)


def _moment(day: date, minute: int) -> int:
    if minute == MINUTES_A_DAY:
        day, minute = day + timedelta(days=1), 0
    return int(datetime.combine(day, time(minute // 60, minute % 60), TEHRAN).timestamp())
