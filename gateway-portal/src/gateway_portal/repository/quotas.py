"""How much of what was agreed a partner has used, and how that is told in the headers of every answer."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from gateway_portal.model import Caller
from persian.dates import TEHRAN

_MINUTE: Final = 60
_DAY: Final = 86_400


class Windows(NamedTuple):
    """The minute and the day that now is in, by their names."""

    minute: str
    minute_ends: float
    day: str
    day_ends: float


class Clock:
    """Says which windows it is; the day is Tehran's."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        """`now` is what replicas share, in seconds since 1970."""
        self.now = now
        self._day, self._day_ends = "", 0.0
        self._windows = Windows("", 0.0, "", 0.0)

    def windows(self) -> Windows:
        """Those of now."""
        now, known = self.now(), self._windows
        if known.minute_ends - _MINUTE <= now < min(known.minute_ends, known.day_ends):
            return known
        if not self._day_ends - 2 * _DAY < now < self._day_ends:
            local = datetime.fromtimestamp(now, TEHRAN)
            midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
            self._day, self._day_ends = local.date().isoformat(), midnight.timestamp()
        minute = int(now // _MINUTE)
        self._windows = Windows(str(minute), (minute + 1.0) * _MINUTE, self._day, self._day_ends)
        return self._windows


class Standing:
    """What is known of each partner's quotas, as of its last answer."""

    def __init__(self, clock: Clock) -> None:
        """`clock` says which minute it is."""
        self._clock = clock
        self._used: dict[tuple[str, bool], tuple[str, int, str, int]] = {}

    def note(self, caller: Caller, windows: Windows, minute: int, day: int) -> None:
        """So many requests this minute, so many submissions today."""
        self._used[caller.partner_id, caller.sandbox] = (windows.minute, minute, windows.day, day)

    def note_day(self, caller: Caller, day: int) -> None:
        """So many submissions today, after all."""
        minute, used, today, _ = self._used.get((caller.partner_id, caller.sandbox), ("", 0, "", 0))
        self._used[caller.partner_id, caller.sandbox] = (minute, used, today, day)

    def headers(self, caller: Caller) -> tuple[tuple[bytes, bytes], ...]:
        """As draft-ietf-httpapi-ratelimit-headers has them: the policies, and what is left of each."""
        now, windows = self._clock.now(), self._clock.windows()
        minute, used, day, today = self._used.get((caller.partner_id, caller.sandbox), ("", 0, "", 0))
        left = max(0, caller.per_minute - (used if minute == windows.minute else 0))
        left_today = max(0, caller.per_day - (today if day == windows.day else 0))
        ends, ends_today = int(windows.minute_ends - now) + 1, int(windows.day_ends - now) + 1
        agreed = f'"minute";q={caller.per_minute};w={_MINUTE}, "day";q={caller.per_day};w={_DAY}'
        standing = f'"minute";r={left};t={ends}, "day";r={left_today};t={ends_today}'
        return (b"ratelimit-policy", agreed.encode()), (b"ratelimit", standing.encode())
