"""A record that cannot be handled is laid aside with its reason, never dropped and never in the way."""

from datetime import UTC, datetime
from typing import Final, NamedTuple

from pydantic import AwareDatetime, ValidationError

from bus.port import Record
from envelope.base import WireModel
from envelope.errors import PayamError
from envelope.topics import DLQ_SUFFIX, dead_letter_topic

_PREFIX: Final = "payam-"
_MOST_FAULTS_NAMED: Final = 5


class Origin(NamedTuple):
    """Where a record was read: the live topic, its partition, the offset there."""

    topic: str
    partition: int
    offset: int


class DeadLetter(WireModel):
    """A record laid aside: what it was, where it was read, and why it could not be handled."""

    topic: str
    """The live topic it was read from, and goes back to when replayed."""
    partition: int
    """There."""
    offset: int
    """There."""
    key: bytes
    """As it was."""
    value: bytes
    """As it was; may hold a citizen's words."""
    reason: str
    """Class of the error and what it names; no citizen's words."""
    failed_at: AwareDatetime
    """When it was laid aside."""

    @classmethod
    def from_record(cls, record: Record) -> "DeadLetter":
        """Read a record of a dead-letter topic back, tolerant of one that somebody else put there."""
        headers = {
            name.removeprefix(_PREFIX): value.decode(errors="replace") for name, value in record.headers
        }
        return cls(
            topic=headers.get("topic", record.topic.removesuffix(DLQ_SUFFIX)),
            partition=int(headers.get("partition", 0)),
            offset=int(headers.get("offset", 0)),
            key=record.key,
            value=record.value,
            reason=headers.get("reason", "unknown"),
            failed_at=datetime.fromisoformat(headers.get("failed-at", datetime.now(UTC).isoformat())),
        )


def bury(record: Record, origin: Origin, error: Exception) -> Record:
    """The record for the dead-letter topic: the original key and value, and the reason as headers."""
    notes = {
        "topic": origin.topic,
        "partition": str(origin.partition),
        "offset": str(origin.offset),
        "reason": reason_of(error),
        "failed-at": datetime.now(UTC).isoformat(),
    }
    headers = tuple((_PREFIX + name, value.encode()) for name, value in notes.items())
    return Record(dead_letter_topic(origin.topic), record.key, record.value, headers)


def reason_of(error: Exception) -> str:
    """What may be told of an error: ours whole, a validation's places, of a stranger only the class.

    A stranger's message may quote its input (a SQL error prints its parameters), so it is not repeated.
    """
    if isinstance(error, PayamError):
        return f"{type(error).__name__}: {error}"
    if isinstance(error, ValidationError):
        faults = error.errors(include_input=False, include_context=False, include_url=False)
        named = [f"{'.'.join(map(str, fault['loc'])) or 'value'}: {fault['type']}" for fault in faults]
        return "ValidationError: " + "; ".join(named[:_MOST_FAULTS_NAMED])
    return type(error).__name__
