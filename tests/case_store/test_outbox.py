"""What is committed is published, in order; what nothing is heard of is sent again, and in the end told."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from bus.errors import RecordTooLargeError
from bus.memory import MemoryBus
from case_store.dispatcher import Dispatcher
from case_store.handlers.outbox import Outbox
from case_store.model import Rules
from case_store.staffing import service
from envelope import topics
from envelope.models import DeliveryReport, DeliveryState, OutboundMessage
from envelope.tracking import mint
from tests.case_store.conftest import KEY, Store, routed

CODE = mint(900, KEY)


async def until(condition, seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  (the bus in memory rings no bell)
            await asyncio.sleep(0.01)


@pytest.fixture
async def running(store: Store):
    """The dispatcher at work, with a poll too slow to help."""
    dispatcher = Dispatcher(store.database, store.outbox, poll_seconds=30)
    task = asyncio.create_task(dispatcher.run())
    await asyncio.sleep(0.1)
    yield task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_rows_leave_in_the_order_they_were_written(store: Store):
    for n in range(5):
        await store.file(routed(sender=f"+98912000000{n}"))
    await store.publish_all()
    sent = [OutboundMessage.from_json(record.value).to.value for record in store.bus.of(topics.OUTBOUND_SMS)]
    assert sent == [f"+98912000000{n}" for n in range(5)]
    assert await store.count("outbox") == 0


async def test_while_the_bus_is_down_rows_wait_and_then_they_go(store: Store, running):
    store.bus.down = True
    await store.file(routed())
    await asyncio.sleep(0.5)
    assert await store.count("outbox") == 2
    assert not running.done()
    store.bus.down = False
    await until(lambda: len(store.bus.records) == 2)
    await asyncio.sleep(0.2)
    assert await store.count("outbox") == 0


async def test_a_commit_wakes_the_dispatcher_at_once(store: Store, running):
    began = asyncio.get_running_loop().time()
    await store.file(routed())
    await until(lambda: len(store.bus.records) == 2)
    assert asyncio.get_running_loop().time() - began < 2


async def test_the_dispatcher_hears_again_after_its_connection_was_cut(store: Store):
    dispatcher = Dispatcher(store.database, store.outbox, poll_seconds=0.2)
    task = asyncio.create_task(dispatcher.run())
    await asyncio.sleep(0.2)
    await store.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    await store.file(routed())
    await until(lambda: len(store.bus.records) == 2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_two_dispatchers_publish_nothing_twice(store: Store):
    for n in range(30):
        await store.file(routed(sender=f"+9891200000{n:02d}"))
    other = Outbox(store.database, store.bus, Rules(), batch=3)
    mine = Outbox(store.database, store.bus, Rules(), batch=3)

    async def drain(box: Outbox) -> None:
        while await store.count("outbox"):
            await box.publish_next()

    await asyncio.gather(drain(mine), drain(other))
    assert len(store.bus.records) == len(set(store.bus.records)) == 60


async def test_a_record_that_can_never_be_taken_is_laid_aside_and_holds_up_nobody(store: Store):
    class Small(MemoryBus):
        async def publish(self, records):
            if any(b'"too large"' in record.value for record in records):
                raise RecordTooLargeError("too large")
            await super().publish(records)

    await store.file(routed(code=CODE))
    await store.staff.close(service(), CODE, "over", "too large", notify=False, version=None)
    await store.file(routed(sender="+989120000009"))
    small = Small()
    outbox = Outbox(store.database, small, Rules())
    await outbox.publish_next()
    assert len(small.records) == 4
    [letter] = await store.dead_letters.page(topic=None, state=None, after=None, limit=10)
    assert letter["topic"] == topics.EVENTS
    assert letter["reason"].startswith("RecordTooLargeError")


async def redrive_at(store: Store, at: datetime) -> None:
    await store.rows("UPDATE outbound_message SET redrive_at = $1", at)


LONG_AGO = datetime.now(UTC) - timedelta(hours=1)


async def test_what_nothing_was_heard_of_is_sent_again_under_the_same_id(store: Store):
    await store.file(routed())
    await store.publish_all()
    await store.outbox.redrive()
    assert await store.count("outbox") == 0
    await redrive_at(store, LONG_AGO)
    await store.outbox.redrive()
    await store.publish_all()
    first, again = [record.value for record in store.bus.of(topics.OUTBOUND_SMS)]
    assert OutboundMessage.from_json(first) == OutboundMessage.from_json(again)


async def test_what_still_waits_in_the_outbox_is_not_put_there_twice(store: Store):
    await store.file(routed())
    await redrive_at(store, LONG_AGO)
    await store.outbox.redrive()
    assert await store.count("outbox") == 2


async def test_what_was_published_late_gets_its_full_time(store: Store):
    await store.file(routed())
    await redrive_at(store, LONG_AGO)
    await store.rows("UPDATE outbox SET created_at = $1", LONG_AGO)
    await store.publish_all()
    await store.outbox.redrive()
    assert await store.count("outbox") == 0


@pytest.mark.parametrize("state", [DeliveryState.QUEUED, DeliveryState.DELIVERED, DeliveryState.REJECTED])
async def test_what_was_heard_of_is_left_alone(store: Store, state):
    await store.file(routed())
    await store.publish_all()
    [row] = await store.rows("SELECT id FROM outbound_message")
    told = DeliveryReport(
        provider="kavenegar", outbound_id=row["id"], state=state, reported_at=datetime.now(UTC)
    )
    await store.deliveries.record([told])
    await redrive_at(store, LONG_AGO)
    await store.outbox.redrive()
    assert await store.count("outbox") == 0


async def test_after_the_last_time_it_is_given_up_and_shown(store: Store):
    await store.file(routed(code=CODE))
    await store.publish_all()
    waits = []
    for _ in range(Rules().redrives + 2):
        await redrive_at_if_any(store)
        await store.outbox.redrive()
        await store.publish_all()
        [row] = await store.rows("SELECT redrive_at - now() AS wait FROM outbound_message")
        waits.append(row["wait"])
    assert len(store.bus.of(topics.OUTBOUND_SMS)) == 1 + Rules().redrives
    assert waits[-1] is None
    assert all(later > earlier for earlier, later in pairwise(waits[:5]))
    assert (await store.cases.stats(service()))["outbound_stuck"] == 1
    assert (await store.case(CODE))["outbound_messages"][0]["stuck"] is True


async def redrive_at_if_any(store: Store) -> None:
    await store.rows("UPDATE outbound_message SET redrive_at = $1 WHERE redrive_at IS NOT NULL", LONG_AGO)
