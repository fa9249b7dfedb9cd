"""What could not be handled is kept, and goes back to its topic as it was; who sent it is written down."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from bus.dead_letters import DeadLetter
from case_store.errors import NotFoundError
from case_store.staffing import service
from envelope import topics
from tests.case_store.conftest import Store, routed

WHEN = datetime(2026, 11, 21, tzinfo=UTC)
POISON = b"\x00\xff\xfe not json"


def letter(
    offset: int = 1, *, topic: str = topics.ROUTED, value: bytes = POISON, at: datetime = WHEN
) -> DeadLetter:
    return DeadLetter(
        topic=topic,
        partition=3,
        offset=offset,
        key=b"+989120000001",
        value=value,
        reason="ValidationError: envelope: missing",
        failed_at=at,
    )


async def listed(store: Store, **filters):
    return await store.dead_letters.page(
        **{"topic": None, "state": None, "after": None, "limit": 50} | filters
    )


async def test_a_dead_letter_is_kept_byte_for_byte_and_once(store: Store):
    await store.dead_letters.keep([letter(), letter()])
    await store.dead_letters.keep([letter()])
    [found] = await listed(store)
    whole = await store.dead_letters.find(found["id"])
    assert (whole["value"], whole["key"]) == (POISON, b"+989120000001")
    assert whole["state"] == "waiting"


async def test_the_same_offset_failing_again_is_another_letter(store: Store):
    await store.dead_letters.keep([letter(), letter(at=WHEN + timedelta(minutes=1))])
    assert len(await listed(store)) == 2


async def test_a_replay_goes_to_its_topic_as_it_was_and_is_written_down(store: Store):
    await store.dead_letters.keep([letter()])
    [found] = await listed(store)
    replayed = await store.dead_letters.replay(service(), found["id"], "operator-1")
    await store.dead_letters.replay(service(), found["id"], "operator-2")
    await store.publish_all()
    assert [(r.topic, r.key, r.value) for r in store.bus.records] == [
        (topics.ROUTED, b"+989120000001", POISON)
    ] * 2
    assert replayed["state"] == "replayed"
    audit = (await store.dead_letters.find(found["id"]))["replays"]
    assert [entry["actor"] for entry in audit] == ["operator-1", "operator-2"]
    assert all(entry["replayed_at"] > WHEN for entry in audit)


async def test_the_audit_of_replays_cannot_be_rewritten(store: Store):
    await store.dead_letters.keep([letter()])
    [found] = await listed(store)
    await store.dead_letters.replay(service(), found["id"], "operator")
    with pytest.raises(Exception, match="append only"):
        await store.rows("DELETE FROM dead_letter_replay")


async def test_all_of_a_topic_are_sent_again_and_only_those_that_wait(store: Store):
    await store.dead_letters.keep([letter(n) for n in range(700)])
    await store.dead_letters.keep([letter(topic=topics.DELIVERY)])
    assert await store.dead_letters.replay_waiting(service(), topics.ROUTED, "operator") == 700
    assert await store.dead_letters.replay_waiting(service(), topics.ROUTED, "operator") == 0
    assert (await store.cases.stats(service()))["dead_letters_waiting"] == 1
    assert len(await listed(store, state="waiting")) == 1


async def test_a_mended_message_is_filed_when_it_comes_back(store: Store):
    message = routed()
    await store.dead_letters.keep([letter(value=message.to_json())])
    await store.dead_letters.replay_waiting(service(), None, "operator")
    await store.publish_all()
    await store.file(*(type(message).from_json(record.value) for record in store.bus.of(topics.ROUTED)))
    assert await store.count("message") == 1


async def test_a_letter_that_is_not_there_is_not_found(store: Store):
    for attempt in (
        store.dead_letters.find(uuid4()),
        store.dead_letters.replay(service(), uuid4(), "operator"),
    ):
        with pytest.raises(NotFoundError):
            await attempt
