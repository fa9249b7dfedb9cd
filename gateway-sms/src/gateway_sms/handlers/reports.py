"""Delivery reports on their way to the case store."""

from collections.abc import Iterable
from datetime import UTC, datetime

from bus.port import Publisher, Record
from envelope import topics
from envelope.models import DeliveryReport, OutboundMessage
from envelope.parts import estimate
from gateway_sms.metrics import DLR
from gateway_sms.outbound import Verdict, is_spoken
from gateway_sms.providers.port import Dlr, Receipt
from gateway_sms.repository.outstanding import Outstanding


class Reports:
    """Publishes reports; raises the bus's retriable error where they were not taken."""

    def __init__(self, provider: str, publisher: Publisher) -> None:
        self._provider = provider
        self._publisher = publisher

    async def publish(self, reports: Iterable[DeliveryReport], source: str) -> None:
        """All of them or an error; one that is published twice is dropped behind the bus."""
        found = list(reports)
        if not found:
            return
        await self._publisher.publish([Record(topics.DELIVERY, each.key, each.to_json()) for each in found])
        for each in found:
            DLR.labels(each.state.value, source).inc()

    def of_dlr(self, dlr: Dlr) -> DeliveryReport:
        """What the provider pushed; its id is all there is."""
        return DeliveryReport(
            provider=self._provider,
            provider_message_id=dlr.provider_message_id,
            state=dlr.state,
            provider_status=dlr.status,
            reported_at=datetime.now(UTC),
        )

    def of_receipt(self, message: OutboundMessage, receipt: Receipt) -> DeliveryReport:
        """What a call for this message brought."""
        return DeliveryReport(
            provider=self._provider,
            provider_message_id=receipt.provider_message_id,
            outbound_id=message.id,
            state=receipt.state,
            provider_status=receipt.status,
            parts=None if is_spoken(message) else estimate(message.text).parts,
            cost_rial=receipt.cost_rial,
            reported_at=datetime.now(UTC),
        )

    def of_verdict(self, verdict: Verdict) -> DeliveryReport:
        """A message that did not go, and why."""
        return DeliveryReport(
            provider=self._provider,
            outbound_id=verdict.message.id,
            state=verdict.state,
            reason=verdict.reason,
            reported_at=datetime.now(UTC),
        )

    def of_answer(self, message: Outstanding, receipt: Receipt) -> DeliveryReport:
        """How a message stands, as the provider said when asked."""
        return DeliveryReport(
            provider=self._provider,
            provider_message_id=receipt.provider_message_id,
            outbound_id=message.outbound_id,
            state=receipt.state,
            provider_status=receipt.status or None,
            reported_at=datetime.now(UTC),
        )
