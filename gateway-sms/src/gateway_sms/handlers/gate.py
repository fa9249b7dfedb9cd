"""Every call to the provider goes through here: the rate, the two lanes, the circuit, the alarm."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final, TypeVar

import structlog

from envelope.models import Lane
from gateway_sms.breaker import Circuit, CircuitBreaker
from gateway_sms.errors import (
    CircuitOpenError,
    ProviderAlarmError,
    ProviderError,
    ProviderSlowDownError,
    ProviderUnavailableError,
)
from gateway_sms.lanes import Throttle
from gateway_sms.metrics import ALARM, CIRCUIT, PROVIDER_SECONDS, TPS
from gateway_sms.providers.port import Mo, Mt, Provider, Receipt
from gateway_sms.repository.tps import SharedBucket
from gateway_sms.settings import GatewaySmsSettings

T = TypeVar("T")
_LONGEST_NAP: Final = 1.0
_CALLS: Final = ("send", "read_out", "ask", "pull")
_CIRCUIT_NUMBER: Final = {Circuit.CLOSED: 0, Circuit.HALF_OPEN: 1, Circuit.OPEN: 2}
_log = structlog.get_logger()


class ProviderGate:
    """A provider's writer with everything that calls to it have in common."""

    name = "provider"

    def __init__(self, provider: Provider, bucket: SharedBucket, settings: GatewaySmsSettings) -> None:
        self.provider = provider
        # One circuit a kind of call: credit that is used up must not keep us from reading the inbox, nor an
        # account without voice from sending SMS.
        self._breakers = {call: _breaker(settings) for call in _CALLS}
        self._alarms: dict[str, ProviderAlarmError] = {}
        self._throttle = Throttle(settings.tps, settings.tps_recovery_seconds, time.monotonic)
        self._bucket = bucket
        self._alarm_wait = settings.alarm_wait_seconds

    async def start(self) -> None:
        """Show where it stands."""
        self._show()

    async def stop(self) -> None:
        """Nothing to let go of."""

    def health(self) -> str | None:
        """Why messages out wait, if they do; messages in are taken all the same."""
        if self._alarms:
            return f"{self.provider.name} needs a person: {next(iter(self._alarms.values()))}"
        breaker = self._breakers["send"]
        if breaker.state is Circuit.OPEN:
            return f"{self.provider.name} does not answer; tried again in {breaker.retry_in:.0f} s"
        return None

    async def send(self, lane: Lane, messages: Sequence[Mt]) -> Sequence[Receipt]:
        """Hand a batch over when its lane has its turn.

        Raises:
            CircuitOpenError: it is not the time to try.
            ProviderError: see its kinds.
        """
        call = "read_out" if messages[0].spoken else "send"
        self._refuse_while_open(call)
        await self._turn(lane, len(messages))
        return await self._call(call, lambda: self.provider.writer.send(messages))

    async def ask(
        self, *, provider_ids: Sequence[str] = (), local_ids: Sequence[int] = ()
    ) -> Sequence[Receipt]:
        """How messages stand; raises as `send`."""
        writer = self.provider.writer
        return await self._call("ask", lambda: writer.ask(provider_ids=provider_ids, local_ids=local_ids))

    async def pull(self, line: str, since: datetime, until: datetime) -> AsyncIterator[Sequence[Mo]]:
        """A line's inbox, page by page; raises as `send`."""
        pages = aiter(self.provider.writer.pull(line, since, until))
        while (page := await self._call("pull", lambda: anext(pages, None))) is not None:
            yield page

    def _refuse_while_open(self, call: str) -> None:
        breaker = self._breakers[call]
        if breaker.state is Circuit.OPEN:
            message = f"{self.provider.name} is left alone for {breaker.retry_in:.0f} s"
            raise CircuitOpenError(message)

    async def _turn(self, lane: Lane, count: int) -> None:
        wait = await self._bucket.take(lane, count, self._throttle.rate)
        while wait > 0:  # another replica may be quicker, or the rate may have changed meanwhile
            await asyncio.sleep(min(wait, _LONGEST_NAP))
            wait = await self._bucket.take(lane, count, self._throttle.rate)

    async def _call(self, call: str, do: Callable[[], Awaitable[T]]) -> T:
        breaker = self._breakers[call]
        if not breaker.admit():
            self._refuse_while_open(call)
            message = f"{self.provider.name} is being tried with another call"
            raise CircuitOpenError(message)
        begun, outcome = time.perf_counter(), "abandoned"
        try:
            found = await do()
        except ProviderError as error:
            outcome = type(error).__name__
            self._note(call, error)
            raise
        else:
            outcome = "answered"
            self._answered(call)
            return found
        finally:
            if outcome == "abandoned":
                breaker.abandon()
            PROVIDER_SECONDS.labels(call, outcome).observe(time.perf_counter() - begun)
            self._show()

    def _note(self, call: str, error: ProviderError) -> None:
        breaker = self._breakers[call]
        if isinstance(error, ProviderUnavailableError):
            breaker.fail()
            _log.warning("provider_unavailable", call=call, reason=error.reason, circuit=breaker.state.value)
        elif isinstance(error, ProviderAlarmError):
            self._alarms[call] = error
            breaker.trip(self._alarm_wait)
            _log.error("provider_alarm", call=call, code=error.code, reason=error.reason)
        else:
            # It refused, so it is there.
            self._answered(call)
            if isinstance(error, ProviderSlowDownError):
                self._throttle.slow_down()
                _log.warning("provider_slow_down", call=call, code=error.code, tps=self._throttle.rate)

    def _answered(self, call: str) -> None:
        self._alarms.pop(call, None)
        breaker = self._breakers[call]
        if breaker.state is not Circuit.OPEN:
            breaker.succeed()

    def _show(self) -> None:
        for call, breaker in self._breakers.items():
            alarm = self._alarms.get(call)
            CIRCUIT.labels(call).set(_CIRCUIT_NUMBER[breaker.state])
            ALARM.labels(call).set(alarm.code or 0 if alarm else 0)
        TPS.set(self._throttle.rate)


def _breaker(settings: GatewaySmsSettings) -> CircuitBreaker:
    return CircuitBreaker(
        failures=settings.breaker_failures,
        first_wait=settings.breaker_first_wait_seconds,
        longest_wait=settings.breaker_longest_wait_seconds,
        clock=time.monotonic,
    )
