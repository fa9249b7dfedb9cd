"""Moments as people in Iran read them: Asia/Tehran, the Persian calendar, weekdays by name; and back."""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate

from envelope.addresses import latin_digits
from persian.digits import persian_digits

TEHRAN: Final = ZoneInfo("Asia/Tehran")
MONTHS: Final = (
    *("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور"),
    *("مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"),
)
WEEKDAYS: Final = ("دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه", "یکشنبه")
"""In the order of `date.weekday()`: Monday first."""
_WRITTEN: Final = re.compile(r"\s*(\d{4})\s*[/\-.]\s*(\d{1,2})\s*[/\-.]\s*(\d{1,2})\s*")


def tehran_date(moment: datetime) -> date:
    """The day in Tehran of an aware moment."""
    return moment.astimezone(TEHRAN).date()


def jalali(when: date) -> str:
    """`1405/08/30`, with Latin digits; a moment counts by its day in Tehran."""
    day = _day(when)
    return f"{day.year}/{day.month:02}/{day.day:02}"


def jalali_long(when: date) -> str:
    """`شنبه ۳۰ آبان ۱۴۰۵`."""
    day = _day(when)
    words = f"{WEEKDAYS[_gregorian(when).weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"
    return persian_digits(words)


def gregorian(when: date) -> str:
    """`2026-11-21`; a moment counts by its day in Tehran."""
    return _gregorian(when).isoformat()


def clock_time(moment: datetime) -> str:
    """`14:05` in Tehran, with Latin digits."""
    return moment.astimezone(TEHRAN).strftime("%H:%M")


def month_bounds(year: int, month: int) -> tuple[datetime, datetime]:
    """A Jalali month as two UTC moments: its first midnight in Tehran, and that of the month after."""
    following = (year + 1, 1) if month == len(MONTHS) else (year, month + 1)
    return _midnight(year, month), _midnight(*following)


def parse_jalali(text: str) -> date:
    """`۱۴۰۵/۸/۳۰` in either digits, with `/`, `-` or `.` → the Gregorian date.

    Raises:
        ValueError: it is no date of the Persian calendar.
    """
    found = _WRITTEN.fullmatch(latin_digits(text))
    if found is None:
        message = "a date is written as year/month/day, such as 1405/08/30"
        raise ValueError(message)
    try:
        return _to_gregorian(*(int(part) for part in found.groups()))
    except ValueError:
        message = "this date is not in the Persian calendar"
        raise ValueError(message) from None


def span(length: timedelta) -> str:
    """A length in its two largest units: `۲ روز و ۳ ساعت`; less than a minute is `کمتر از یک دقیقه`."""
    minutes = int(abs(length).total_seconds() // 60)
    units = ((minutes // 1440, "روز"), (minutes // 60 % 24, "ساعت"), (minutes % 60, "دقیقه"))
    told = [f"{persian_digits(count)} {unit}" for count, unit in units if count]
    return " و ".join(told[:2]) or "کمتر از یک دقیقه"


def _gregorian(when: date) -> date:
    return tehran_date(when) if isinstance(when, datetime) else when


def _day(when: date) -> JalaliDate:
    return _jalali_day(_gregorian(when))


@lru_cache(maxsize=4_096)
def _jalali_day(day: date) -> JalaliDate:
    found: JalaliDate = JalaliDate.to_jalali(day)  # type: ignore[no-untyped-call]  # their gap
    return found


def _to_gregorian(year: int, month: int, day: int) -> date:
    found: date = JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]  # their gap
    return found


def _midnight(year: int, month: int) -> datetime:
    day = _to_gregorian(year, month, 1)
    return datetime(day.year, day.month, day.day, tzinfo=TEHRAN).astimezone(UTC)
