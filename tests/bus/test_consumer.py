"""Promise 3 on a real broker: effect first, offset after, poison aside, nothing held up."""

import asyncio
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer

from bus.consumer import Consumer
from bus.dead_letters import DeadLetter
from bus.errors import BusUnavailableError
from bus.kafka import KafkaBus
from bus.port import Record
from bus.topics_admin import ensure_topics
from envelope.errors import PayamError
from envelope.topics import EVENTS, dead_letter_topic


class AwayError(PayamError):
    retriable = True


class PoisonError(PayamError):
    pass


async def until(condition, seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  (a test polls what it does not own)
            await asyncio.sleep(0.02)


@pytest.fixture
async def bus(kafka_settings):
    await ensure_topics(kafka_settings)
    bus = KafkaBus(kafka_settings)
    await bus.start()
    await until(lambda: bus.health() is None)
    yield bus
    await bus.stop()


@pytest.fixture
async def reading(bus):
    consumers: list[Consumer] = []

    async def start(
        handle, *, group: str | None = None, decode=lambda record: record.value.decode()
    ) -> Consumer:
        consumer = Consumer(
            bus, topics=[EVENTS], group=group or f"test-{uuid4()}", decode=decode, handle=handle
        )
        consumers.append(consumer)
        await consumer.start()
        return consumer

    yield start
    await asyncio.gather(*(consumer.stop() for consumer in consumers))


async def dead_letters(bus: KafkaBus, marker: str) -> list[DeadLetter]:
    reader = AIOKafkaConsumer(
        dead_letter_topic(EVENTS),
        bootstrap_servers=bus.settings.bootstrap_servers,
        auto_offset_reset="earliest",
    )
    await reader.start()
    try:
        fetched = await reader.getmany(timeout_ms=1000)
    finally:
        await reader.stop()
    letters = [
        DeadLetter.from_record(Record(r.topic, r.key, r.value, tuple(r.headers)))
        for records in fetched.values()
        for r in records
    ]
    return [letter for letter in letters if marker in letter.value.decode(errors="replace")]


async def test_one_poison_record_goes_aside_with_its_reason_and_the_rest_goes_through(bus, reading):
    marker = uuid4().hex
    seen: list[str] = []

    async def handle(values):
        if any(value.endswith("poison") for value in values):
            raise PoisonError("cannot be handled")
        seen.extend(value for value in values if value.startswith(marker))

    await reading(handle)
    values = [f"{marker} {number}" for number in range(20)]
    values.insert(10, f"{marker} poison")
    await bus.publish([Record(EVENTS, b"one", value.encode()) for value in values])
    await until(lambda: len(seen) == 20)
    assert seen == [value for value in values if not value.endswith("poison")]
    [letter] = await dead_letters(bus, marker)
    assert letter.topic == EVENTS
    assert letter.key == b"one"
    assert letter.reason == "PoisonError: cannot be handled"


async def test_a_value_that_cannot_be_read_goes_aside_without_its_content_in_the_reason(bus, reading):
    marker = uuid4().hex
    seen: list[str] = []

    def decode(record: Record) -> str:
        text = record.value.decode()
        if "poison" in text:
            raise ValueError(text)
        return text

    async def handle(values):
        seen.extend(value for value in values if value.startswith(marker))

    await reading(handle, decode=decode)
    await bus.publish(
        [Record(EVENTS, b"k", f"{marker} poison".encode()), Record(EVENTS, b"k", marker.encode())]
    )
    await until(lambda: seen == [marker])
    [letter] = await dead_letters(bus, marker)
    assert letter.reason == "ValueError"


async def test_what_is_away_is_waited_for_and_nothing_is_skipped(bus, reading):
    marker = uuid4().hex
    seen: list[str] = []
    tries = 0

    async def handle(values):
        nonlocal tries
        mine = [value for value in values if value.startswith(marker)]
        if mine and (tries := tries + 1) < 4:
            raise AwayError("the store is away")
        seen.extend(mine)

    consumer = await reading(handle)
    await bus.publish([Record(EVENTS, b"k", f"{marker} {number}".encode()) for number in range(5)])
    await until(lambda: "holds a batch back" in (consumer.health() or ""))
    await until(lambda: len(seen) == 5)
    assert consumer.health() is None
    assert await dead_letters(bus, marker) == []


async def test_a_batch_whose_handler_was_cut_off_is_read_again_by_the_next_member(bus, reading):
    marker, group = uuid4().hex, f"test-{uuid4()}"
    started = asyncio.Event()

    async def hangs(values):
        if any(value.startswith(marker) for value in values):
            started.set()
            raise AwayError("cut off")

    first = await reading(hangs, group=group)
    await bus.publish([Record(EVENTS, b"k", marker.encode())])
    await asyncio.wait_for(started.wait(), 20)
    await first.stop()
    seen: list[str] = []

    async def handle(values):
        seen.extend(value for value in values if value.startswith(marker))

    await reading(handle, group=group)
    await until(lambda: seen == [marker])


async def test_a_watch_that_cannot_make_the_topics_at_once_tries_again(bus, broker, monkeypatch):
    tries = 0

    async def away_at_first(settings) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise BusUnavailableError("died again")
        await ensure_topics(settings)

    monkeypatch.setattr("bus.kafka.ensure_topics", away_at_first)
    await asyncio.sleep(1)  # the watch has seen the broker as it is
    generation = bus.generation
    broker.kill("kafka")
    broker.restart("kafka")
    await until(lambda: bus.generation > generation)
    assert tries == 2
    assert bus.failure() is None


async def test_a_reader_cancelled_from_inside_counts_as_dead(bus):
    async def handle(values):
        raise asyncio.CancelledError

    consumer = Consumer(
        bus, topics=[EVENTS], group=f"test-{uuid4()}", decode=lambda record: record.value, handle=handle
    )
    await consumer.start()
    await bus.publish([Record(EVENTS, b"k", b"v")])
    await until(lambda: consumer.failure() is not None)
    await consumer.stop()
    assert consumer.failure() is None


async def test_a_broker_that_forgot_is_read_from_its_new_beginning(bus, broker, reading):
    marker = uuid4().hex
    seen: list[str] = []

    async def handle(values):
        seen.extend(value for value in values if value.startswith(marker))

    await reading(handle)
    await bus.publish([Record(EVENTS, b"k", f"{marker} old {number}".encode()) for number in range(50)])
    await until(lambda: len(seen) == 50)
    generation = bus.generation
    broker.kill("kafka")
    broker.restart("kafka")
    await until(lambda: bus.generation > generation)
    for number in range(5):
        await bus.publish([Record(EVENTS, b"k", f"{marker} new {number}".encode())])
    await until(lambda: len(seen) >= 55, seconds=40)
    assert seen[50:] == [f"{marker} new {number}" for number in range(5)]


async def test_what_a_producer_remembers_of_a_forgotten_topic_misleads_nobody(bus, reading, monkeypatch):
    """Tansu makes a topic with four partitions by being asked of it, and takes records for one not there."""
    marker = uuid4().hex
    seen: list[str] = []

    async def handle(values):
        seen.extend(value for value in values if value.startswith(marker))

    async def four(topic: str) -> set[int]:
        return {0, 1, 2, 3}

    await reading(handle)
    monkeypatch.setattr(bus._producer, "partitions_for", four)
    sent = [f"{marker} {number}" for number in range(8)]
    await bus.publish([Record(EVENTS, value.encode(), value.encode()) for value in sent])
    await until(lambda: sorted(seen) == sent)
