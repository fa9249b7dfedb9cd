"""A bus in memory for unit tests, kept honest by the same contract tests as `KafkaBus`."""

from collections.abc import Sequence

from bus.errors import BusUnavailableError
from bus.port import Record


class MemoryBus:
    """Keeps what was published; `down = True` makes it refuse as Kafka does when it is away."""

    def __init__(self) -> None:
        """Start empty and up."""
        self.records: list[Record] = []
        self.down = False

    async def publish(self, records: Sequence[Record]) -> None:
        """Keep the records, or refuse them all."""
        if self.down:
            message = "the bus is down"
            raise BusUnavailableError(message)
        self.records.extend(records)

    def of(self, topic: str) -> list[Record]:
        """What was published to one topic, in order."""
        return [record for record in self.records if record.topic == topic]
