"""A real Asterisk: calls that agents ask for, with telephones that pick up, are busy, ring on, hang up."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from gateway_voice.calls.two_legs import Leg
from gateway_voice.settings import AsteriskSettings
from tests.gateway_ussd.services import HttpService
from tests.gateway_voice.calling import NIGHT, Gateway, Shelf, Wire, a_code, until, write_wav
from tests.integration.asterisk_server import PASSWORD, AsteriskServer, why_not
from tests.integration.telephone import has_the_tone, tone

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(why_not() is not None, reason=why_not() or ""),
]
PICKS_UP, HANGS_UP_SOON = "+989121234567", "+989120000003"
RINGS_ON = "+989120000019"


@pytest.fixture
async def wire(asterisk: AsteriskServer) -> AsyncIterator[Wire]:
    wire = Wire(asterisk.port)
    await wire.mend()
    yield wire
    await wire.cut()


@pytest.fixture
async def gateway(asterisk: AsteriskServer, wire: Wire, tmp_path: Path) -> AsyncIterator[Gateway]:
    settings = AsteriskSettings(
        url=f"http://127.0.0.1:{wire.port}/ari",
        password=PASSWORD,
        sounds=str(asterisk.prompts),
        agent_endpoint="Local/{extension}@test-agents",
        trunk_endpoint="Local/{national}@test-people",
        formats="slin",
        agent_ring_seconds=2,
        person_ring_seconds=2,
    )
    service = HttpService(replies=dict(NIGHT))
    gateway = await Gateway(settings, tmp_path / "calls", service, Shelf(), a_code).start()
    yield gateway
    if gateway.ari.health() is None:
        for channel in await gateway.ari.channels():
            await gateway.ari.hang_up(str(channel["id"]))
    await gateway.stop()


async def _asked(gateway: Gateway, number: str, **changes: object) -> UUID:
    call = gateway.desk.asks(number, **changes)
    await gateway.asked.ask()
    return call


async def _talking(gateway: Gateway, call: UUID) -> None:
    await until(lambda: gateway.desk.states(call)[-1:] == ["talking"], what="talking")


async def _emptied(gateway: Gateway) -> None:
    async with asyncio.timeout(10):
        while await gateway.ari.stored():  # noqa: ASYNC110  (only asking tells)
            await asyncio.sleep(0.05)


async def _ended(gateway: Gateway, call: UUID, result: str) -> None:
    await until(lambda: gateway.desk.end(call), 20, what="its end")
    assert (gateway.desk.end(call) or {})["result"] == result
    async with asyncio.timeout(10):
        while await gateway.ari.channels() or await gateway.asked._exchange.bridges.all():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_both_pick_up_talk_and_are_recorded(gateway: Gateway) -> None:
    call = await _asked(gateway, HANGS_UP_SOON, record=True)
    await _talking(gateway, call)
    await _ended(gateway, call, "answered")
    assert gateway.desk.states(call) == ["ringing_agent", "ringing_person", "talking", "ended"]
    assert (gateway.desk.end(call) or {})["seconds"] == pytest.approx(3, abs=1)
    await until(lambda: gateway.shelf.kept, what="the recording")
    [kept] = gateway.shelf.kept
    assert kept.of_call == call
    assert has_the_tone(gateway.shelf.sounds[0], seconds=1.5)
    await _emptied(gateway)


async def test_without_the_sound_of_the_notice_nobody_is_recorded(
    gateway: Gateway, asterisk: AsteriskServer
) -> None:
    notice = asterisk.prompts / "fa" / "call-recorded.wav"
    sound = notice.read_bytes()
    notice.unlink()
    try:
        call = await _asked(gateway, HANGS_UP_SOON, record=True)
        await _ended(gateway, call, "answered")
    finally:
        notice.write_bytes(sound)
    assert await gateway.ari.stored() == []
    assert gateway.shelf.kept == []


@pytest.mark.parametrize(
    ("number", "result"),
    [
        ("+989120000017", "busy"),
        ("+989120000486", "busy"),
        ("+989120000001", "wrong_number"),
        (RINGS_ON, "no_answer"),
    ],
    ids=["busy tone", "busy", "no such number", "rings on"],
)
async def test_a_person_who_is_not_reached(gateway: Gateway, number: str, result: str) -> None:
    call = await _asked(gateway, number)
    await _ended(gateway, call, result)
    assert gateway.desk.states(call) == ["ringing_agent", "ringing_person", "ended"]


@pytest.mark.parametrize("extension", ["1002", "1009"], ids=["does not pick up", "is not signed in"])
async def test_an_agent_who_is_away(gateway: Gateway, extension: str) -> None:
    call = await _asked(gateway, PICKS_UP, extension=extension)
    await _ended(gateway, call, "agent_away")
    assert gateway.desk.states(call) == ["ringing_agent", "ended"]


async def test_an_agent_who_hangs_up_while_it_rings(gateway: Gateway) -> None:
    gateway.settings.person_ring_seconds = 30
    call = await _asked(gateway, RINGS_ON, extension="1003")
    await _ended(gateway, call, "agent_away")


async def test_an_agent_who_hangs_up_ends_it_for_both(gateway: Gateway) -> None:
    call = await _asked(gateway, PICKS_UP, extension="1003")
    await _talking(gateway, call)
    await _ended(gateway, call, "answered")


async def test_a_person_who_is_quick_is_joined_before_the_agent_has_heard_all(
    gateway: Gateway, asterisk: AsteriskServer
) -> None:
    """Asterisk joins no channel while something is played to it."""
    prompt = asterisk.prompts / "fa" / "connecting.wav"
    short = prompt.read_bytes()
    write_wav(prompt, tone(6.0))
    try:
        call = await _asked(gateway, PICKS_UP)
        await until(lambda: gateway.desk.states(call)[-1:] == ["ringing_person"])
        async with asyncio.timeout(4):
            await _talking(gateway, call)
            while not await _is_heard(gateway, call):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    finally:
        prompt.write_bytes(short)


async def _is_heard(gateway: Gateway, call: UUID) -> bool:
    """Whether both are in the bridge."""
    bridge = gateway.asked._exchange.bridge(call)
    return len((await gateway.ari.order("GET", f"/bridges/{bridge}"))["channels"]) == 2


async def test_who_talks_goes_on_while_the_connection_is_lost(gateway: Gateway, wire: Wire) -> None:
    call = await _asked(gateway, PICKS_UP)
    await _talking(gateway, call)
    await wire.cut()
    await until(lambda: gateway.ari.health() is not None)
    await wire.mend()
    await until(lambda: gateway.ari.health() is None)
    await asyncio.sleep(0.5)
    assert gateway.desk.end(call) is None
    await gateway.ari.hang_up(gateway.asked._exchange.channel(call, Leg.PERSON))
    await _ended(gateway, call, "answered")


async def test_the_next_run_takes_up_who_talks_and_keeps_the_recording(gateway: Gateway) -> None:
    call = await _asked(gateway, PICKS_UP, record=True)
    await _talking(gateway, call)
    await asyncio.sleep(2)
    after = await gateway.again()
    await until(lambda: after.asked._live, what="the call taken up")
    await asyncio.sleep(0.5)
    assert after.shelf.kept == []
    await after.ari.hang_up(after.asked._exchange.channel(call, Leg.PERSON))
    await _ended(after, call, "answered")
    await until(lambda: after.shelf.kept, what="the recording")
    assert after.shelf.kept[0].of_call == call
    assert has_the_tone(after.shelf.sounds[0], seconds=1)
    await _emptied(after)
    await after.stop()


async def test_a_killed_asterisk_ends_it_and_the_recording_is_kept(
    gateway: Gateway, asterisk: AsteriskServer
) -> None:
    call = await _asked(gateway, PICKS_UP, record=True)
    await _talking(gateway, call)
    await asyncio.sleep(2)
    asterisk.stop()
    await until(lambda: gateway.ari.health() is not None)
    asterisk.start()
    recorded = gateway.shelf.kept
    await until(lambda: call in [each.of_call for each in recorded], 30, what="that from before the kill")
    await _ended(gateway, call, "answered")
