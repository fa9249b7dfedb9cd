"""The port that every service writes to, whether Kafka or memory is behind it."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Record(NamedTuple):
    """One record for one topic."""

    topic: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


class Publisher(Protocol):
    """Takes records and says when they are safe."""

    async def publish(self, records: Sequence[Record]) -> None:
        """Return once every record is held with `acks=all`.

        Raises:
            BusUnavailableError: some record was not taken in time.
            RecordTooLargeError: a record can never be taken.
        """
        ...
