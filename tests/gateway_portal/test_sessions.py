"""A session belongs to a proved number, lasts while it is used, and ends when it is told to."""

import asyncio

import pytest

from chassis.settings import RedisSettings
from gateway_portal.errors import RedisAwayError
from gateway_portal.repository.redis import RedisStore
from gateway_portal.repository.sessions import Sessions

SOMEBODY = "+989123456789"
SECONDS = 1_800


@pytest.fixture
async def sessions(redis):
    store = RedisStore(RedisSettings(url=redis.url, timeout_seconds=1))
    yield Sessions(store, SECONDS)
    await store.stop()


async def test_a_token_tells_whose_it_is(sessions):
    token = await sessions.begin(SOMEBODY)
    assert await sessions.whose(token) == SOMEBODY
    assert token != await sessions.begin(SOMEBODY)


@pytest.mark.parametrize("token", [None, "", "x", "x" * 10_000, "\0", "é", "\ud800"])
async def test_what_is_no_token_is_nobodys(sessions, token):
    await sessions.begin(SOMEBODY)
    assert await sessions.whose(token) is None
    await sessions.end(token)


async def test_each_click_begins_the_time_anew(sessions, redis):
    token = await sessions.begin(SOMEBODY)
    with redis.client() as client:
        [key] = client.keys("payam:portal:session:*")
        assert 0 < client.ttl(key) <= SECONDS
        client.expire(key, 5)
        assert await sessions.whose(token) == SOMEBODY
        assert SECONDS - 2 <= client.ttl(key) <= SECONDS


async def test_unused_it_ends_by_itself(redis):
    store = RedisStore(RedisSettings(url=redis.url, timeout_seconds=1))
    sessions = Sessions(store, 1)
    token = await sessions.begin(SOMEBODY)
    await asyncio.sleep(1.1)
    assert await sessions.whose(token) is None
    await store.stop()


async def test_ended_it_is_over_and_no_other_is(sessions):
    token, elsewhere = await sessions.begin(SOMEBODY), await sessions.begin(SOMEBODY)
    await sessions.end(token)
    assert await sessions.whose(token) is None
    assert await sessions.whose(elsewhere) == SOMEBODY


async def test_what_redis_holds_opens_nothing(sessions, redis):
    token = await sessions.begin(SOMEBODY)
    with redis.client() as client:
        [key] = client.keys("*")
    assert token.encode() not in key
    assert await sessions.whose(key.decode()) is None
    assert await sessions.whose(key.decode().rsplit(":", 1)[1]) is None


async def test_without_redis_everybody_is_signed_out_and_nobody_signs_in(mortal_redis):
    store = RedisStore(RedisSettings(url=mortal_redis.url, timeout_seconds=1))
    sessions = Sessions(store, SECONDS)
    token = await sessions.begin(SOMEBODY)
    mortal_redis.stop()
    assert await sessions.whose(token) is None
    await sessions.end(token)
    with pytest.raises(RedisAwayError):
        await sessions.begin(SOMEBODY)
    assert store.health() == "Redis does not answer"
    mortal_redis.start()
    assert await sessions.whose(await sessions.begin(SOMEBODY)) == SOMEBODY
    assert store.health() is None
    await store.stop()
