"""Messages to telephones: each goes once, whatever times out, crashes or is redelivered in between.

Every message has a `local_id` that the provider does not send twice. Beyond that nothing is sent again before
asking: a call without an answer, or one that a mark says was made before, is first looked up by `local_id`.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from envelope.models import DeliveryState, Lane, OutboundMessage
from gateway_sms.errors import (
    CircuitOpenError,
    ProviderAlarmError,
    ProviderError,
    ProviderRefusedError,
    ProviderSlowDownError,
    ProviderUnavailableError,
    ProviderUndecidedError,
)
from gateway_sms.handlers.gate import ProviderGate
from gateway_sms.handlers.outcomes import Outcomes
from gateway_sms.metrics import WAITING
from gateway_sms.outbound import Verdict, by_day, calls, held_until, is_spoken, local_id, sort_out
from gateway_sms.providers.port import Mt
from gateway_sms.recent import Recent
from gateway_sms.repository.attempts import Attempts
from gateway_sms.settings import GatewaySmsSettings

_REMEMBERED: Final = 20_000
_REMEMBERED_SECONDS: Final = 60
"""A copy within it is a redelivery and left alone; later a report was missed, and it is asked for anew."""
_UNDECIDED_TAKEN: Final = 3

Batch = Sequence[OutboundMessage]


class Sending:
    """Takes batches from the bus; an error that it raises is retriable, and what went is not sent again."""

    def __init__(
        self,
        gate: ProviderGate,
        outcomes: Outcomes,
        attempts: Attempts,
        settings: GatewaySmsSettings,
    ) -> None:
        self._gate = gate
        self._outcomes = outcomes
        self._attempts = attempts
        most = gate.provider.most_a_call
        bulk = max(1, min(most, int(settings.tps * settings.bulk_share)))
        self._most_a_call = {Lane.PRIORITY: most, Lane.BULK: bulk}
        self._resend_pause = settings.resend_pause_seconds
        self._call_hours = settings.calls.hours
        self._done: Recent[UUID] = Recent(_REMEMBERED, _REMEMBERED_SECONDS)
        self._taken = 0
        self._undecided: dict[UUID, tuple[int, int]] = {}

    async def send_mt(self, lane: Lane, messages: Batch) -> None:
        """Send what can go, report all of it.

        Raises:
            CircuitOpenError: the provider is left alone.
            ProviderError: only retriable kinds; what is not is reported as rejected.
            BusUnavailableError: a report was not taken.
        """
        fresh = list({message.id: message for message in messages if message.id not in self._done}.values())
        WAITING.labels(lane.value).inc(len(fresh))
        try:
            await self._send_fresh(lane, fresh)
        finally:
            WAITING.labels(lane.value).dec(len(fresh))

    async def _send_fresh(self, lane: Lane, messages: Batch) -> None:
        now = datetime.now(UTC)
        found = sort_out([by_day(message, self._call_hours, now) for message in messages], now)
        await self._give_up(lane, found.refused)
        await self._expire(lane, found.expired)
        undecided: ProviderUndecidedError | None = None
        for batch in calls(found.sendable, now, self._most_a_call[lane]):
            try:
                await self._send_call(lane, batch, now)
            except ProviderUndecidedError as error:
                undecided = error
        if undecided is not None:
            raise undecided

    async def _send_call(self, lane: Lane, batch: Batch, now: datetime) -> None:
        before = await self._attempts.mark([message.id for message in batch])
        unknown = await self._look_up(lane, [message for message in batch if message.id in before])
        still = {message.id for message in unknown}
        rest = [message for message in batch if message.id not in before or message.id in still]
        try:
            await self._send(lane, rest, now)
        except ProviderUndecidedError:
            # It refused, so it took none of those that are not done.
            await self._attempts.forget([message.id for message in rest if message.id not in self._done])
            raise

    async def _send(self, lane: Lane, batch: Batch, now: datetime, *, again: bool = False) -> None:
        if not batch:
            return
        try:
            receipts = await self._gate.send(lane, [_mt(message, now) for message in batch])
        except (ProviderRefusedError, ProviderUndecidedError) as error:
            await self._halve(lane, batch, now, error)
        except (ProviderSlowDownError, ProviderAlarmError, CircuitOpenError):
            await self._attempts.forget([message.id for message in batch])
            raise
        except ProviderUnavailableError as error:
            if not error.maybe_taken:
                await self._attempts.forget([message.id for message in batch])
            if again or not error.maybe_taken:
                raise
            await asyncio.sleep(self._resend_pause)
            await self._send(lane, await self._look_up(lane, batch), now, again=True)
        else:
            await self._outcomes.sent(lane, list(zip(batch, receipts, strict=True)))
            self._finish(batch)
            self._taken += len(batch)

    async def _look_up(self, lane: Lane, batch: Batch) -> list[OutboundMessage]:
        """Ask what became of them; those that the provider has are reported, the others returned."""
        if not batch:
            return []
        try:
            receipts = await self._gate.ask(local_ids=[local_id(message.id) for message in batch])
        except ProviderRefusedError as error:
            # What is refused here is the question. The messages are not to blame and must wait.
            raise ProviderUnavailableError(error.reason, error.code, maybe_taken=True) from None
        known = {receipt.local_id: receipt for receipt in receipts if receipt.known}
        found = [(message, known[local_id(message.id)]) for message in batch if local_id(message.id) in known]
        await self._outcomes.sent(lane, found)
        self._finish([message for message, _ in found])
        return [message for message in batch if local_id(message.id) not in known]

    async def _halve(self, lane: Lane, batch: Batch, now: datetime, error: ProviderError) -> None:
        """One bad message refuses its whole call: find it, let the others go."""
        if len(batch) == 1:
            await self._refused_alone(lane, batch[0], error)
            return
        middle, taken = len(batch) // 2, self._taken
        undecided: ProviderUndecidedError | None = None
        for half in (batch[:middle], batch[middle:]):
            try:
                await self._send(lane, half, now)
            except ProviderUndecidedError as found:
                undecided = found
                if len(half) > 1 and self._taken == taken:
                    # Nothing at all goes through: it is the moment, not a message.
                    break
        if undecided is not None:
            raise undecided

    async def _refused_alone(self, lane: Lane, message: OutboundMessage, error: ProviderError) -> None:
        if isinstance(error, ProviderUndecidedError) and not self._is_to_blame(message.id):
            raise error
        await self._give_up(lane, [Verdict(message, DeliveryState.REJECTED, str(error))])

    def _is_to_blame(self, outbound_id: UUID) -> bool:
        """Refused again and again while others went: it is the message, and must not hold up the rest."""
        times, taken = self._undecided.get(outbound_id, (0, self._taken))
        self._undecided[outbound_id] = (times + 1, taken)
        return times + 1 >= _UNDECIDED_TAKEN and self._taken > taken

    async def _expire(self, lane: Lane, batch: Batch) -> None:
        """Too late, unless an earlier attempt was in time."""
        reason = "too late to be of use"
        made = await self._attempts.made([message.id for message in batch])
        unknown = await self._look_up(lane, [message for message in batch if message.id in made])
        gone = [message for message in batch if message.id not in made] + unknown
        await self._give_up(lane, [Verdict(message, DeliveryState.EXPIRED, reason) for message in gone])

    async def _give_up(self, lane: Lane, verdicts: Sequence[Verdict]) -> None:
        await self._outcomes.given_up(lane, verdicts)
        self._finish([verdict.message for verdict in verdicts])

    def _finish(self, batch: Batch) -> None:
        for message in batch:
            self._done.add(message.id)
            self._undecided.pop(message.id, None)


def _mt(message: OutboundMessage, now: datetime) -> Mt:
    held = held_until(message, now)
    own, spoken = local_id(message.id), is_spoken(message)
    return Mt(message.id, own, message.to.value, message.line, message.text, held, spoken)
