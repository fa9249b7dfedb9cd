"""How far a message out has come, folded from its reports in whatever order they arrive. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from envelope.delivery import supersedes
from envelope.models import DeliveryReport, DeliveryState


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is known of one message out."""

    outbound_id: UUID
    state: DeliveryState
    state_at: datetime
    created_at: datetime
    provider: str | None = None
    provider_message_id: str | None = None
    provider_status: str | None = None
    reason: str | None = None
    parts: int | None = None
    cost_rial: int | None = None


def advance(delivery: Delivery, report: DeliveryReport) -> Delivery:
    """Take one report in: the state moves forward or stays; ids, parts and cost are learnt either way."""
    learnt = replace(
        delivery,
        provider=delivery.provider or report.provider,
        provider_message_id=delivery.provider_message_id or report.provider_message_id,
        parts=delivery.parts or report.parts,
        cost_rial=delivery.cost_rial if report.cost_rial is None else report.cost_rial,
    )
    if not supersedes(report.state, delivery.state):
        return learnt
    return replace(
        learnt,
        state=report.state,
        state_at=report.reported_at,
        provider_status=report.provider_status,
        reason=report.reason,
    )
