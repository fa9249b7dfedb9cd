"""When a telephone may ring: the hours of the day in Tehran in which people are called by a machine."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from persian.dates import TEHRAN


@dataclass(frozen=True, slots=True)
class CallHours:
    """From one time of the day to another, in Tehran; the same twice is the whole day."""

    begin: time
    end: time
    """Not later than midnight, so after `begin`."""

    def __post_init__(self) -> None:
        """Refuse hours that end before they begin."""
        if self.end < self.begin:
            message = "calls must end after they begin, on the same day"
            raise ValueError(message)

    def next(self, at: datetime) -> datetime:
        """The first moment from `at` on at which a telephone may ring."""
        local = at.astimezone(TEHRAN)
        if self.begin == self.end or self.begin <= local.time() < self.end:
            return at
        day = local.date() if local.time() < self.begin else local.date() + timedelta(days=1)
        return datetime.combine(day, self.begin, TEHRAN).astimezone(at.tzinfo)


DAYTIME: Final = CallHours(time(8), time(20))
"""Unless a deployment sets others."""
