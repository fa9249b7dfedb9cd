"""The rate and the two lanes, in memory and in Redis alike."""

import random

import pytest

from chassis.settings import RedisSettings
from envelope.models import Lane
from gateway_sms.lanes import Throttle, TokenBucket
from gateway_sms.repository.store import RedisStore
from gateway_sms.repository.tps import SharedBucket

PRIORITY, BULK = Lane.PRIORITY, Lane.BULK


def test_no_more_than_the_rate_goes_in_the_long_run() -> None:
    bucket, now, taken = TokenBucket(tokens=0, at=0), 0.0, 0
    while now < 60:
        wait = bucket.take(now, PRIORITY, 7, 100)
        taken += 7 if wait == 0 else 0
        now += max(wait, 0.001)
    assert 5_900 <= taken <= 6_100


def test_a_batch_larger_than_a_second_goes_and_is_paid_for_later() -> None:
    bucket = TokenBucket(tokens=100, at=0)
    assert bucket.take(0, PRIORITY, 200, 100) == 0
    assert bucket.take(0, PRIORITY, 1, 100) == pytest.approx(1.01, abs=1e-4)


def test_bulk_never_borrows() -> None:
    bucket = TokenBucket(tokens=10, at=0)
    assert bucket.take(0, BULK, 25, 100) == pytest.approx(0.15, abs=1e-4)


def test_bulk_takes_nothing_while_a_reply_waits() -> None:
    bucket = TokenBucket(tokens=0, at=0)
    wait = bucket.take(0, PRIORITY, 1, 100)
    assert wait > 0
    assert bucket.take(wait, BULK, 1, 100) > 0
    assert bucket.take(wait, PRIORITY, 1, 100) == 0
    assert bucket.take(wait + 1, BULK, 1, 100) == 0


def test_under_steady_bulk_a_reply_waits_less_than_half_a_second() -> None:
    bucket, now, longest = TokenBucket(tokens=100, at=0), 0.0, 0.0
    for second in range(10):
        asked_at = now = max(now, second + 0.5)
        while bucket.take(now, BULK, 25, 100) == 0:
            pass
        while (wait := bucket.take(now, PRIORITY, 1, 100)) > 0:
            now += wait
        longest = max(longest, now - asked_at)
    assert longest < 0.5


async def test_redis_and_memory_decide_alike(redis_url: str) -> None:
    store = RedisStore(RedisSettings(url=redis_url))  # type: ignore[arg-type]
    shared, alone = SharedBucket(store, "twin"), TokenBucket(tokens=50, at=0)
    chance, now = random.Random(1420), 0.0
    for _ in range(400):
        now += chance.random() / 20
        lane, count, rate = (
            chance.choice([PRIORITY, BULK]),
            chance.randint(1, 60),
            chance.choice([50.0, 25.0]),
        )
        expected = alone.take(now, lane, count, rate)
        assert await shared.take(lane, count, rate, now) == pytest.approx(expected, abs=1e-6)
    await store.stop()


async def test_replicas_share_one_rate(redis_url: str) -> None:
    stores = [RedisStore(RedisSettings(url=redis_url)) for _ in range(2)]  # type: ignore[arg-type]
    one, other = (SharedBucket(store, "shared") for store in stores)
    assert await one.take(PRIORITY, 100, 100, 5.0) == 0
    assert await other.take(PRIORITY, 1, 100, 5.0) > 0
    for store in stores:
        await store.stop()


async def test_without_redis_each_replica_keeps_to_the_rate_itself() -> None:
    store = RedisStore(RedisSettings(url="redis://127.0.0.1:1/0", timeout_seconds=0.2))  # type: ignore[arg-type]
    bucket = SharedBucket(store, "alone")
    assert await bucket.take(PRIORITY, 1, 1) > 0
    await store.stop()


def test_a_rate_is_halved_when_asked_and_creeps_back() -> None:
    now = [0.0]
    throttle = Throttle(100, 60, lambda: now[0])
    throttle.slow_down()
    throttle.slow_down()
    assert throttle.rate == 25
    now[0] = 60
    assert throttle.rate == 50
    now[0] = 600
    assert throttle.rate == 100


def test_a_rate_never_falls_below_one_a_second() -> None:
    throttle = Throttle(100, 60, lambda: 0.0)
    for _ in range(50):
        throttle.slow_down()
    assert throttle.rate == 1
