"""Promise 1: what was accepted is never lost, and what cannot be kept is refused."""

import asyncio
import os
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from bus.errors import NotAcceptedError, RecordTooLargeError
from bus.intake import Intake
from bus.memory import MemoryBus
from bus.settings import SpoolSettings
from envelope.addresses import sender_address
from envelope.models import Channel, Envelope, message_id_of
from envelope.topics import INBOUND


def make_envelope(number: int, text: str = "سلام") -> Envelope:
    now = datetime.now(UTC)
    identity = message_id_of(Channel.SMS, "10001420", "kavenegar", str(number))
    return Envelope(
        message_id=identity,
        channel=Channel.SMS,
        provider="kavenegar",
        provider_message_id=str(number),
        line="10001420",
        sender=sender_address("09120000000"),
        text=text,
        occurred_at=now,
        received_at=now,
        correlation_id=uuid4(),
    )


def ids(bus: MemoryBus) -> list[str]:
    return [Envelope.from_json(record.value).provider_message_id for record in bus.of(INBOUND)]


async def until(condition, seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  (a test polls what it does not own)
            await asyncio.sleep(0.01)


@pytest.fixture
async def intake_on(tmp_path):
    started: list[Intake] = []

    async def start(bus: MemoryBus, **options) -> Intake:
        retention = options.pop("retention_seconds", 0)
        settings = SpoolSettings(directory=tmp_path / "spool", retention_seconds=retention)
        intake = Intake(bus, settings, **options)
        await intake.start()
        started.append(intake)
        return intake

    yield start
    for intake in started:
        await intake.stop()


async def test_accepted_means_that_the_bus_has_it(intake_on):
    bus = MemoryBus()
    intake = await intake_on(bus)
    await asyncio.gather(*(intake.accept(make_envelope(number)) for number in range(100)))
    assert ids(bus) == [str(number) for number in range(100)]


async def test_while_the_bus_is_away_messages_are_kept_and_sent_on_in_order(intake_on):
    bus = MemoryBus()
    bus.down = True
    intake = await intake_on(bus)
    for number in range(10):
        await intake.accept(make_envelope(number))
    assert intake.behind
    assert ids(bus) == []
    bus.down = False
    await asyncio.gather(*(intake.accept(make_envelope(number)) for number in range(10, 20)))
    await until(lambda: not intake.behind)
    assert ids(bus) == [str(number) for number in range(20)]


async def test_what_was_accepted_before_a_crash_is_sent_on_at_the_next_start(intake_on):
    bus = MemoryBus()
    bus.down = True
    intake = await intake_on(bus)
    await intake.accept(make_envelope(1))
    bus.down = False
    second = await intake_on(bus)
    await until(lambda: not second.behind)
    assert "1" in ids(bus)


async def test_a_message_written_while_the_replay_caught_up_is_sent_on_as_well(intake_on, monkeypatch):
    bus = MemoryBus()
    bus.down = True
    intake = await intake_on(bus)
    await intake.accept(make_envelope(1))
    append, writing, go_on = intake._spool.append, asyncio.Event(), asyncio.Event()

    async def slow(entries) -> None:
        writing.set()
        await go_on.wait()
        await append(entries)

    monkeypatch.setattr(intake._spool, "append", slow)
    second = asyncio.create_task(intake.accept(make_envelope(2)))
    await writing.wait()
    bus.down = False
    await until(lambda: not intake.behind)
    go_on.set()
    await second
    await until(lambda: ids(bus) == ["1", "2"])


async def test_neither_bus_nor_disk_means_refused(intake_on, monkeypatch):
    bus = MemoryBus()
    bus.down = True
    intake = await intake_on(bus)

    def full(_descriptor: int, _data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(NotAcceptedError):
        await intake.accept(make_envelope(1))
    monkeypatch.undo()
    await intake.accept(make_envelope(2))
    bus.down = False
    await until(lambda: not intake.behind)
    assert ids(bus) == ["2"]


async def test_a_broker_that_forgot_gets_everything_again(intake_on):
    bus = MemoryBus()
    intake = await intake_on(bus, journal=True, retention_seconds=3600)
    for number in range(5):
        await intake.accept(make_envelope(number))
    bus.records.clear()
    intake.replay_all()
    await intake.accept(make_envelope(5))
    await until(lambda: not intake.behind)
    assert ids(bus) == [str(number) for number in range(6)]


async def test_a_message_that_no_broker_takes_is_refused_and_harms_no_other(intake_on):
    bus = MemoryBus()
    intake = await intake_on(bus)
    with pytest.raises(RecordTooLargeError):
        await intake.accept(make_envelope(1, text="x" * 600_000))
    await intake.accept(make_envelope(2))
    assert ids(bus) == ["2"]
