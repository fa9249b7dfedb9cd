"""Messages out come in here: one consumer a lane, so that bulk never stands before a reply."""

from functools import partial

from bus.consumer import Consumer
from bus.kafka import KafkaBus
from envelope import topics
from envelope.models import Lane, OutboundMessage
from gateway_sms.handlers.send_mt import Sending


def build_consumers(bus: KafkaBus, sending: Sending) -> list[Consumer[OutboundMessage]]:
    """The lane is the topic's; what a message says of itself is not asked."""
    lanes = {Lane.PRIORITY: topics.OUTBOUND_SMS, Lane.BULK: topics.OUTBOUND_SMS_BULK}
    return [
        Consumer(
            bus,
            topics=[topic],
            group=f"gateway-sms-{lane.value}",
            decode=lambda record: OutboundMessage.from_json(record.value),
            handle=partial(sending.send_mt, lane),
        )
        for lane, topic in lanes.items()
    ]
