"""A real Asterisk: somebody calls, presses keys, speaks, hangs up; and what goes wrong in between."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from envelope.taxonomy import Section
from gateway_voice.calls.model import Step
from gateway_voice.clients.ari import Ari
from gateway_voice.settings import AsteriskSettings
from tests.gateway_ussd.services import HttpService
from tests.gateway_voice.calling import NIGHT, OPEN, STANDING, Gateway, Shelf, Wire, a_code, until
from tests.integration.asterisk_server import PASSWORD, AsteriskServer, why_not
from tests.integration.telephone import Caller, has_the_tone

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(why_not() is not None, reason=why_not() or ""),
]
MOBILE = "+989121234567"
_ids = count(1)


@pytest.fixture
def asterisk(asterisk: AsteriskServer) -> AsteriskServer:
    """Empty of recordings, whatever the test before left."""
    for each in asterisk.recordings.glob("*.wav"):
        each.unlink()
    return asterisk


@pytest.fixture
async def service() -> AsyncIterator[HttpService]:
    server = HttpService(replies=dict(NIGHT))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def wire(asterisk: AsteriskServer) -> AsyncIterator[Wire]:
    wire = Wire(asterisk.port)
    await wire.mend()
    yield wire
    await wire.cut()


@pytest.fixture
async def gateway(
    asterisk: AsteriskServer, wire: Wire, service: HttpService, tmp_path: Path
) -> AsyncIterator[Gateway]:
    settings = AsteriskSettings(
        url=f"http://127.0.0.1:{wire.port}/ari",
        password=PASSWORD,
        queue_context="test-queue",
        sounds=str(asterisk.prompts),
        key_seconds=3,
        silence_seconds=20,
        longest_message_seconds=30,
    )
    gateway = await Gateway(settings, tmp_path / "calls", service, Shelf(), a_code).start()
    yield gateway
    await gateway.stop()


@pytest.fixture
async def caller(asterisk: AsteriskServer) -> AsyncIterator[Caller]:
    settings = AsteriskSettings(url=asterisk.url, password=PASSWORD, app=f"tester-{next(_ids)}")
    ari = Ari(settings)
    caller = Caller(ari, asterisk)
    ari.attach(caller)
    await ari.start()
    await until(lambda: ari.health() is None)
    yield caller
    try:
        await caller.hang_up()
    finally:
        await ari.stop()


async def _to_the_tone(gateway: Gateway, caller: Caller) -> None:
    await caller.call()
    await gateway.comes_to(Step.LANGUAGE)
    await caller.press("1")
    await gateway.comes_to(Step.SECTION)
    await caller.press("3")
    await gateway.comes_to(Step.RECORDING)


async def test_a_message_is_left_heard_and_kept_and_its_code_told(gateway: Gateway, caller: Caller) -> None:
    await _to_the_tone(gateway, caller)
    await caller.speak()
    await caller.press("#")
    await gateway.comes_to(Step.REVIEW, seconds=8)
    await caller.press("1")
    await caller.press("3")
    await gateway.comes_to(Step.CALLBACK)
    await caller.press("1")
    await gateway.comes_to(None)
    [kept] = gateway.shelf.kept
    assert (kept.caller, kept.called, kept.provider) == (MOBILE, "1420", "asterisk")
    assert kept.declared is not None
    assert kept.declared.section is Section.RETIREMENT
    assert kept.code is not None
    assert kept.session is not None
    assert kept.session.steps == ("1", "3", "1", "3", "1")
    assert has_the_tone(gateway.shelf.sounds[0], seconds=2.5)
    assert await gateway.ari.stored() == []
    await _is_over(caller)


async def test_what_was_said_before_a_hang_up_is_kept(gateway: Gateway, caller: Caller) -> None:
    await _to_the_tone(gateway, caller)
    await caller.speak()
    await caller.hang_up()
    await gateway.comes_to(None)
    [kept] = gateway.shelf.kept
    assert kept.caller == MOBILE
    assert has_the_tone(gateway.shelf.sounds[0], seconds=2.5)
    assert await gateway.ari.stored() == []


async def test_in_staffed_hours_the_call_goes_on_to_the_queue(
    gateway: Gateway, caller: Caller, service: HttpService
) -> None:
    service.replies[STANDING] = (200, OPEN)
    await caller.call("09123334455")
    await until(lambda: gateway.calls._live == {} and service.total)
    async with asyncio.timeout(10):
        while await _handed_on(caller) != "09123334455":  # noqa: ASYNC110  (only asking tells)
            await asyncio.sleep(0.05)
    assert gateway.shelf.kept == []


async def test_said_again_only_the_second_is_kept(gateway: Gateway, caller: Caller) -> None:
    await _to_the_tone(gateway, caller)
    await caller.speak()
    await caller.press("#")
    await gateway.comes_to(Step.REVIEW)
    await caller.press("2")
    await gateway.comes_to(Step.RECORDING)
    await caller.speak()
    await caller.press("#")
    await gateway.comes_to(Step.REVIEW)
    await caller.hang_up()
    await gateway.comes_to(None)
    assert [each.rpartition(".")[2] for each in gateway.shelf.ids] == ["2"]
    assert await gateway.ari.stored() == []


async def test_another_number_is_keyed_in_and_called_back(gateway: Gateway, caller: Caller) -> None:
    await _to_the_tone(gateway, caller)
    await caller.speak()
    await caller.press("#")
    await gateway.comes_to(Step.REVIEW)
    await caller.press("3")
    await gateway.comes_to(Step.CALLBACK)
    await caller.press("2")
    await gateway.comes_to(Step.NUMBER)
    await caller.press("09351112233#")
    await gateway.comes_to(Step.CALLBACK)
    await caller.press("1")
    await gateway.comes_to(None)
    assert [each.caller for each in gateway.shelf.kept] == ["+989351112233"]


async def test_what_is_said_while_the_connection_is_lost_is_heard(
    gateway: Gateway, caller: Caller, wire: Wire
) -> None:
    await _to_the_tone(gateway, caller)
    await wire.cut()
    await caller.speak()
    await caller.press("#")
    await wire.mend()
    await gateway.comes_to(Step.REVIEW)
    await caller.press("3")
    await gateway.comes_to(Step.CALLBACK)
    assert gateway.shelf.kept == []


async def test_who_hangs_up_while_the_connection_is_lost_is_not_lost(
    gateway: Gateway, caller: Caller, wire: Wire
) -> None:
    await _to_the_tone(gateway, caller)
    await caller.speak()
    await wire.cut()
    await caller.hang_up()
    await wire.mend()
    await gateway.comes_to(None, seconds=20)
    await until(lambda: gateway.shelf.kept, what="the message")
    assert [each.caller for each in gateway.shelf.kept] == [MOBILE]
    assert has_the_tone(gateway.shelf.sounds[0], seconds=2.5)
    assert await gateway.ari.stored() == []


async def test_a_gateway_that_starts_anew_finds_call_and_message(gateway: Gateway, caller: Caller) -> None:
    await _to_the_tone(gateway, caller)
    await caller.speak()
    after = await gateway.again()
    await after.comes_to(Step.LANGUAGE)
    await until(lambda: after.shelf.kept, what="the message of the run before")
    [kept] = after.shelf.kept
    assert (kept.caller, kept.called) == (MOBILE, "1420")
    assert kept.declared is not None
    assert kept.declared.section is Section.RETIREMENT
    assert has_the_tone(after.shelf.sounds[0], seconds=2.5)
    await caller.press("1")
    await after.comes_to(Step.SECTION)
    await after.stop()


async def test_a_killed_asterisk_keeps_what_it_has_until_it_is_back(
    gateway: Gateway, caller: Caller, asterisk: AsteriskServer
) -> None:
    await _to_the_tone(gateway, caller)
    await caller.speak()
    asterisk.stop()
    await until(lambda: gateway.ari.health() is not None)
    asterisk.start()
    await until(lambda: gateway.shelf.kept, 30, what="the message from before the kill")
    assert gateway.shelf.kept[0].caller == MOBILE
    await gateway.comes_to(None)
    await until(lambda: caller.ari.health() is None, 20)
    await caller.call()
    await gateway.comes_to(Step.LANGUAGE)


async def test_a_message_that_cannot_be_kept_now_is_kept_later(gateway: Gateway, caller: Caller) -> None:
    gateway.shelf.full = True
    await _to_the_tone(gateway, caller)
    await caller.speak()
    await caller.hang_up()
    await gateway.comes_to(None)
    assert len(await gateway.ari.stored()) == 1
    gateway.shelf.full = False
    await gateway.stored.look()
    [kept] = gateway.shelf.kept
    assert kept.caller == MOBILE
    assert kept.code is not None
    assert await gateway.ari.stored() == []


async def _is_over(caller: Caller) -> None:
    async with asyncio.timeout(10):
        while any(each["id"] == caller.id for each in await caller.ari.channels()):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def _handed_on(caller: Caller) -> str:
    found = await caller.ari.order("GET", "/asterisk/variable", variable="HANDED_ON")
    return str(found["value"])
