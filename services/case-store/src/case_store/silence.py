"""When a channel is suspiciously silent: what came lately, against what usually comes at this hour. Pure.

Usual is the median of the same hour of the same weekday over the last four weeks, in proportion to the time
looked at. Only a channel that is usually lively can be silent, so a holiday gives an alarm too many rather
than a dead line none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from envelope.models import Channel

WEEKS: Final = 4
_HOUR: Final = timedelta(hours=1)
_LIVELY: Final = 5
"""A channel from which fewer messages are usual says nothing by being still."""
_SHARE: Final = 0.2
"""Of the usual: less than that is silence."""

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Heard:
    """One channel at one moment."""

    channel: Channel
    recent: int
    """Messages in the time looked at."""
    usual: float
    """Messages that usually come in such a time at this hour."""

    @property
    def silent(self) -> bool:
        """Whether somebody should look at the line."""
        return self.usual >= _LIVELY and self.recent < self.usual * _SHARE


def spans(now: datetime, window: timedelta) -> list[Span]:
    """The time looked at, and the hour around now in each of the weeks before."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    before = (hour - timedelta(weeks=week) for week in range(1, WEEKS + 1))
    return [(now - window, now), *((begun, begun + _HOUR) for begun in before)]


def hear(counted: Sequence[Mapping[str, int]], window: timedelta) -> list[Heard]:
    """Every channel, from the counts of `spans`."""
    recent, *weeks = counted
    share = window / _HOUR
    return [
        Heard(channel, recent.get(channel, 0), median(week.get(channel, 0) for week in weeks) * share)
        for channel in Channel
    ]
