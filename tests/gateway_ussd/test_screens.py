"""The budget: a screen in time whatever is slow or away behind it, the answer by SMS, and nothing lost."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import structlog
from prometheus_client import REGISTRY, generate_latest

from bus.memory import MemoryBus
from bus.port import Record
from envelope import topics
from envelope.addresses import latin_digits
from gateway_ussd.model import Screen, StepKind
from gateway_ussd.texts import Notice, notice
from tests.gateway_ussd.conftest import Gateway, Phone
from tests.gateway_ussd.services import HttpService
from tests.redis_server import RedisServer

NATIONAL_ID = "0012345679"
ENTITLED = {"entitled": True, "words": "این کد ملی مشمول سبد حمایتی است"}
SAID = "مستمری من واریز نشده است"
SAFE = notice(Notice.SAFE)
BUDGET = 0.5


class SlowBus(MemoryBus):
    """A Kafka that takes its time, or never answers."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    async def publish(self, records: Sequence[Record]) -> None:
        await asyncio.sleep(self.seconds)
        await super().publish(records)


async def timed(phone: Phone, text: str) -> tuple[Screen, float]:
    began = time.monotonic()
    screen = await phone.type(text)
    return screen, time.monotonic() - began


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110  (what it waits for is no event of ours)
            await asyncio.sleep(0.01)


async def test_a_lookup_that_takes_too_long_is_answered_by_sms_once(
    make_gateway: Callable[..., Any], service: HttpService
) -> None:
    gateway = await make_gateway(budget_seconds=BUDGET)
    service.default, service.delay = (200, ENTITLED), 1.0
    phone = gateway.phone()
    await phone.dial("2")
    screen, seconds = await timed(phone, NATIONAL_ID)
    assert screen == SAFE
    assert seconds < BUDGET
    assert gateway.texts == []
    await until(lambda: gateway.texts)
    await asyncio.sleep(0.1)
    [text] = gateway.texts
    assert text.text == f"سبد: {ENTITLED['words']}", "whole, and without keys"
    assert (text.to.value, text.line, text.purpose) == (phone.msisdn, "10001420", "status")
    assert service.total == 1


@pytest.mark.parametrize("provider", ["last", "chain"])
async def test_copies_of_a_late_step_are_answered_by_one_sms(
    make_gateway: Callable[..., Any], service: HttpService, provider: str
) -> None:
    gateway = await make_gateway(budget_seconds=BUDGET)
    service.default, service.delay = (200, ENTITLED), 0.8
    phone = gateway.phone(provider)
    await phone.dial("2")
    phone.typed = (*phone.typed, NATIONAL_ID)
    screens = await asyncio.gather(*(gateway.screens(phone.last()) for _ in range(3)))
    assert all(screen == SAFE for screen in screens)
    await until(lambda: gateway.texts)
    assert await gateway.screens(phone.last()) == SAFE
    await asyncio.sleep(0.6)
    assert len(gateway.texts) == 1


async def test_what_was_texted_is_not_texted_again(gateway: Gateway) -> None:
    for words in ("یک", "دو"):
        gateway.screens._texting.say("+989121234567", "a step", words)
    await asyncio.sleep(0.05)
    assert [text.text for text in gateway.texts] == ["یک"]


async def test_who_dials_again_after_the_safe_screen_finds_the_answer(
    make_gateway: Callable[..., Any], service: HttpService
) -> None:
    gateway = await make_gateway(budget_seconds=BUDGET)
    service.default, service.delay = (200, ENTITLED), 0.6
    phone = gateway.phone()
    await phone.dial("2")
    assert await phone.type(NATIONAL_ID) == SAFE
    await until(lambda: gateway.texts)
    assert "سبد: " in (await phone.dial()).text
    assert service.total == 1


async def test_an_answer_that_never_comes_is_told_by_sms_as_well(
    make_gateway: Callable[..., Any], service: HttpService
) -> None:
    gateway = await make_gateway(budget_seconds=BUDGET)
    service.default, service.delay = (500, {}), 0.6
    phone = gateway.phone()
    await phone.dial("2")
    assert await phone.type(NATIONAL_ID) == SAFE
    await until(lambda: gateway.texts)
    assert gateway.texts[0].text == "در دسترس نیست."


async def test_a_finglish_screen_is_followed_by_a_persian_sms(
    make_gateway: Callable[..., Any], service: HttpService
) -> None:
    gateway = await make_gateway(budget_seconds=BUDGET)
    service.default, service.delay = (200, ENTITLED), 0.6
    phone = gateway.phone("latin")
    assert (await phone.dial("2")).text.startswith("Kode melli")
    assert (await phone.type(NATIONAL_ID)) == notice(Notice.SAFE, latin=True)
    await until(lambda: gateway.texts)
    assert gateway.texts[0].text.startswith("سبد: ")


async def test_an_sms_waits_for_kafka(make_gateway: Callable[..., Any], service: HttpService) -> None:
    gateway = await make_gateway(budget_seconds=BUDGET)
    service.default, service.delay = (200, ENTITLED), 0.6
    phone = gateway.phone()
    await phone.dial("2")
    gateway.bus.down = True
    assert await phone.type(NATIONAL_ID) == SAFE
    await asyncio.sleep(0.7)
    gateway.bus.down = False
    await until(lambda: gateway.texts)


async def test_a_kafka_that_is_away_costs_no_code(gateway: Gateway) -> None:
    gateway.bus.down = True
    phone = gateway.phone()
    await phone.dial("1")
    screen = await phone.type(SAID)
    assert "کد: " in screen.text
    gateway.bus.down = False
    await until(lambda: gateway.envelopes)
    assert gateway.envelopes[0].tracking_code in latin_digits(screen.text)


async def test_a_slow_kafka_gets_the_safe_screen_and_loses_nothing(make_gateway: Callable[..., Any]) -> None:
    gateway = await make_gateway(bus=SlowBus(0.6), budget_seconds=BUDGET)
    phone = gateway.phone()
    await phone.dial("1")
    screen, seconds = await timed(phone, SAID)
    assert screen == SAFE
    assert seconds < BUDGET
    await until(lambda: gateway.envelopes)
    assert gateway.envelopes[0].text == SAID
    assert gateway.envelopes[0].tracking_code is not None, "the case store texts it"


async def test_a_submit_that_was_promised_is_tried_until_it_is_taken(
    make_gateway: Callable[..., Any],
) -> None:
    gateway = await make_gateway(bus=SlowBus(0.6), budget_seconds=BUDGET)
    phone = gateway.phone()
    await phone.dial("1")
    gateway.bus.down = True
    gateway.intake._spool.close()
    assert await phone.type(SAID) == SAFE
    await asyncio.sleep(0.4)
    gateway.intake._spool.open()
    gateway.bus.down, gateway.bus.seconds = False, 0
    await until(lambda: gateway.envelopes)
    assert gateway.envelopes[0].text == SAID


async def test_who_dials_again_after_a_slow_submit_sees_its_code_and_makes_no_second_message(
    make_gateway: Callable[..., Any],
) -> None:
    bus = SlowBus(0.6)
    gateway = await make_gateway(bus=bus, budget_seconds=BUDGET)
    phone = gateway.phone()
    await phone.dial("1")
    assert await phone.type(SAID) == SAFE
    bus.seconds = 0
    await until(lambda: gateway.envelopes)
    screen = await phone.dial()
    assert len({envelope.message_id for envelope in gateway.envelopes}) == 1
    assert gateway.envelopes[0].tracking_code in latin_digits(screen.text)
    assert {envelope.tracking_code for envelope in gateway.envelopes} == {gateway.envelopes[0].tracking_code}


async def test_a_message_that_can_be_kept_nowhere_shows_no_code(gateway: Gateway) -> None:
    gateway.bus.down = True
    gateway.intake._spool.close()
    phone = gateway.phone()
    await phone.dial("1")
    screen = await phone.type(SAID)
    assert "ثبت نشد" in screen.text
    assert not screen.ends


async def test_without_leased_codes_the_code_comes_by_sms(gateway: Gateway) -> None:
    submitting = gateway.screens._turns._submitting
    submitting._mint._book.grant(0)
    submitting._mint._book._blocks.clear()
    phone = gateway.phone()
    await phone.dial("1")
    assert await phone.type(SAID) == SAFE
    assert gateway.envelopes[0].tracking_code is None
    assert await gateway.screens(phone.last()) == SAFE
    assert len(gateway.envelopes) == 1


async def test_redis_that_goes_between_code_and_screen_takes_neither(
    make_gateway: Callable[..., Any], mortal_redis: RedisServer
) -> None:
    class Taking(MemoryBus):
        async def publish(self, records: Sequence[Record]) -> None:
            await super().publish(records)
            mortal_redis.stop()

    gateway = await make_gateway(bus=Taking(), with_redis=mortal_redis)
    phone = gateway.phone()
    await phone.dial("1")
    screen = await phone.type(SAID)
    assert gateway.envelopes[0].tracking_code in latin_digits(screen.text)
    mortal_redis.start()
    await asyncio.sleep(1.1)
    gateway.bus.records.clear()
    again = await gateway.screens(phone.last())
    assert again == screen, "a copy has the same code, for it was noted before"


@pytest.mark.parametrize("text", ["۱۰ kB", "empty", "nul"])
async def test_a_message_of_any_length_is_a_screen(gateway: Gateway, text: str) -> None:
    said = {"۱۰ kB": "آ" * 10_000, "empty": "", "nul": "\x00\x00\x00"}[text]
    phone = gateway.phone()
    await phone.dial("1")
    screen = await phone.type(said)
    assert not screen.ends
    assert (await phone.type(SAID)).ends
    assert [envelope.text for envelope in gateway.envelopes] == [SAID]


async def test_what_nobody_thought_of_costs_no_more_than_the_budget(
    make_gateway: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hanging(*_: object) -> None:
        await asyncio.sleep(60)

    gateway = await make_gateway(budget_seconds=BUDGET)
    phone = gateway.phone()
    await phone.dial()
    monkeypatch.setattr(gateway.sessions, "write", hanging)
    screen, seconds = await timed(phone, "1")
    assert screen == SAFE
    assert seconds < BUDGET


async def test_a_fault_of_ours_is_a_safe_screen(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError(NATIONAL_ID)

    monkeypatch.setattr(gateway.sessions, "known", broken)
    with structlog.testing.capture_logs() as lines:
        assert await gateway.phone().dial() == SAFE
    [line] = [line for line in lines if line["event"] == "step_failed"]
    assert line["error"] == "ZeroDivisionError"
    assert NATIONAL_ID not in str(lines)


async def test_an_end_is_answered_with_nothing(gateway: Gateway) -> None:
    phone = gateway.phone()
    await phone.dial()
    assert await gateway.screens(phone._step(StepKind.END)) == Screen("", ends=True)


async def test_an_end_without_redis_is_no_fault(
    make_gateway: Callable[..., Any], mortal_redis: RedisServer
) -> None:
    gateway = await make_gateway(with_redis=mortal_redis)
    phone = gateway.phone()
    await phone.dial()
    mortal_redis.stop()
    with structlog.testing.capture_logs() as lines:
        await phone.drop()
    assert "end_failed" not in str(lines)


async def test_no_number_and_no_word_of_a_person_is_logged_or_counted(
    make_gateway: Callable[..., Any], service: HttpService
) -> None:
    service.default = (200, {"entitled": True, "words": "بسیار محرمانه"})
    gateway = await make_gateway()
    with structlog.testing.capture_logs() as lines:
        phone = gateway.phone(msisdn="+989121234567")
        await phone.dial("1")
        await phone.type(SAID)
        await phone.dial("2")
        await phone.type(NATIONAL_ID)
        service.default = (500, {})
        await phone.dial("2")
        await phone.type("0084575948")
        await phone.drop()
    told = str(lines) + generate_latest(REGISTRY).decode()
    for secret in ("9121234567", SAID, NATIONAL_ID, "0084575948", "محرمانه", phone.session_id):
        assert secret not in told


async def test_what_is_handed_in_and_texted_goes_to_its_topics(gateway: Gateway) -> None:
    phone = gateway.phone()
    await phone.dial("1")
    await phone.type(SAID)
    assert {record.topic for record in gateway.bus.records} == {topics.INBOUND}
    assert all(record.key == phone.msisdn.encode() for record in gateway.bus.records)
