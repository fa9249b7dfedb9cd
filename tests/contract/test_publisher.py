"""What every `Publisher` promises, run once for each: memory and the embedded broker."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer

from bus.errors import BusUnavailableError
from bus.kafka import KafkaBus
from bus.memory import MemoryBus
from bus.port import Record
from bus.settings import KafkaSettings
from bus.topics_admin import ensure_topics
from envelope.topics import EVENTS


async def connected(settings: KafkaSettings) -> KafkaBus:
    bus = KafkaBus(settings)
    await bus.start()
    async with asyncio.timeout(10):
        while bus.health() is not None:  # noqa: ASYNC110  (a test polls what it does not own)
            await asyncio.sleep(0.02)
    return bus


class KafkaTwin:
    """The embedded broker, read back through a plain consumer."""

    def __init__(self, settings: KafkaSettings) -> None:
        self.settings = settings

    async def start(self) -> None:
        await ensure_topics(self.settings)
        self.bus = await connected(self.settings)
        self.publish = self.bus.publish
        self.reader = AIOKafkaConsumer(
            EVENTS,
            bootstrap_servers=self.settings.bootstrap_servers,
            auto_offset_reset="latest",
            fetch_max_wait_ms=20,
        )
        await self.reader.start()
        await self.reader.seek_to_end()
        for partition in self.reader.assignment():
            await self.reader.position(partition)

    async def read(self, count: int) -> list[tuple[bytes, bytes]]:
        seen = []
        async with asyncio.timeout(10):
            while len(seen) < count:
                for records in (await self.reader.getmany(timeout_ms=100)).values():
                    seen += [(record.key, record.value) for record in records]
        return seen

    async def stop(self) -> None:
        await self.reader.stop()
        await self.bus.stop()


class MemoryTwin:
    async def start(self) -> None:
        self.bus = MemoryBus()
        self.publish = self.bus.publish

    async def read(self, count: int) -> list[tuple[bytes, bytes]]:
        return [(record.key, record.value) for record in self.bus.of(EVENTS)][:count]

    async def stop(self) -> None:
        return


@pytest.fixture(params=["memory", "kafka"])
async def twin(request):
    twin = MemoryTwin() if request.param == "memory" else KafkaTwin(request.getfixturevalue("kafka_settings"))
    await twin.start()
    yield twin
    await twin.stop()


async def test_what_was_published_can_be_read_and_one_key_stays_in_order(twin):
    records = [Record(EVENTS, b"key-%d" % (number % 3), b"%d" % number) for number in range(60)]
    await twin.publish(records)
    seen = await twin.read(60)
    for key in (b"key-0", b"key-1", b"key-2"):
        assert [value for k, value in seen if k == key] == [r.value for r in records if r.key == key]


async def test_publishing_nothing_is_no_error(twin):
    await twin.publish([])


async def test_a_broker_that_is_away_is_said_so_in_time():
    bus = KafkaBus(KafkaSettings(bootstrap_servers="127.0.0.1:1", publish_timeout_seconds=0.3))
    await bus.start()
    with pytest.raises(BusUnavailableError):
        await bus.publish([Record(EVENTS, b"k", b"v")])
    assert bus.health() is not None
    await bus.stop()
