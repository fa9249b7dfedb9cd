"""Calls that agents ask for at the desk: both telephones rung, joined, recorded, and how it went told."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from gateway_voice.calls.two_legs import Leg
from gateway_voice.handlers import asked_call, reporting
from gateway_voice.handlers.asked_calls import AskedCalls
from gateway_voice.settings import AsteriskSettings
from tests.gateway_ussd.services import HttpService
from tests.gateway_voice.asterisk_double import SOUND, AsteriskDouble, Line, running
from tests.gateway_voice.calling import NIGHT, Gateway, Shelf, a_code, until
from tests.gateway_voice.desk_double import Desk

AGENT, PERSON = "PJSIP/1001", "PJSIP/09121234567@operator"
_SETTINGS = AsteriskSettings(key_seconds=0.5)


@pytest.fixture
async def double() -> AsyncIterator[AsteriskDouble]:
    async with running(AsteriskDouble()) as double:
        yield double


@pytest.fixture
async def gateway(double: AsteriskDouble, tmp_path: Path) -> AsyncIterator[Gateway]:
    settings = _SETTINGS.model_copy(update={"url": double.url})
    service = HttpService(replies=dict(NIGHT))
    gateway = await Gateway(settings, tmp_path / "calls", service, Shelf(), a_code).start()
    yield gateway
    await gateway.stop()


async def _rung(gateway: Gateway, double: AsteriskDouble, endpoint: str) -> Line:
    await until(lambda: endpoint in double.rung, what=endpoint)
    return double.rung[endpoint]


async def _ringing(gateway: Gateway, double: AsteriskDouble, **changes: object) -> tuple[UUID, Line, Line]:
    """The agent has picked up; the person's telephone rings."""
    call = gateway.desk.asks(**changes)
    await gateway.asked.ask()
    agent = await _rung(gateway, double, AGENT)
    agent.pick_up()
    person = await _rung(gateway, double, PERSON)
    person.dialled("RINGING")
    await until(lambda: gateway.desk.states(call)[-1:] == ["ringing_person"])
    return call, agent, person


async def _talking(gateway: Gateway, double: AsteriskDouble, **changes: object) -> tuple[UUID, Line, Line]:
    call, agent, person = await _ringing(gateway, double, **changes)
    person.pick_up()
    await until(lambda: gateway.desk.states(call)[-1:] == ["talking"], what="talking")
    return call, agent, person


async def _ended(gateway: Gateway, call: UUID, result: str) -> None:
    await until(lambda: gateway.desk.end(call), what="its end")
    assert (gateway.desk.end(call) or {})["result"] == result
    await until(lambda: not list(gateway.asked_folder.iterdir()), what="no note of it")


async def test_the_agent_is_rung_then_the_person_then_they_talk(
    gateway: Gateway, double: AsteriskDouble
) -> None:
    call, agent, person = await _talking(gateway, double)
    [members] = double.bridges.values()
    assert members == [agent.id, person.id]
    assert (agent.number, agent.orders[0], person.orders[0]) == ("1420", "rung for 25 s", "rung for 45 s")
    assert agent.heard[:1] == ["connecting"]
    person.hang_up()
    await _ended(gateway, call, "answered")
    assert gateway.desk.states(call) == ["ringing_agent", "ringing_person", "talking", "ended"]
    assert (gateway.desk.end(call) or {})["seconds"] >= 0
    await until(lambda: not double.lines and not double.bridges, what="nothing left in Asterisk")
    assert gateway.calls._live == {}
    assert gateway.shelf.kept == []


@pytest.mark.parametrize("first", Leg)
async def test_whoever_hangs_up_the_other_is_hung_up_too(
    gateway: Gateway, double: AsteriskDouble, first: Leg
) -> None:
    call, agent, person = await _talking(gateway, double)
    (agent if first is Leg.AGENT else person).hang_up()
    await _ended(gateway, call, "answered")
    await until(lambda: not double.lines and not double.bridges)


@pytest.mark.parametrize(
    ("cause", "dialled", "result"),
    [
        (17, "", "busy"),
        (0, "BUSY", "busy"),
        (19, "", "no_answer"),
        (18, "", "no_answer"),
        (0, "NOANSWER", "no_answer"),
        (1, "NOANSWER", "wrong_number"),
        (28, "", "wrong_number"),
        (3, "CHANUNAVAIL", "failed"),  # no way there: a trunk of ours, and nobody's wrong number
        (34, "CONGESTION", "failed"),
        (999, "", "failed"),
    ],
)
async def test_who_is_not_reached_is_told_by_why(
    gateway: Gateway, double: AsteriskDouble, cause: int, dialled: str, result: str
) -> None:
    call, _, person = await _ringing(gateway, double)
    person.ring_out(cause, dialled)
    await _ended(gateway, call, result)
    assert (gateway.desk.end(call) or {})["seconds"] is None
    await until(lambda: not double.lines)


@pytest.mark.parametrize("cause", [0, 17, 19, 16])
async def test_an_agent_who_does_not_pick_up_is_away_and_nobody_is_rung(
    gateway: Gateway, double: AsteriskDouble, cause: int
) -> None:
    call = gateway.desk.asks()
    await gateway.asked.ask()
    (await _rung(gateway, double, AGENT)).ring_out(cause)
    await _ended(gateway, call, "agent_away")
    assert PERSON not in double.rung


@pytest.mark.parametrize(("endpoint", "result"), [(AGENT, "agent_away"), (PERSON, "failed")])
async def test_a_telephone_that_cannot_be_rung_ends_it(
    gateway: Gateway, double: AsteriskDouble, endpoint: str, result: str
) -> None:
    double.refuse.add(endpoint)
    call = gateway.desk.asks()
    await gateway.asked.ask()
    if endpoint == PERSON:
        (await _rung(gateway, double, AGENT)).pick_up()
    await _ended(gateway, call, result)
    await until(lambda: not double.lines)


async def test_an_order_whose_answer_was_lost_rings_once(gateway: Gateway, double: AsteriskDouble) -> None:
    double.refuse.add("originate late")
    call, _, person = await _ringing(gateway, double)
    person.ring_out(17)
    await _ended(gateway, call, "busy")


@pytest.mark.parametrize(
    ("rang", "result"), [(20.0, "no_answer"), (2.0, "agent_away")], ids=["after long ringing", "at once"]
)
async def test_an_agent_who_hangs_up_while_it_rings(
    gateway: Gateway, double: AsteriskDouble, rang: float, result: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, agent, person = await _ringing(gateway, double)
    monkeypatch.setattr(asked_call.AskedCall, "rung", rang)
    agent.hang_up()
    await _ended(gateway, call, result)
    await until(lambda: "hang up" in person.orders, what="the end of its ringing")


async def test_who_hangs_up_while_being_joined_ends_it(gateway: Gateway, double: AsteriskDouble) -> None:
    double.refuse.add("addChannel")
    call, _, person = await _ringing(gateway, double)
    person.pick_up()
    await _ended(gateway, call, "failed")
    await until(lambda: not double.lines and not double.bridges)


async def test_a_recorded_call_is_told_of_first_and_its_recording_goes_with_the_call(
    gateway: Gateway, double: AsteriskDouble
) -> None:
    call, agent, person = await _talking(gateway, double, record=True)
    name = f"payam.out.{call}"
    await until(lambda: len(next(iter(double.bridges.values()))) == 4, what="the recording")
    assert double.bridges[name][2:] == ["play call-recorded", f"record {name} none"]
    agent.hang_up()
    await _ended(gateway, call, "answered")
    await until(lambda: gateway.shelf.kept, what="the recording on our disk")
    [kept] = gateway.shelf.kept
    assert (kept.of_call, kept.caller, kept.code) == (call, None, None)
    assert gateway.shelf.sounds == [SOUND]
    await until(lambda: not double.stored and not person.up)


@pytest.mark.parametrize(
    ("trouble", "recorded"), [("notice", False), ("sound of notice", False), ("end of notice", True)]
)
async def test_nobody_is_recorded_who_was_not_told_and_all_can_talk(
    gateway: Gateway, double: AsteriskDouble, monkeypatch: pytest.MonkeyPatch, *, trouble: str, recorded: bool
) -> None:
    """The end of a notice can be missed; then it was heard all the same."""
    monkeypatch.setattr(asked_call, "_LONGEST_NOTICE", 0.2)
    monkeypatch.setattr(asked_call, "_GLANCE", 0.1)
    double.refuse.add(trouble)
    call, _, person = await _talking(gateway, double, record=True)
    if recorded:
        await until(lambda: _is_recorded(double), what="the recording")
    else:
        await asyncio.sleep(0.7)
        assert not _is_recorded(double)
    person.hang_up()
    await _ended(gateway, call, "answered")


def _is_recorded(double: AsteriskDouble) -> bool:
    return any(each.startswith("record ") for members in double.bridges.values() for each in members)


async def test_a_call_that_is_not_to_be_recorded_is_not(gateway: Gateway, double: AsteriskDouble) -> None:
    _, agent, person = await _talking(gateway, double)
    await asyncio.sleep(0.1)
    assert list(double.bridges.values()) == [[agent.id, person.id]]


async def test_a_recording_of_a_call_is_never_a_message_whatever_is_forgotten(
    gateway: Gateway, double: AsteriskDouble
) -> None:
    """Found in Asterisk by a run that knows nothing of the call."""
    call = UUID("0f000000-0000-4000-8000-00000000000f")
    double.stored[f"payam.out.{call}"] = SOUND
    await gateway.stored.look()
    assert [kept.of_call for kept in gateway.shelf.kept] == [call]


async def test_the_connection_lost_while_they_talk_ends_nothing(
    gateway: Gateway, double: AsteriskDouble
) -> None:
    call, _, person = await _talking(gateway, double)
    before = double.connections
    await double.lose_connection()
    await until(lambda: double.connections > before)
    await asyncio.sleep(0.2)
    assert gateway.desk.states(call)[-1] == "talking"
    person.hang_up()
    await _ended(gateway, call, "answered")


@pytest.mark.parametrize("when", ["ringing_agent", "ringing_person", "talking"])
async def test_who_hangs_up_while_the_connection_is_lost_is_noticed(
    gateway: Gateway, double: AsteriskDouble, when: str
) -> None:
    if when == "ringing_agent":
        call = gateway.desk.asks()
        await gateway.asked.ask()
        agent = await _rung(gateway, double, AGENT)
    elif when == "ringing_person":
        call, agent, _ = await _ringing(gateway, double)
    else:
        call, agent, _ = await _talking(gateway, double)
    before = double.connections
    await double.lose_connection()
    await until(lambda: not double._sockets)
    agent.hang_up()
    await until(lambda: double.connections > before)
    await _ended(gateway, call, "answered" if when == "talking" else "agent_away")
    await until(lambda: not double.lines and not double.bridges)


async def test_the_next_run_takes_up_who_talks(gateway: Gateway, double: AsteriskDouble) -> None:
    call, agent, person = await _talking(gateway, double)
    after = await gateway.again()
    await until(lambda: after.asked._live, what="the call taken up")
    assert after.calls._live == {}
    assert (agent.up, person.up) == (True, True)
    agent.hang_up()
    await _ended(after, call, "answered")
    await until(lambda: not person.up)
    await after.stop()


@pytest.mark.parametrize("when", ["ringing_agent", "ringing_person"])
async def test_the_next_run_ends_what_only_rings(gateway: Gateway, double: AsteriskDouble, when: str) -> None:
    if when == "ringing_agent":
        call = gateway.desk.asks()
        await gateway.asked.ask()
        await _rung(gateway, double, AGENT)
    else:
        call, _, _ = await _ringing(gateway, double)
    after = await gateway.again()
    await _ended(after, call, "failed")
    await until(lambda: not double.lines)
    await after.stop()


async def test_an_asterisk_that_was_killed_ends_its_calls(gateway: Gateway, double: AsteriskDouble) -> None:
    call, agent, person = await _talking(gateway, double)
    before = double.connections
    await double.lose_connection()
    double.lines.clear()
    double.bridges.clear()
    await until(lambda: double.connections > before)
    await _ended(gateway, call, "answered")
    assert (agent.up, person.up) == (True, True)


async def test_without_asterisk_for_long_nobody_is_left_talking_at_the_desk(
    gateway: Gateway, double: AsteriskDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked_call, "ALONE", 0.3)
    monkeypatch.setattr(asked_call, "_GLANCE", 0.1)
    call, _, _ = await _talking(gateway, double)
    monkeypatch.setattr(gateway.ari, "health", lambda: "gone")
    await _ended(gateway, call, "answered")


async def test_how_it_ended_is_told_when_the_case_store_is_back(
    gateway: Gateway, double: AsteriskDouble
) -> None:
    call, _, person = await _talking(gateway, double)
    gateway.desk.away = True
    person.hang_up()
    await until(lambda: not gateway.asked._live)
    after = await gateway.again()
    await asyncio.sleep(0.2)
    assert gateway.desk.end(call) is None
    gateway.desk.away = False
    await _ended(after, call, "answered")
    await after.stop()


async def test_how_it_ended_is_told_without_asterisk(
    gateway: Gateway, double: AsteriskDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, _, person = await _talking(gateway, double)
    gateway.desk.away = True
    person.hang_up()
    await until(lambda: not gateway.asked._live)
    gateway.desk.away = False
    await gateway.stop()
    monkeypatch.setattr(AskedCalls, "connected", None)
    told = replace(gateway)
    await told.asked.start()
    await _ended(told, call, "answered")
    await told.asked.stop()


async def test_a_call_that_the_case_store_does_not_know_is_no_reason_to_cut_anybody_off(
    gateway: Gateway, double: AsteriskDouble
) -> None:
    call, agent, person = await _ringing(gateway, double)
    gateway.desk.refuses.add("progress")
    person.pick_up()
    await until(lambda: double.bridges)
    await asyncio.sleep(0.1)
    assert (agent.up, person.up) == (True, True)
    person.hang_up()
    await until(lambda: not list(gateway.asked_folder.iterdir()), what="no note of it")
    assert gateway.desk.end(call) is None


async def test_a_state_is_told_again_as_a_sign_of_life(
    gateway: Gateway, double: AsteriskDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "_SIGN_OF_LIFE", 0.05)
    call, _, _ = await _talking(gateway, double)
    await until(lambda: sum(told["state"] == "talking" for _, told in gateway.desk.told) > 2)
    assert gateway.desk.end(call) is None


async def test_the_same_claim_again_rings_nobody_twice(gateway: Gateway, double: AsteriskDouble) -> None:
    call = gateway.desk.asks()
    again = dict(gateway.desk.waiting[0])
    await gateway.asked.ask()
    agent = await _rung(gateway, double, AGENT)
    led = gateway.asked._live[call]
    gateway.desk.waiting.append(again)
    await gateway.asked.ask()
    await asyncio.sleep(0.1)
    assert gateway.asked._live == {call: led}
    assert len(double.lines) == 1
    agent.ring_out(19)
    await _ended(gateway, call, "agent_away")


@pytest.mark.parametrize(
    "wrong",
    [
        {"extension": "1001@operator"},
        {"extension": "1001&PJSIP/09121112233"},
        {"extension": ""},
        {"number": "09121234567"},
        {"number": "+98912@evil/n"},
        {"line": "1420\r\n"},
        {"record": None},
    ],
    ids=["dials out", "rings two", "no extension", "national", "no number", "no line", "no answer"],
)
async def test_what_would_dial_something_else_is_not_dialled(
    gateway: Gateway, double: AsteriskDouble, wrong: dict[str, object]
) -> None:
    call, sound = gateway.desk.asks(**wrong), gateway.desk.asks()  # type: ignore[arg-type]
    await gateway.asked.ask()
    assert (gateway.desk.end(call) or {})["result"] == "failed"
    await _rung(gateway, double, AGENT)
    assert set(gateway.asked._live) == {sound}


async def test_nothing_is_claimed_that_cannot_be_made(gateway: Gateway, double: AsteriskDouble) -> None:
    gateway.settings.asked_at_once = 2
    for _ in range(5):
        gateway.desk.asks()
    await gateway.asked.ask()
    await gateway.asked.ask()
    assert (len(gateway.asked._live), len(gateway.desk.waiting)) == (2, 3)
    await double.lose_connection()
    await until(lambda: gateway.ari.health() is not None)
    claims = gateway.desk.claims
    gateway.settings.asked_at_once = 10
    await gateway.asked.ask()
    assert gateway.desk.claims == claims


@pytest.mark.parametrize("trouble", ["away", "without such a route", "says something else"])
async def test_a_store_that_gives_no_calls_is_asked_again(
    gateway: Gateway, double: AsteriskDouble, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    """Nothing of it shows in the health: calls from outside are taken all the same."""
    gateway.settings.ask_every_seconds = 0.01
    call = gateway.desk.asks()
    with monkeypatch.context() as patched:
        patched.setattr(gateway.desk, "away", trouble == "away")
        patched.setattr(gateway.desk, "refuses", {"claims"} if trouble == "without such a route" else set())
        if trouble == "says something else":
            patched.setattr(gateway.desk, "waiting", None)
            patched.setattr(Desk, "__call__", lambda *_: httpx.Response(200, json=[]))
        await gateway.asked.ask()
        await gateway.asked.ask()
        assert gateway.asked._live == {}
    await gateway.asked.ask()
    await _rung(gateway, double, AGENT)
    assert set(gateway.asked._live) == {call}


async def test_who_picks_up_after_it_was_ended_is_hung_up(gateway: Gateway, double: AsteriskDouble) -> None:
    call, _, person = await _ringing(gateway, double)
    person.ring_out(17)
    await _ended(gateway, call, "busy")
    late = Line(double, person.id, "1420")
    double.lines[late.id] = late
    late.pick_up()
    await until(lambda: not late.up, what="its end")
    assert gateway.calls._live == {}


async def test_a_call_that_fails_ends_and_no_other(
    gateway: Gateway, double: AsteriskDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, _, person = await _ringing(gateway, double)
    monkeypatch.setattr(gateway.asked._exchange.bridges, "join", None)
    person.pick_up()
    await _ended(gateway, broken, "failed")
    await until(lambda: not double.lines)


async def test_no_number_is_logged_nor_part_of_an_address(
    gateway: Gateway,
    double: AsteriskDouble,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    call, _, person = await _ringing(gateway, double, extension="1001")
    person.ring_out(17)
    await _ended(gateway, call, "busy")
    said = "".join(capsys.readouterr()) + caplog.text
    assert "call_ended" in said
    assert "9121234567" not in said
