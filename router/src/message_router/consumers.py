"""The topic in: every envelope that a gateway took, handed to the router in batches."""

from typing import Final

from bus.consumer import Consumer
from bus.kafka import KafkaBus
from envelope import topics
from message_router.handlers import Arrived, RouterHandlers

GROUP: Final = "router"


def build_consumer(bus: KafkaBus, handlers: RouterHandlers, *, max_batch: int) -> Consumer[Arrived]:
    """Reads `messages.inbound.v1`; an envelope that cannot be read goes to its dead letters."""
    return Consumer(
        bus,
        topics=[topics.INBOUND],
        group=GROUP,
        decode=lambda record: Arrived.from_json(record.value),
        handle=handlers.route_messages,
        max_batch=max_batch,
    )
