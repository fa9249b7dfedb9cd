"""The topics in: every envelope that a gateway took, and what machines heard in recordings, in batches."""

from typing import Final

from bus.consumer import Consumer
from bus.kafka import KafkaBus
from envelope import topics
from envelope.models import Transcript
from message_router.handlers import Arrived, Heard, RouterHandlers

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


def build_listener(bus: KafkaBus, handlers: RouterHandlers, *, max_batch: int) -> Consumer[Heard]:
    """Reads `recordings.transcribed.v1`; in a group of its own, so that messages wait for none of them."""
    return Consumer(
        bus,
        topics=[topics.TRANSCRIBED],
        group=f"{GROUP}.transcripts",
        decode=lambda record: Heard(record.key, Transcript.from_json(record.value)),
        handle=handlers.suggest,
        max_batch=max_batch,
    )
