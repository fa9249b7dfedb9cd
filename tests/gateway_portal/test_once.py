"""The script in Redis and its twin in the process give the same answers, whatever is asked in which order."""

import json
import random
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from gateway_portal.model import Caller
from gateway_portal.repository.once import _SCRIPT
from gateway_portal.repository.once_here import OnceHere
from gateway_portal.repository.quotas import Clock, Standing

PRINTS = ("a" * 64, "b" * 64)
WINDOW = 60


def anything(chance: random.Random) -> list[str | int]:
    """Something that may be asked."""
    once, minute = chance.choice(["once:1", "once:2"]), chance.choice(["minute:1", "minute:2"])
    return chance.choice(
        [
            ["count", minute, 12, "day"],
            ["claim", minute, 12, "day", 3, once, chance.choice(PRINTS)],
            ["claim", minute, 12, "day", 3, once, PRINTS[0]],
            ["keep", once, PRINTS[0] + "1234567894 at", "code:1", "{}"],
            ["release", once, "day"],
        ]
    )


@pytest.mark.parametrize("seed", range(20))
def test_the_twin_answers_as_the_script_does(redis, seed):
    chance, twin = random.Random(seed), OnceHere()
    asked = [anything(chance) for _ in range(40)]
    # One call for many is the same as one for each.
    with redis.client() as client:
        told = json.loads(client.eval(_SCRIPT, 0, json.dumps(asked[:20])))
        told += [json.loads(client.eval(_SCRIPT, 0, json.dumps([one])))[0] for one in asked[20:]]
    assert told == [twin.answer(one) for one in asked]
    assert len({one[0] for one in told}) > 3


def test_the_day_is_tehrans():
    now = datetime(2026, 11, 22, 20, 29, 59, tzinfo=UTC).timestamp()
    clock = Clock(lambda: now)
    assert clock.windows().day == "2026-11-22"
    assert clock.windows().day_ends == now + 1
    now += 1
    assert clock.windows().day == "2026-11-23"
    assert clock.windows().day_ends == now + timedelta(days=1).total_seconds()


def test_a_minute_that_is_over_counts_no_more():
    now = 1_790_000_000.0
    clock = Clock(lambda: now)
    standing = Standing(clock)
    caller = Caller("p", uuid4(), frozenset(), sandbox=False, per_minute=5, per_day=9)
    standing.note(caller, clock.windows(), 5, 3)
    assert dict(standing.headers(caller))[b"ratelimit"].startswith(b'"minute";r=0;')
    now += WINDOW
    [(_, agreed), (_, left)] = standing.headers(caller)
    assert agreed == b'"minute";q=5;w=60, "day";q=9;w=86400'
    assert left.startswith(b'"minute";r=5;')
    assert b'"day";r=6;' in left
