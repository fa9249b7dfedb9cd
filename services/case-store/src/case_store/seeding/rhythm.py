"""When people turn to the centre: by day in office hours, little on Fridays, and more than usual of late."""

from bisect import bisect
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Final

from persian.dates import TEHRAN

SPAN_DAYS: Final = 730
TAIL_DAYS: Final = 8
TAIL_SHARE: Final = 0.125
"""Of all cases, those of the last days: among them are the ones that nobody has decided yet."""

_WEEKDAY: Final = (1.05, 1.0, 0.95, 0.6, 0.2, 1.15, 1.1)
"""Monday first; the week begins on Saturday."""
_HOUR: Final = (
    *(0.08, 0.05, 0.04, 0.04, 0.05, 0.1, 0.3, 0.8, 1.6, 1.9, 2.0, 1.9),
    *(1.6, 1.4, 1.1, 0.9, 0.9, 0.9, 0.8, 0.7, 0.45, 0.35, 0.25, 0.15),
)
_SECONDS: Final = 3600


class Rhythm:
    """The share of all cases that had come by a moment, turned round: from a share to its moment."""

    def __init__(self, until: datetime) -> None:
        """Lay out the hours that end now."""
        hours = SPAN_DAYS * 24
        self._began = int(until.timestamp()) - hours * _SECONDS
        start = until - timedelta(hours=hours)
        weights = [_weight((start + timedelta(hours=hour)).astimezone(TEHRAN)) for hour in range(hours)]
        tail = hours - TAIL_DAYS * 24
        early, late = sum(weights[:tail]), sum(weights[tail:])
        shares = [
            *(weight / early * (1 - TAIL_SHARE) for weight in weights[:tail]),
            *(weight / late * TAIL_SHARE for weight in weights[tail:]),
        ]
        self._bounds = [0.0, *accumulate(shares)]

    def moment(self, share: float) -> int:
        """The moment, in seconds since 1970, by which this share (0 to below 1) of all cases had come."""
        hour = min(bisect(self._bounds, share), len(self._bounds) - 1) - 1
        within = (share - self._bounds[hour]) / (self._bounds[hour + 1] - self._bounds[hour])
        return self._began + int((hour + min(within, 0.999)) * _SECONDS)


def _weight(moment: datetime) -> float:
    return _WEEKDAY[moment.weekday()] * _HOUR[moment.hour]
