"""What became of messages out: reported first, then remembered."""

import time
from collections.abc import Sequence

import structlog

from envelope.delivery import FINAL
from envelope.models import Lane, OutboundMessage
from envelope.parts import Prices, cost_rial, estimate
from gateway_sms.handlers.reports import Reports
from gateway_sms.metrics import COST, MT, READ_OUT
from gateway_sms.outbound import Verdict, is_spoken
from gateway_sms.providers.port import Receipt
from gateway_sms.repository.attempts import Attempts
from gateway_sms.repository.outstanding import Outstanding, OutstandingMessages
from gateway_sms.settings import GatewaySmsSettings

_log = structlog.get_logger()


class Outcomes:
    """Publishes a report of each message and has its state asked for until it is final."""

    def __init__(
        self,
        reports: Reports,
        attempts: Attempts,
        outstanding: OutstandingMessages,
        settings: GatewaySmsSettings,
    ) -> None:
        self._reports = reports
        self._attempts = attempts
        self._outstanding = outstanding
        self._prices = Prices(settings.price_persian_rial, settings.price_latin_rial)
        self._poll_first = settings.poll_first_seconds

    async def sent(self, lane: Lane, pairs: Sequence[tuple[OutboundMessage, Receipt]]) -> None:
        """The provider has them."""
        await self._reports.publish([self._reports.of_receipt(*pair) for pair in pairs], "call")
        await self._attempts.answered([message.id for message, _ in pairs])
        await self._follow([pair for pair in pairs if pair[1].state not in FINAL])
        for message, receipt in pairs:
            if is_spoken(message):
                READ_OUT.labels(receipt.state.value).inc()
            else:
                MT.labels(lane.value, receipt.state.value).inc()
                COST.labels("estimated").inc(cost_rial(estimate(message.text), self._prices))
            COST.labels("charged").inc(receipt.cost_rial or 0)
            way = "voice" if is_spoken(message) else lane.value
            _log.info("mt_sent", outbound_id=str(message.id), lane=way, state=receipt.state.value)

    async def given_up(self, lane: Lane, verdicts: Sequence[Verdict]) -> None:
        """They will not go."""
        await self._reports.publish([self._reports.of_verdict(verdict) for verdict in verdicts], "gateway")
        await self._attempts.answered([verdict.message.id for verdict in verdicts])
        for message, state, reason in verdicts:
            if is_spoken(message):
                READ_OUT.labels(state.value).inc()
            else:
                MT.labels(lane.value, state.value).inc()
            _log.warning("mt_given_up", outbound_id=str(message.id), state=state.value, reason=reason)

    async def _follow(self, pairs: Sequence[tuple[OutboundMessage, Receipt]]) -> None:
        now = time.time()
        held = [message.not_before.timestamp() if message.not_before else now for message, _ in pairs]
        await self._outstanding.put(
            [Outstanding(each.provider_message_id, message.id, now, each.status) for message, each in pairs],
            [max(now, until) + self._poll_first for until in held],
        )
