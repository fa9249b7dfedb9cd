"""States that no webhook brought are asked for, until they are final or the provider has forgotten."""

import time
from collections.abc import Mapping, Sequence

import structlog

from envelope.delivery import FINAL
from envelope.models import DeliveryState
from gateway_sms.errors import CircuitOpenError
from gateway_sms.handlers.gate import ProviderGate
from gateway_sms.handlers.reports import Reports
from gateway_sms.outbound import local_id
from gateway_sms.providers.port import Receipt
from gateway_sms.repository.attempts import Attempts
from gateway_sms.repository.outstanding import Outstanding, OutstandingMessages
from gateway_sms.settings import GatewaySmsSettings

_log = structlog.get_logger()


class StatePoller:
    """First after some minutes, then at twice the age each time."""

    def __init__(
        self,
        gate: ProviderGate,
        reports: Reports,
        outstanding: OutstandingMessages,
        attempts: Attempts,
        settings: GatewaySmsSettings,
    ) -> None:
        self._gate = gate
        self._reports = reports
        self._outstanding = outstanding
        self._attempts = attempts
        self._first = settings.poll_first_seconds
        self._longest = settings.poll_longest_seconds
        self._window = settings.poll_window.total_seconds()

    async def poll_states(self) -> None:
        """Ask for all that are due, then for attempts that were never answered."""
        most = self._gate.provider.most_asked
        begun = time.time()
        await self._outstanding.flush()
        try:
            while due := await self._outstanding.claim(most, begun):
                await self._ask(due)
            await self._ask_unanswered(most)
        except CircuitOpenError:
            _log.info("poll_put_off")

    async def _ask(self, due: Sequence[Outstanding]) -> None:
        now = time.time()
        alive = [message for message in due if now - message.sent_at < self._window]
        receipts = await self._asked([message.provider_message_id for message in alive])
        answers = {message: receipts.get(message.provider_message_id) for message in alive}
        lapsed = [message for message in due if message not in answers]
        news = [
            self._reports.of_answer(message, receipt)
            for message, receipt in answers.items()
            if receipt is not None and receipt.status != message.status
        ]
        news += [self._reports.of_answer(message, _forgotten(message)) for message in lapsed]
        await self._reports.publish(news, "poll")
        over = [message for message, receipt in answers.items() if receipt is not None and _over(receipt)]
        await self._outstanding.drop(message.provider_message_id for message in [*lapsed, *over])
        waiting = [
            message._replace(status=receipt.status if receipt else message.status)
            for message, receipt in answers.items()
            if receipt is None or not _over(receipt)
        ]
        await self._outstanding.put(waiting, [now + self._pause(now - each.sent_at) for each in waiting])

    async def _ask_unanswered(self, limit: int) -> None:
        ids = await self._attempts.unanswered(older_than=self._first, limit=limit)
        if not ids:
            return
        own = {local_id(outbound_id): outbound_id for outbound_id in ids}
        now = time.time()
        found = [
            (Outstanding(receipt.provider_message_id, own[receipt.local_id], now, receipt.status), receipt)
            for receipt in await self._gate.ask(local_ids=list(own))
            if receipt.known and receipt.local_id in own
        ]
        await self._reports.publish([self._reports.of_answer(*pair) for pair in found], "poll")
        waiting = [message for message, receipt in found if not _over(receipt)]
        await self._outstanding.put(waiting, [now + self._first] * len(waiting))
        # Unknown after minutes: it was never taken. Its redelivery from the bus will send it.
        await self._attempts.answered(ids)

    async def _asked(self, ids: Sequence[str]) -> Mapping[str, Receipt]:
        if not ids:
            return {}
        return {found.provider_message_id: found for found in await self._gate.ask(provider_ids=ids)}

    def _pause(self, age: float) -> float:
        return min(max(self._first, age), self._longest)


def _over(receipt: Receipt) -> bool:
    return receipt.state in FINAL or not receipt.known


def _forgotten(message: Outstanding) -> Receipt:
    return Receipt(message.provider_message_id, DeliveryState.UNKNOWN, message.status, known=False)
