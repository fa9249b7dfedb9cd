"""A month of the Persian calendar as a grid: weeks from Saturday to Friday, and the months beside it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Self

from persian.dates import MONTHS, jalali, month_bounds, tehran_date

WEEK: Final = (5, 6, 0, 1, 2, 3, 4)
"""`date.weekday()` in the order of an Iranian week: Saturday first."""
_YEARS: Final = range(1300, 1500)


@dataclass(frozen=True, slots=True)
class Month:
    """One month."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> Self:
        """The month that a day is in."""
        year, month, _ = parts(day)
        return cls(year, month)

    @classmethod
    def read(cls, text: str | None, today: date) -> Self:
        """`1405-09` from an address; what is no month is this month."""
        year, _, month = (text or "").partition("-")
        if not (year.isascii() and year.isdigit() and month.isascii() and month.isdigit()):
            return cls.of(today)
        known = int(year) in _YEARS and 1 <= int(month) <= len(MONTHS)
        return cls(int(year), int(month)) if known else cls.of(today)

    @property
    def key(self) -> str:
        """As it stands in an address."""
        return f"{self.year}-{self.month:02}"

    @property
    def name(self) -> str:
        """`آذر`."""
        return MONTHS[self.month - 1]

    @property
    def first(self) -> date:
        """Its first day."""
        return tehran_date(month_bounds(self.year, self.month)[0])

    @property
    def last(self) -> date:
        """Its last day."""
        return tehran_date(month_bounds(self.year, self.month)[1]) - timedelta(days=1)

    @property
    def before(self) -> "Month":
        """The month before."""
        return Month.of(self.first - timedelta(days=1))

    @property
    def after(self) -> "Month":
        """The month after."""
        return Month.of(self.last + timedelta(days=1))

    def weeks(self) -> list[list[date | None]]:
        """Rows of seven days, Saturday first; None outside of the month."""
        first, last = self.first, self.last
        begin = first - timedelta(days=WEEK.index(first.weekday()))
        count = (last - begin).days // 7 + 1
        days = (begin + timedelta(days=offset) for offset in range(count * 7))
        shown = [day if first <= day <= last else None for day in days]
        return [shown[at : at + 7] for at in range(0, len(shown), 7)]


def parts(day: date) -> tuple[int, int, int]:
    """Year, month and day of the Persian calendar."""
    year, month, number = jalali(day).split("/")
    return int(year), int(month), int(number)
