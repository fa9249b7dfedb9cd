"""Moments as a reader says them: today's by the clock, others by the day, deadlines by what is left."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from persian.dates import TEHRAN, clock_time, gregorian, jalali_long, span, tehran_date
from persian.digits import persian_digits

_ENGLISH_UNITS: Final = ((1440, "day"), (60, "hour"), (1, "minute"))


def moment_of(value: str | datetime) -> datetime:
    """The store's ISO text, or a moment already."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def when(value: str | datetime, language: str, now: datetime | None = None) -> str:
    """`امروز ۱۴:۰۵`, `دیروز ۰۹:۳۰`, else `۳۰ آبان ۱۴۰۵، ۰۹:۳۰`."""
    moment, now = moment_of(value), now or datetime.now(UTC)
    clock = clock_time(moment)
    days = (tehran_date(now) - tehran_date(moment)).days
    if language == "en":
        near = {0: "today", 1: "yesterday", -1: "tomorrow"}.get(days)
        return f"{near or moment.astimezone(TEHRAN).strftime('%d %b %Y')}, {clock}"
    near = {0: "امروز", 1: "دیروز", -1: "فردا"}.get(days)
    return f"{near or _day(moment)}، {persian_digits(clock)}"


def whole(value: str | datetime, language: str) -> str:
    """With its weekday, for a tooltip: `شنبه ۳۰ آبان ۱۴۰۵، ۱۴:۰۵`."""
    moment = moment_of(value)
    if language == "en":
        return moment.astimezone(TEHRAN).strftime("%A %d %B %Y, %H:%M")
    return f"{jalali_long(moment)}، {persian_digits(clock_time(moment))}"


def left(value: str | datetime, language: str, now: datetime | None = None) -> str:
    """What is left of a deadline, or how far past it is, in two units; the script goes on from here."""
    gap = moment_of(value) - (now or datetime.now(UTC))
    late = gap < timedelta()
    if language == "en":
        told = _english(gap)
        return f"{told} overdue" if late else f"{told} left"
    return f"{span(gap)} گذشته" if late else f"{span(gap)} مانده"


def pressing(value: str | datetime | None, now: datetime | None = None) -> str:
    """`late`, `soon` (within four hours), `calm`, or `none`: a class of the style sheet."""
    if value is None:
        return "none"
    gap = moment_of(value) - (now or datetime.now(UTC))
    return "late" if gap < timedelta() else "soon" if gap < timedelta(hours=4) else "calm"


def when_day(value: str, language: str) -> str:
    """A day of the store, `2026-11-21`, with its weekday: `شنبه ۳۰ آبان`."""
    day = date.fromisoformat(value[:10])
    return day.strftime("%A %d %B") if language == "en" else jalali_long(day).rsplit(" ", 1)[0]


def iso_day(value: str | datetime) -> str:
    """For the `datetime` attribute: the day in Tehran."""
    return gregorian(moment_of(value))


def _day(moment: datetime) -> str:
    return jalali_long(moment).split(" ", 1)[1]


def _english(gap: timedelta) -> str:
    minutes, told = int(abs(gap).total_seconds() // 60), []
    for size, unit in _ENGLISH_UNITS:
        count, minutes = divmod(minutes, size)
        if count:
            told.append(f"{count} {unit}{'' if count == 1 else 's'}")
    return " and ".join(told[:2]) or "less than a minute"
