"""How fast and in which order messages go: a token bucket with two lanes, a rate that can give way."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from envelope.models import Lane

_HAIR: Final = 1e-6


@dataclass(slots=True)
class TokenBucket:
    """One second's worth of messages at most; the twin of the script that replicas share in Redis.

    Priority may borrow (a whole batch goes and the bucket is in debt), bulk never does, and bulk takes
    nothing while a priority message waits.
    """

    tokens: float
    at: float
    priority_until: float = 0.0

    def take(self, now: float, lane: Lane, count: int, rate: float) -> float:
        """0 where the tokens were taken, else the seconds to wait before asking again."""
        capacity = max(1.0, rate)
        self.tokens = min(capacity, self.tokens + max(0.0, now - self.at) * rate)
        self.at = max(self.at, now)
        needed = 1.0 if lane is Lane.PRIORITY else min(float(count), capacity)
        short = needed - self.tokens
        # Rounding would otherwise have somebody wait for a billionth of a token.
        wait = short / rate if short > _HAIR else 0.0
        if lane is Lane.BULK:
            wait = max(wait, self.priority_until - now)
        elif wait > 0:
            # A little longer than the wait itself, so that bulk does not slip in before it asks again.
            self.priority_until = max(self.priority_until, now + wait + 0.05)
        if wait <= 0:
            self.tokens -= count
        return wait


class Throttle:
    """The rate now: halved whenever the provider asks to slow down, then creeping back."""

    def __init__(self, rate: float, recovery: float, clock: Callable[[], float]) -> None:
        """`rate` messages a second; a halving is made good within `recovery` seconds."""
        self._full = rate
        self._recovery = recovery
        self._clock = clock
        self._slowed_to = rate
        self._slowed_at = clock()

    @property
    def rate(self) -> float:
        """Messages a second."""
        doublings = min(32.0, (self._clock() - self._slowed_at) / self._recovery)
        return float(min(self._full, self._slowed_to * 2.0**doublings))

    def slow_down(self) -> None:
        """Halve it, but never below one a second."""
        self._slowed_to = max(1.0, self.rate / 2)
        self._slowed_at = self._clock()
