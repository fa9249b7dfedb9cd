"""How fast an operator's people are answered: ok, degraded or down, for `/readyz` and the metrics."""

import time
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from gateway_ussd.metrics import OPERATOR

_WINDOW_SECONDS: Final = 30.0
_FEWEST: Final = 5
"""Steps that are needed for a judgement."""
_DOWN: Final = 0.5
_DEGRADED: Final = 0.1


class Response(StrEnum):
    """In the order of what the metric shows: 0, 1, 2."""

    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


class Pace:
    """A part that tells the state of one operator; its trouble never makes the gateway unready."""

    def __init__(self, provider: str, slow: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`slow`: seconds above which a screen came late."""
        self.name = f"operator-{provider}"
        self._slow = slow
        self._clock = clock
        self._until = clock() + _WINDOW_SECONDS
        self._now = [0, 0, 0]
        self._before = [0, 0, 0]
        OPERATOR.labels(provider).set_function(lambda: list(Response).index(self.response))

    async def start(self) -> None:
        """Nothing to begin."""

    async def stop(self) -> None:
        """Nothing to end."""

    def note(self, seconds: float, *, safe: bool) -> None:
        """A step was answered, in so many seconds; `safe`: only with the safe screen."""
        if self._clock() >= self._until:
            self._turn()
        counts = self._now
        counts[0] += 1
        if safe:
            counts[2] += 1
        elif seconds > self._slow:
            counts[1] += 1

    @property
    def response(self) -> Response:
        """By the last half minute to minute."""
        total, slow, safe = self._counts()
        if total < _FEWEST:
            return Response.OK
        if safe / total >= _DOWN:
            return Response.DOWN
        return Response.DEGRADED if (slow + safe) / total >= _DEGRADED else Response.OK

    def health(self) -> str | None:
        """The state, and what it rests on."""
        response = self.response
        if response is Response.OK:
            return None
        total, slow, safe = self._counts()
        return f"{response}: of {total} screens {slow} came late and {safe} were the safe one"

    def _counts(self) -> tuple[int, int, int]:
        if self._clock() >= self._until:
            self._turn()
        total, slow, safe = (now + before for now, before in zip(self._now, self._before, strict=True))
        return total, slow, safe

    def _turn(self) -> None:
        now = self._clock()
        self._before = self._now if now < self._until + _WINDOW_SECONDS else [0, 0, 0]
        self._now = [0, 0, 0]
        self._until = now + _WINDOW_SECONDS
