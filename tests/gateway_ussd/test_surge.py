"""The surge: who is turned away, with which word, and how it is told of each operator."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY

from gateway_ussd.handlers.limits import Bucket, Limits
from gateway_ussd.handlers.pace import Pace, Response
from gateway_ussd.model import Step, StepKind
from gateway_ussd.settings import ProviderSettings
from gateway_ussd.texts import Notice, notice
from tests.gateway_ussd.conftest import Gateway
from tests.gateway_ussd.services import HttpService
from tests.redis_server import RedisServer

BUSY = notice(Notice.BUSY)
SAFE = notice(Notice.SAFE)
NATIONAL_ID = "0012345679"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def step(kind: StepKind = StepKind.BEGIN, number: int = 0, provider: str = "last") -> Step:
    return Step(provider, "1", f"+98912{number:07}", "*4*1420#", kind)


def limits(clock: Clock, **changes: object) -> Limits:
    values = {"tps": {"last": 10.0, "other": 10.0}, "steps_a_minute": 6, "in_flight": 100, "longest_lag": 0.5}
    return Limits(**(values | changes), clock=clock)  # type: ignore[arg-type]


def test_a_bucket_gives_what_it_holds_and_then_what_comes_back() -> None:
    bucket = Bucket(rate=2, size=3, now=0)
    assert [bucket.take(0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(0.6) for _ in range(2)] == [True, False]
    assert [bucket.take(100) for _ in range(4)] == [True, True, True, False]


def test_one_number_takes_so_many_steps_a_minute_and_no_other_pays_for_it() -> None:
    clock = Clock()
    some = limits(clock, tps={"last": 1_000})
    assert [some.refuse(step()) for _ in range(7)] == [None] * 6 + ["number_limit"]
    assert some.refuse(step(number=1)) is None
    clock.now += 10
    assert [some.refuse(step()) for _ in range(2)] == [None, "number_limit"]


def test_one_operator_takes_so_many_screens_a_second_and_no_other_pays_for_it() -> None:
    clock = Clock()
    some = limits(clock)
    assert [some.refuse(step(number=number)) for number in range(11)] == [None] * 10 + ["operator_limit"]
    assert some.refuse(step(provider="other")) is None
    clock.now += 1
    assert some.refuse(step(number=99)) is None


def test_new_sessions_are_turned_away_before_those_under_way() -> None:
    some = limits(Clock(), in_flight=10)
    some.in_flight = 8
    assert some.refuse(step(StepKind.BEGIN)) == "shed"
    assert some.refuse(step(StepKind.CONTINUE)) is None
    some.in_flight = 10
    assert some.refuse(step(StepKind.CONTINUE)) == "shed"


async def test_a_process_that_falls_behind_turns_new_sessions_away() -> None:
    some = Limits({"last": 1_000.0}, 60, 100, longest_lag=0.1)
    pulse = asyncio.create_task(some.feel_pulse())
    await asyncio.sleep(0.01)
    asyncio.get_running_loop().call_later(0.01, lambda: __import__("time").sleep(0.3))
    await asyncio.sleep(0.12)
    assert some.refuse(step(StepKind.BEGIN)) == "shed"
    assert some.refuse(step(StepKind.CONTINUE)) is None
    await asyncio.sleep(0.1)
    assert some.refuse(step(StepKind.BEGIN)) is None
    pulse.cancel()


def test_the_memory_of_numbers_is_bounded() -> None:
    some = limits(Clock(), tps={"last": 1e9})
    for number in range(25_000):
        some.refuse(step(number=number))
    assert len(some._numbers) == 20_000


async def test_who_is_turned_away_reads_a_polite_screen_and_can_go_on_later(
    make_gateway: Callable[..., Any],
) -> None:
    gateway = await make_gateway(steps_a_minute=2)
    phone = gateway.phone()
    await phone.dial()
    await phone.type("1")
    assert await phone.type("مستمری من") == BUSY
    gateway.limits._numbers.drop(phone.msisdn)
    assert "بنویسید." in (await phone.dial()).text


async def test_a_finglish_operators_people_can_read_it(make_gateway: Callable[..., Any]) -> None:
    gateway = await make_gateway(
        providers={"latin": ProviderSettings(form="comviva", latin_only=True, tps=0.001)}
    )
    await gateway.phone("latin").dial()
    screen = await gateway.phone("latin").dial()
    assert screen == notice(Notice.BUSY, latin=True)
    assert screen.text.isascii()


async def test_too_many_at_once_are_turned_away_and_the_rest_is_answered_in_time(
    make_gateway: Callable[..., Any], service: HttpService
) -> None:
    gateway = await make_gateway(in_flight=20)
    service.default, service.delay = (200, {"entitled": True, "words": "هست"}), 0.2
    phones = [gateway.phone() for _ in range(60)]
    for phone in phones:
        await phone.dial("2")
    screens = await asyncio.gather(*(phone.type(NATIONAL_ID) for phone in phones))
    assert sum(screen == BUSY for screen in screens) == 40
    assert sum("هست" in screen.text for screen in screens) == 20
    assert gateway.limits.in_flight == 0


async def test_what_is_slow_for_many_makes_no_flood_of_sms(
    make_gateway: Callable[..., Any], service: HttpService
) -> None:
    gateway = await make_gateway(budget_seconds=0.5, texts_a_second=0.3)
    service.default, service.delay = (200, {"entitled": True, "words": "هست"}), 0.8
    phones = [gateway.phone() for _ in range(10)]
    for phone in phones:
        await phone.dial("2")
    screens = await asyncio.gather(*(phone.type(NATIONAL_ID) for phone in phones))
    promised = sum(screen == SAFE for screen in screens)
    assert promised == 3
    assert sum("در دسترس نیست" in screen.text for screen in screens) == 7
    await asyncio.sleep(0.6)
    assert len(gateway.texts) == promised


async def test_without_redis_nothing_is_promised_that_cannot_be_kept(
    make_gateway: Callable[..., Any], mortal_redis: RedisServer
) -> None:
    gateway = await make_gateway(with_redis=mortal_redis, texts_a_second=0.3)
    mortal_redis.stop()
    screens = [await gateway.phone().dial() for _ in range(10)]
    assert screens == [SAFE] * 3 + [BUSY] * 7
    await asyncio.sleep(0.05)
    assert len(gateway.texts) == 3


# How an operator's people are answered.


def answered(pace: Pace, fast: int = 0, slow: int = 0, safe: int = 0) -> Pace:
    for _ in range(fast):
        pace.note(0.01, safe=False)
    for _ in range(slow):
        pace.note(1.5, safe=False)
    for _ in range(safe):
        pace.note(2.0, safe=True)
    return pace


@pytest.mark.parametrize(
    ("fast", "slow", "safe", "response"),
    [
        (0, 0, 0, Response.OK),
        (100, 0, 0, Response.OK),
        (95, 5, 0, Response.OK),
        (90, 10, 0, Response.DEGRADED),
        (0, 100, 0, Response.DEGRADED),
        (90, 0, 10, Response.DEGRADED),
        (50, 0, 50, Response.DOWN),
        (0, 0, 4, Response.OK),
        (0, 0, 5, Response.DOWN),
    ],
)
def test_the_state_of_an_operator_is_what_its_people_see(
    fast: int, slow: int, safe: int, response: Response
) -> None:
    pace = answered(Pace("last", 1.0, Clock()), fast, slow, safe)
    assert pace.response is response
    assert (pace.health() is None) is (response is Response.OK)


def test_a_state_is_forgotten_within_a_minute() -> None:
    clock = Clock()
    pace = answered(Pace("last", 1.0, clock), safe=10)
    clock.now += 31
    assert pace.response is Response.DOWN
    clock.now += 31
    assert pace.response is Response.OK
    answered(pace, safe=10)
    clock.now += 500
    assert pace.response is Response.OK


async def test_a_degraded_operator_is_told_and_leaves_the_gateway_ready(gateway: Gateway) -> None:
    answered(gateway.paces["chain"], fast=50, slow=50)
    answered(gateway.paces["latin"], safe=50)
    transport = httpx.ASGITransport(gateway.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
        ready = await client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["status"] == "degraded"
    assert ready.json()["reasons"] == {
        "operator-chain": "degraded: of 100 screens 50 came late and 0 were the safe one",
        "operator-latin": "down: of 50 screens 0 came late and 50 were the safe one",
    }
    for provider, state in {"last": 0, "chain": 1, "latin": 2}.items():
        assert REGISTRY.get_sample_value("gateway_ussd_operator_state", {"provider": provider}) == state


async def test_safe_screens_count_against_their_operator_alone(
    make_gateway: Callable[..., Any], mortal_redis: RedisServer
) -> None:
    gateway = await make_gateway(with_redis=mortal_redis)
    mortal_redis.stop()
    for _ in range(6):
        await gateway.phone("last").dial()
    assert gateway.paces["last"].response is Response.DOWN
    assert gateway.paces["chain"].response is Response.OK
