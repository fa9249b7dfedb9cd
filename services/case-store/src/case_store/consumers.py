"""Topics in: routed messages, transcripts of recordings, delivery reports, dead letters."""

from bus.consumer import Consumer
from bus.dead_letters import DeadLetter
from bus.kafka import KafkaBus
from case_store.handlers.dead_letters import DeadLetters
from case_store.handlers.deliveries import Deliveries
from case_store.handlers.intake import Intake
from case_store.handlers.transcripts import Transcripts
from envelope import topics
from envelope.models import DeliveryReport, RoutedMessage, Suggestion

_GROUP = "case-store"


def routed_messages(bus: KafkaBus, intake: Intake, max_batch: int) -> Consumer[RoutedMessage]:
    """Each batch is filed in one transaction."""
    return Consumer(
        bus,
        topics=[topics.ROUTED],
        group=f"{_GROUP}.intake",
        decode=lambda record: RoutedMessage.from_json(record.value),
        handle=intake.file_messages,
        max_batch=max_batch,
    )


def heard_recordings(bus: KafkaBus, transcripts: Transcripts, max_batch: int) -> Consumer[Suggestion]:
    """Each batch is kept in one transaction."""
    return Consumer(
        bus,
        topics=[topics.SUGGESTED],
        group=f"{_GROUP}.transcripts",
        decode=lambda record: Suggestion.from_json(record.value),
        handle=transcripts.keep,
        max_batch=max_batch,
    )


def delivery_reports(bus: KafkaBus, deliveries: Deliveries, max_batch: int) -> Consumer[DeliveryReport]:
    """Each batch moves its messages on in one transaction."""
    return Consumer(
        bus,
        topics=[topics.DELIVERY],
        group=f"{_GROUP}.delivery",
        decode=lambda record: DeliveryReport.from_json(record.value),
        handle=deliveries.record,
        max_batch=max_batch,
    )


def laid_aside(bus: KafkaBus, dead_letters: DeadLetters) -> Consumer[DeadLetter]:
    """What any service could not handle, from every dead-letter topic."""
    return Consumer(
        bus,
        topics=[topics.dead_letter_topic(name) for name in topics.TOPICS],
        group=f"{_GROUP}.dead-letters",
        decode=DeadLetter.from_record,
        handle=dead_letters.keep,
        max_batch=50,
    )
