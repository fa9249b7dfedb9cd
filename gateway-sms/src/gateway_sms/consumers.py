"""Messages out come in here: one consumer a lane, so that bulk stands before no reply, and one for calls."""

from functools import partial

from bus.consumer import Consumer
from bus.kafka import KafkaBus
from envelope import topics
from envelope.models import Lane, OutboundMessage
from gateway_sms.handlers.send_mt import Sending


def build_consumers(bus: KafkaBus, sending: Sending) -> list[Consumer[OutboundMessage]]:
    """The lane is the topic's; what a message says of itself is not asked. Calls have no bulk."""
    lanes = {
        Lane.PRIORITY.value: (topics.OUTBOUND_SMS, Lane.PRIORITY),
        Lane.BULK.value: (topics.OUTBOUND_SMS_BULK, Lane.BULK),
        "voice": (topics.OUTBOUND_VOICE, Lane.PRIORITY),
    }
    return [
        Consumer(
            bus,
            topics=[topic],
            group=f"gateway-sms-{name}",
            decode=lambda record: OutboundMessage.from_json(record.value),
            handle=partial(sending.send_mt, lane),
        )
        for name, (topic, lane) in lanes.items()
    ]
