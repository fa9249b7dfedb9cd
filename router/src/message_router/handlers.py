"""Envelopes in, routed messages out; transcripts in, suggestions out: a batch in one publish."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import Final, NamedTuple, Self

import structlog

from bus.port import Publisher, Record
from envelope import topics
from envelope.models import Envelope, RoutedMessage, Suggestion, Transcript
from message_router.classify import Classifier
from message_router.metrics import SUGGESTED, count_routed
from message_router.route import route
from persian.normalize import normalize

_log = structlog.get_logger()


_ENVELOPE: Final = {"envelope"}


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Arrived(NamedTuple):
    """An envelope and its bytes, which go on as they came: a field that only newer readers know survives."""

    envelope: Envelope
    value: bytes

    @classmethod
    def from_json(cls, value: bytes) -> Self:
        """Read a value from the topic; raises `pydantic.ValidationError` without its input."""
        return cls(Envelope.from_json(value), value)


class Heard(NamedTuple):
    """A transcript, under the key of whoever spoke."""

    key: bytes
    transcript: Transcript


class RouterHandlers:
    """Routes what the consumer hands over. Holds no state between batches."""

    def __init__(
        self,
        publisher: Publisher,
        classifier: Classifier,
        *,
        abstain_below: float,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        """`abstain_below` is the confidence under which the triage desk gets a message."""
        self._publisher = publisher
        self._classifier = classifier
        self._abstain_below = abstain_below
        self._now = now

    async def route_messages(self, batch: Sequence[Arrived]) -> None:
        """Decide on each message and publish them all, in order.

        Raises:
            BusUnavailableError: nothing is committed; the batch comes again.
        """
        if not batch:
            return
        started, now = perf_counter(), self._now()
        routed = [
            route(arrived.envelope, self._classifier, abstain_below=self._abstain_below, now=now)
            for arrived in batch
        ]
        records = [_record(one, arrived.value) for one, arrived in zip(routed, batch, strict=True)]
        seconds = perf_counter() - started
        await self._publisher.publish(records)
        abstained = count_routed(routed, seconds)
        _log.info("messages_routed", count=len(routed), abstained=abstained, seconds=round(seconds, 4))

    async def suggest(self, batch: Sequence[Heard]) -> None:
        """Say what each recording seems to be about; a transcript in which nothing is found goes on as well.

        Raises:
            BusUnavailableError: nothing is committed; the batch comes again.
        """
        suggestions = [(heard.key, self._suggestion(heard.transcript)) for heard in batch]
        await self._publisher.publish(
            [Record(topics.SUGGESTED, key, suggestion.to_json()) for key, suggestion in suggestions]
        )
        for _, suggestion in suggestions:
            SUGGESTED.labels(suggestion.classification.source).inc()
        _log.info("recordings_suggested", count=len(suggestions))

    def _suggestion(self, transcript: Transcript) -> Suggestion:
        """By the rules alone: what the caller chose by key has decided the desk already."""
        found = self._classifier.classify(normalize(transcript.text), None)
        return Suggestion(transcript=transcript, classification=found)


def _record(routed: RoutedMessage, envelope: bytes) -> Record:
    decision = routed.__pydantic_serializer__.to_json(routed, exclude=_ENVELOPE, exclude_none=True)
    value = b"".join((b'{"envelope":', envelope, b",", memoryview(decision)[1:]))
    return Record(topics.ROUTED, routed.envelope.sender.key, value)
