"""Who is turned away with a polite screen, so that those inside are still answered in time."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Final

from gateway_ussd.metrics import IN_FLIGHT, LOOP_LAG
from gateway_ussd.model import Step, StepKind
from gateway_ussd.repository.kept import Kept

_NUMBERS: Final = 20_000
_PULSE_SECONDS: Final = 0.05
_ROOM_FOR_NEW: Final = 0.8
"""New sessions are turned away at this part of what turns away steps of those under way."""


class Bucket:
    """Tokens that come back at a rate; full at first."""

    __slots__ = ("_at", "_rate", "_size", "_tokens")

    def __init__(self, rate: float, size: float, now: float) -> None:
        """`rate` a second, at most `size` at once."""
        self._rate = rate
        self._size = size
        self._tokens = size
        self._at = now

    def take(self, now: float) -> bool:
        """One token, if there is one."""
        tokens = min(self._size, self._tokens + (now - self._at) * self._rate)
        self._at = now
        self._tokens = tokens - 1 if tokens >= 1 else tokens
        return tokens >= 1


class Limits:
    """Per number, per operator, and for the process as a whole; each process keeps its own."""

    def __init__(
        self,
        tps: Mapping[str, float],
        steps_a_minute: float,
        in_flight: int,
        longest_lag: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`tps` by operator; `longest_lag`: seconds that the process may be late with what is due."""
        self._clock = clock
        now = clock()
        self._operators = {name: Bucket(rate, max(1.0, rate), now) for name, rate in tps.items()}
        self._steps_a_minute = steps_a_minute
        self._numbers: Kept[str, Bucket] = Kept(_NUMBERS)
        self._most = in_flight
        self._most_for_new = int(in_flight * _ROOM_FOR_NEW)
        self._longest_lag = longest_lag
        self._lag = 0.0
        self.in_flight = 0
        IN_FLIGHT.set_function(lambda: self.in_flight)

    def refuse(self, step: Step) -> str | None:
        """Why a step is turned away; None where it may come in."""
        if self.in_flight >= self._most:
            return "shed"
        if step.kind is StepKind.BEGIN and (
            self.in_flight >= self._most_for_new or self._lag > self._longest_lag
        ):
            return "shed"
        now = self._clock()
        if not self._operators[step.provider].take(now):
            return "operator_limit"
        bucket = self._numbers.get(step.msisdn)
        if bucket is None:
            bucket = Bucket(self._steps_a_minute / 60, self._steps_a_minute, now)
            self._numbers.put(step.msisdn, bucket)
        return None if bucket.take(now) else "number_limit"

    async def feel_pulse(self) -> None:
        """For ever: measure how late the process is."""
        while True:
            due = self._clock() + _PULSE_SECONDS
            await asyncio.sleep(_PULSE_SECONDS)
            self._lag = max(0.0, self._clock() - due)
            LOOP_LAG.set(self._lag)
