"""One session a number: begun, gone on with, resumed, taken over, repeated, and kept while Redis is away."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from envelope.addresses import latin_digits
from gateway_ussd.model import EndReason
from gateway_ussd.repository.store import RedisStore
from gateway_ussd.texts import Notice, notice
from tests.gateway_ussd.conftest import MENUS, Gateway
from tests.redis_server import RedisServer

PROVIDERS = pytest.mark.parametrize("provider", ["last", "chain"])
MAIN = "آغاز"
WRITE = "بنویسید."
RESUMED = "از همان‌جا ادامه می‌دهیم."
SAID = "مستمری من واریز نشده است"
SAFE = notice(Notice.SAFE)
LOST = notice(Notice.LOST)
TAKEN_OVER = notice(Notice.TAKEN_OVER)


@PROVIDERS
async def test_a_session_goes_from_its_first_screen_to_its_last(gateway: Gateway, provider: str) -> None:
    phone = gateway.phone(provider)
    assert (await phone.dial()).text.startswith(MAIN)
    asked = await phone.type("1")
    assert asked.text.startswith(WRITE)
    assert not asked.ends
    last = await phone.type(SAID)
    assert last.ends
    [envelope] = gateway.envelopes
    assert envelope.tracking_code in latin_digits(last.text)
    assert (envelope.text, envelope.sender.value, envelope.line) == (SAID, phone.msisdn, "*4*1420#")
    assert (envelope.channel, envelope.provider) == ("ussd", provider)
    assert (envelope.declared.topic, envelope.declared.kind) == ("pension_payment", "complaint")
    assert (envelope.session.id, envelope.session.steps) == (phone.session_id, ("1", "message"))


@PROVIDERS
async def test_what_is_dialled_behind_the_code_leads_into_the_menus(gateway: Gateway, provider: str) -> None:
    phone = gateway.phone(provider)
    assert (await phone.dial("1")).text.startswith(WRITE)
    assert (await phone.type(SAID)).ends
    assert gateway.envelopes[0].text == SAID


@PROVIDERS
async def test_a_dialled_way_that_leads_nowhere_stops_where_it_is_lost(
    gateway: Gateway, provider: str
) -> None:
    screen = await gateway.phone(provider).dial("7*1*1")
    assert "۱ پیام" in screen.text
    assert not screen.ends


async def test_each_session_of_a_number_is_its_own(gateway: Gateway) -> None:
    phones = [gateway.phone() for _ in range(50)]
    await asyncio.gather(*(phone.dial() for phone in phones))
    await asyncio.gather(*(phone.type("1") for phone in phones))
    screens = await asyncio.gather(*(phone.type(f"پیام {place}") for place, phone in enumerate(phones)))
    assert all(screen.ends for screen in screens)
    assert {envelope.text for envelope in gateway.envelopes} == {f"پیام {place}" for place in range(50)}
    assert len({envelope.tracking_code for envelope in gateway.envelopes}) == 50


@PROVIDERS
@pytest.mark.parametrize("reason", [EndReason.TIMED_OUT, EndReason.ABORTED, EndReason.FAILED])
async def test_a_dropped_session_goes_on_where_it_stopped(
    gateway: Gateway, provider: str, reason: EndReason
) -> None:
    phone = gateway.phone(provider)
    await phone.dial()
    await phone.type("1")
    await phone.drop(reason)
    again = await phone.dial()
    assert RESUMED in again.text
    assert WRITE in again.text
    assert (await phone.type(SAID)).ends
    assert [envelope.text for envelope in gateway.envelopes] == [SAID]


async def test_an_operator_that_never_sends_the_end_leaves_nobody_stuck(gateway: Gateway) -> None:
    phone = gateway.phone()
    await phone.dial()
    await phone.type("1")
    assert WRITE in (await phone.dial()).text
    assert (await phone.type(SAID)).ends


@pytest.mark.parametrize("way", ["done", "dialled", "late", "at the start"])
async def test_a_session_begins_anew_where_there_is_nothing_to_resume(
    make_gateway: Callable[..., object], way: str
) -> None:
    gateway = await make_gateway(resume_seconds=0.0 if way == "late" else 180)
    phone = gateway.phone()
    await phone.dial()
    if way != "at the start":
        await phone.type("1")
    await phone.drop(EndReason.DONE if way == "done" else EndReason.TIMED_OUT)
    screen = await phone.dial("4" if way == "dialled" else "")
    assert RESUMED not in screen.text
    assert WRITE not in screen.text


async def test_a_number_that_has_handed_in_begins_anew(gateway: Gateway) -> None:
    phone = gateway.phone()
    await phone.dial("1")
    await phone.type(SAID)
    assert (await phone.dial()).text.startswith(MAIN)


async def test_the_older_of_two_sessions_gets_an_ending_screen(gateway: Gateway) -> None:
    older, newer = gateway.phone(), gateway.phone()
    newer.msisdn = older.msisdn
    await older.dial()
    await older.type("1")
    await newer.dial()
    assert await older.type(SAID) == TAKEN_OVER
    assert (await newer.type(SAID)).ends
    assert len(gateway.envelopes) == 1


async def test_the_end_of_an_older_session_leaves_the_newer_one_alone(gateway: Gateway) -> None:
    older, newer = gateway.phone(), gateway.phone()
    newer.msisdn = older.msisdn
    await older.dial()
    await newer.dial("1")
    await older.drop()
    assert (await newer.type(SAID)).ends


async def test_an_end_without_a_number_is_known_by_its_session(gateway: Gateway) -> None:
    phone = gateway.phone()
    await phone.dial()
    await phone.type("1")
    number, phone.msisdn = phone.msisdn, ""
    await phone.drop(EndReason.DONE)
    phone.msisdn = number
    assert (await phone.dial()).text.startswith(MAIN)


async def test_a_session_id_that_comes_again_is_another_session(gateway: Gateway) -> None:
    for number in ("+989121111111", "+989122222222", "+989121111111"):
        phone = gateway.phone(msisdn=number)
        await phone.dial("1", session_id="7")
        assert (await phone.type(SAID)).ends
    assert len({envelope.message_id for envelope in gateway.envelopes}) == 3


# Copies and steps out of order.


@PROVIDERS
@pytest.mark.parametrize("copies", [2, 20])
async def test_copies_of_a_submit_at_once_make_one_message_with_one_code(
    gateway: Gateway, provider: str, copies: int
) -> None:
    phone = gateway.phone(provider)
    await phone.dial("1")
    phone.typed = (*phone.typed, SAID)
    screens = await asyncio.gather(*(gateway.screens(phone.last()) for _ in range(copies)))
    assert len({envelope.message_id for envelope in gateway.envelopes}) == 1
    [code] = {envelope.tracking_code for envelope in gateway.envelopes}
    assert all(code in latin_digits(screen.text) for screen in screens)


@PROVIDERS
async def test_copies_of_a_step_at_once_move_the_session_once(gateway: Gateway, provider: str) -> None:
    phone = gateway.phone(provider)
    await phone.dial()
    phone.typed = ("1",)
    screens = await asyncio.gather(*(gateway.screens(phone.last()) for _ in range(5)))
    assert {screen.text for screen in screens} == {screens[0].text}
    assert screens[0].text.startswith(WRITE)
    assert (await phone.type(SAID)).ends


@PROVIDERS
async def test_a_submit_sent_again_later_shows_the_same_code(gateway: Gateway, provider: str) -> None:
    phone = gateway.phone(provider)
    await phone.dial("1")
    first = await phone.type(SAID)
    assert await gateway.screens(phone.last()) == first
    assert len(gateway.envelopes) == 1


async def test_copies_that_reach_two_replicas_make_one_message(make_gateway: Callable[..., object]) -> None:
    one, two = await make_gateway(), await make_gateway()
    phone = one.phone()
    await phone.dial("1")
    phone.typed = (*phone.typed, SAID)
    first, second = await asyncio.gather(one.screens(phone.last()), two.screens(phone.last()))
    envelopes = one.envelopes + two.envelopes
    [code] = {envelope.tracking_code for envelope in envelopes}
    assert len({envelope.message_id for envelope in envelopes}) == 1
    assert code in latin_digits(first.text)
    assert code in latin_digits(second.text)
    assert await two.screens(phone.last()) == first


async def test_a_session_goes_on_at_whichever_replica_its_steps_come_to(make_gateway) -> None:
    one, two = await make_gateway(), await make_gateway()
    phone = one.phone()
    await phone.dial()
    phone.gateway = two
    assert (await phone.type("5")).text.startswith("Start")
    phone.gateway = one
    assert (await phone.type("1")).text.startswith("Write.")
    phone.gateway = two
    assert (await phone.type(SAID)).text.startswith("Code:")


@PROVIDERS
async def test_a_copy_of_the_first_step_gets_the_same_screen(gateway: Gateway, provider: str) -> None:
    phone = gateway.phone(provider)
    first = await phone.dial("5")
    assert await gateway.screens(phone.dialled("5")) == first
    assert (await phone.type("1")).text.startswith("Write.")


async def test_a_copy_of_a_step_of_a_chain_gets_the_same_screen(gateway: Gateway) -> None:
    phone = gateway.phone("chain")
    await phone.dial()
    second = await phone.type("1")
    assert await gateway.screens(phone.last()) == second


async def test_an_older_step_of_a_chain_moves_nothing(gateway: Gateway) -> None:
    phone = gateway.phone("chain")
    await phone.dial()
    older = phone.dialled()
    await phone.type("5")
    now = await phone.type("1")
    assert await gateway.screens(older) == now
    assert (await phone.type(SAID)).text.startswith("Code:")


async def test_steps_of_a_chain_that_never_came_are_made_up_for(gateway: Gateway) -> None:
    phone = gateway.phone("chain")
    await phone.dial()
    phone.typed = ("5", "1")
    assert (await phone.type(SAID)).text.startswith("Code:")


@pytest.mark.parametrize("chain", [("2", "1"), ("1", "1", "1")])
async def test_a_chain_that_contradicts_itself_ends_with_a_clear_word(
    gateway: Gateway, chain: tuple[str, ...]
) -> None:
    phone = gateway.phone("chain")
    await phone.dial()
    await phone.type("5")
    phone.typed = chain
    assert await gateway.screens(phone.last()) == LOST


async def test_a_last_input_of_a_session_nobody_knows_ends_with_a_clear_word(gateway: Gateway) -> None:
    phone = gateway.phone()
    phone.session_id = "never-begun"
    assert await phone.type("1") == LOST


async def test_a_step_behind_the_last_screen_ends_with_a_clear_word(gateway: Gateway) -> None:
    phone = gateway.phone()
    await phone.dial("1")
    await phone.type(SAID)
    assert await phone.type("1") == LOST


async def test_an_end_of_a_session_nobody_knows_is_nothing(gateway: Gateway) -> None:
    phone = gateway.phone()
    phone.session_id = "never-begun"
    await phone.drop()
    assert (await phone.dial()).text.startswith(MAIN)


@pytest.mark.parametrize("typed", ["", " ", "x" * 10_000, "\x00\ud800", "۱" * 500, "*", "%s{{ 7*7 }}"])
async def test_whatever_is_typed_gets_a_screen(gateway: Gateway, typed: str) -> None:
    phone = gateway.phone()
    await phone.dial()
    assert (await phone.type(typed)).text
    assert (await phone.type("1")).text.startswith(WRITE)


# Redis goes and comes back.


async def test_without_redis_people_get_the_safe_screen_and_it_recovers_by_itself(
    make_gateway: Callable[..., object], mortal_redis: RedisServer
) -> None:
    gateway = await make_gateway(with_redis=mortal_redis)
    phone, other = gateway.phone(), gateway.phone()
    await phone.dial()
    mortal_redis.stop()
    assert await phone.type("1") == SAFE
    assert await other.dial() == SAFE
    assert gateway.store.health() is not None
    mortal_redis.start()
    await asyncio.sleep(1.1)
    assert (await phone.type("1")).text.startswith(WRITE), "what this process still knows goes on"
    assert (await other.dial()).text.startswith(MAIN)
    assert gateway.store.health() is None


async def test_a_redis_that_hangs_costs_less_than_the_budget(
    make_gateway: Callable[..., object], mortal_redis: RedisServer
) -> None:
    gateway = await make_gateway(with_redis=mortal_redis)
    phone = gateway.phone()
    await phone.dial()
    mortal_redis.hang()
    async with asyncio.timeout(0.9):
        assert await phone.type("1") == SAFE
    mortal_redis.go_on()
    await asyncio.sleep(1.1)
    assert WRITE in (await phone.dial()).text, "it had kept what it was too slow to say"


async def test_who_got_the_safe_screen_is_told_by_sms_what_to_do_once(
    make_gateway: Callable[..., object], mortal_redis: RedisServer
) -> None:
    gateway = await make_gateway(with_redis=mortal_redis)
    mortal_redis.stop()
    phone = gateway.phone()
    for _ in range(3):
        assert await phone.dial() == SAFE
    await asyncio.sleep(0.05)
    [text] = gateway.texts
    assert (text.to.value, text.line, text.channel, text.lane) == (
        phone.msisdn,
        "10001420",
        "sms",
        "priority",
    )


async def test_a_submit_without_redis_is_taken_once_and_its_code_comes_by_sms(
    make_gateway: Callable[..., object], mortal_redis: RedisServer
) -> None:
    gateway = await make_gateway(with_redis=mortal_redis)
    phone = gateway.phone()
    await phone.dial("1")
    mortal_redis.stop()
    assert await phone.type(SAID) == SAFE
    mortal_redis.start()
    await asyncio.sleep(1.1)
    assert await gateway.screens(phone.last()) == SAFE
    assert len({envelope.message_id for envelope in gateway.envelopes}) == 1
    assert {envelope.tracking_code for envelope in gateway.envelopes} == {None}, "nobody else could know it"


async def test_a_redis_that_lost_its_memory_ends_what_it_forgot(
    make_gateway: Callable[..., object], redis: RedisServer
) -> None:
    one, two = await make_gateway(), await make_gateway()
    last, chain = one.phone("last"), one.phone("chain")
    await last.dial("5")
    await chain.dial("5")
    with redis.client() as client:
        client.flushall()
        client.script_flush()
    last.gateway = chain.gateway = two
    assert await last.type("1") == LOST
    assert (await chain.type("1")).text.startswith("Write."), "a chain tells all of it again"


async def test_a_session_is_forgotten_in_time(
    make_gateway: Callable[..., object], redis: RedisServer
) -> None:
    gateway = await make_gateway(session_seconds=0.2, resume_seconds=0)
    phone = gateway.phone()
    await phone.dial()
    await asyncio.sleep(0.3)
    with redis.client() as client:
        assert client.dbsize() == 0
    assert await phone.type("1") == LOST


async def test_what_another_version_wrote_is_begun_anew(gateway: Gateway, redis: RedisServer) -> None:
    phone = gateway.phone()
    with redis.client() as client:
        client.set(f"ussd:number:{phone.msisdn}", b'12345678{"of": "another version"}')
    assert (await phone.dial()).text.startswith(MAIN)
    assert (await phone.type("1")).text.startswith(WRITE)


async def test_most_steps_ask_redis_once(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    run = RedisStore.run
    monkeypatch.setattr(
        RedisStore, "run", lambda store, *command: asked.append(command[0]) or run(store, *command)
    )
    phone = gateway.phone()
    await phone.dial()
    await phone.type("5")
    asked.clear()
    await phone.type("1")
    assert asked == ["EVALSHA"]
    asked.clear()
    await phone.type(SAID)
    assert asked == ["EVALSHA", "EVALSHA"], "the code is noted before it is shown"


async def test_steps_of_one_moment_share_a_pipeline(gateway: Gateway, redis: RedisServer) -> None:
    with redis.client() as client:
        before = client.info("stats")["total_commands_processed"], client.info("clients")["connected_clients"]
        await asyncio.gather(*(gateway.phone().dial() for _ in range(200)))
        assert client.info("clients")["connected_clients"] <= before[1] + 1


async def test_a_session_ends_on_the_menus_that_it_began_on(
    make_gateway: Callable[..., object], tmp_path: Path
) -> None:
    folder = tmp_path / "menus"
    folder.mkdir()
    words = (MENUS / "main.yaml").read_text()
    file = folder / "main.yaml"
    file.write_text(words)
    gateway = await make_gateway(menus=folder)
    before, after = gateway.phone(), gateway.phone()
    await before.dial()

    file.write_text(words.replace("fa: آغاز", "fa: آغاز تازه").replace("fa: بنویسید.", "fa: اکنون بنویسید."))
    await gateway.shelf.look()
    assert (await after.dial()).text.startswith("آغاز تازه")
    assert (await before.type("1")).text.startswith("بنویسید.")
    assert (await after.type("1")).text.startswith("اکنون بنویسید.")

    file.write_text(words.replace("next: message", "next: nowhere"))
    await gateway.shelf.look()
    assert "main.yaml:" in gateway.shelf.health()
    assert (await gateway.phone().dial()).text.startswith("آغاز تازه"), "what has faults is not used"

    file.write_text(words)
    await gateway.shelf.look()
    assert gateway.shelf.health() is None
