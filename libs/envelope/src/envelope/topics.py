"""The names on the wire: one constant a topic, and which of them are keyed and how many partitions."""

from collections.abc import Mapping
from typing import Final

INBOUND: Final = "messages.inbound.v1"
"""Gateway → router: `Envelope`, keyed by the sender's address."""
ROUTED: Final = "messages.routed.v1"
"""Router → case store: `RoutedMessage`, keyed by the sender's address."""
OUTBOUND_SMS: Final = "messages.outbound.sms.v1"
"""Case store → gateway-sms, replies and one-time codes: `OutboundMessage`, keyed by the receiver."""
OUTBOUND_SMS_BULK: Final = "messages.outbound.sms-bulk.v1"
"""Case store → gateway-sms, surveys and announcements: `OutboundMessage`, keyed by the receiver."""
OUTBOUND_VOICE: Final = "messages.outbound.voice.v1"
"""Case store → gateway-sms, what is read out over the telephone: `OutboundMessage`, keyed by the receiver."""
DELIVERY: Final = "messages.delivery.v1"
"""Gateway → case store: `DeliveryReport`, keyed by the provider's message id (ours before it has one)."""
EVENTS: Final = "cases.events.v1"
"""Case store → anyone: `CaseEvent`, keyed by the case."""
TRANSCRIBED: Final = "recordings.transcribed.v1"
"""gateway-voice → router: `Transcript`, keyed by the sender's address."""
SUGGESTED: Final = "recordings.suggested.v1"
"""Router → case store: `Suggestion`, keyed by the sender's address."""

DLQ_SUFFIX: Final = ".dlq"
PARTITIONS: Final = 12

TOPICS: Final[Mapping[str, int]] = dict.fromkeys(
    (
        INBOUND,
        ROUTED,
        OUTBOUND_SMS,
        OUTBOUND_SMS_BULK,
        OUTBOUND_VOICE,
        DELIVERY,
        EVENTS,
        TRANSCRIBED,
        SUGGESTED,
    ),
    PARTITIONS,
)
"""Every live topic and its partitions; each has a dead-letter twin of one partition."""


def dead_letter_topic(topic: str) -> str:
    """`messages.inbound.v1` → `messages.inbound.v1.dlq`."""
    return topic + DLQ_SUFFIX
