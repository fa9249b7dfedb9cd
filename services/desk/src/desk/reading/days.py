"""Days and hours of the working calendar as the reader of a page says them."""

from collections.abc import Sequence
from datetime import date

from persian.dates import jalali, jalali_long
from persian.digits import persian_digits


def day_of(value: str | date) -> date:
    """The store's ISO text, or a day already."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def day(value: str | date, language: str) -> str:
    """`۲ آذر ۱۴۰۵`, or `23 Nov 2026`."""
    when = day_of(value)
    return when.strftime("%-d %b %Y") if language == "en" else jalali_long(when).split(" ", 1)[1]


def long_day(value: str | date, language: str) -> str:
    """With its weekday: `دوشنبه ۲ آذر ۱۴۰۵`."""
    when = day_of(value)
    return when.strftime("%A %-d %B %Y") if language == "en" else jalali_long(when)


def typed_day(value: str | date | None, language: str = "fa") -> str:
    """As one types it: `۱۴۰۵/۰۹/۰۲`; none is nothing."""
    if not value:
        return ""
    written = jalali(day_of(value))
    return written if language == "en" else persian_digits(written)


def hours(intervals: Sequence[Sequence[str]], language: str) -> str:
    """The store's hours as one would type them: `۰۸:۰۰ تا ۱۲:۰۰ و ۱۳:۳۰ تا ۱۶:۰۰`."""
    if language == "en":
        return ", ".join(f"{start}–{end}" for start, end in intervals)
    return " و ".join(persian_digits(f"{start} تا {end}") for start, end in intervals)
