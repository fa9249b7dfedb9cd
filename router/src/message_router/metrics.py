"""What the router counts: where messages go, how often it abstains, how long it takes."""

from collections import Counter as Tally
from collections.abc import Sequence

from prometheus_client import Counter, Histogram

from envelope.models import Intent, RoutedMessage
from message_router.desks import TRIAGE

_routed = Counter("payam_router_routed", "Messages routed.", ["topic", "intent", "desk"])
SUGGESTED = Counter(
    "payam_router_suggested", "Transcripts of recordings read, by whether something was found.", ["source"]
)
_abstained = Counter("payam_router_abstained", "Messages that the router left to the triage desk.")
_seconds = Histogram(
    "payam_router_message_seconds",
    "Time to decide on one message, averaged over its batch.",
    buckets=(20e-6, 40e-6, 60e-6, 80e-6, 100e-6, 150e-6, 250e-6, 500e-6, 1e-3, 5e-3),
)


def count_routed(routed: Sequence[RoutedMessage], seconds: float) -> int:
    """Count a batch at once, so that counting costs nothing a message; gives how many were left to triage."""
    tally = Tally((one.classification.topic, one.intent, one.desk) for one in routed)
    for (topic, intent, desk), count in tally.items():
        _routed.labels(topic, intent, desk).inc(count)
    abstained = sum(
        count for (_, intent, desk), count in tally.items() if desk == TRIAGE and intent is Intent.MESSAGE
    )
    _abstained.inc(abstained)
    _seconds.observe(seconds / len(routed))
    return abstained
