"""Calls over ARI: many at once, connections lost, orders refused, recordings found afterwards."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from envelope.models import Language
from envelope.taxonomy import Section
from gateway_voice.calls.model import Step
from gateway_voice.metrics import STRANGE, STUCK
from gateway_voice.repository.notes import Note, Notes
from gateway_voice.settings import AsteriskSettings
from tests.gateway_ussd.services import HttpService
from tests.gateway_voice.asterisk_double import SOUND, AsteriskDouble, Line, running
from tests.gateway_voice.calling import CLOSED, NIGHT, OPEN, STANDING, Gateway, Shelf, a_code, until

MOBILE = "+989121234567"
_SETTINGS = AsteriskSettings(key_seconds=0.5, longest_call_seconds=60)


@pytest.fixture
async def double() -> AsyncIterator[AsteriskDouble]:
    async with running(AsteriskDouble()) as double:
        yield double


@pytest.fixture
async def service() -> AsyncIterator[HttpService]:
    server = HttpService(replies=dict(NIGHT))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def gateway(double: AsteriskDouble, service: HttpService, tmp_path: Path) -> AsyncIterator[Gateway]:
    settings = _SETTINGS.model_copy(update={"url": double.url})
    gateway = await Gateway(settings, tmp_path / "calls", service, Shelf(), a_code).start()
    yield gateway
    await gateway.stop()


async def _speaking(gateway: Gateway, line: Line) -> None:
    """Through the menus to the tone."""
    await gateway.comes_to(Step.LANGUAGE, line.id)
    line.press("1")
    await gateway.comes_to(Step.SECTION, line.id)
    line.press("1")
    await until(lambda: line.recording, 60, what="a recording")


async def _left(gateway: Gateway, line: Line) -> None:
    """A whole message, as an unhurried caller leaves it."""
    await _speaking(gateway, line)
    line.press("#")
    await gateway.comes_to(Step.REVIEW, line.id)
    line.press("3")
    await gateway.comes_to(Step.CALLBACK, line.id)
    line.press("1")
    await gateway.comes_to(None, line.id)


async def test_a_message_is_kept_its_code_told_and_nothing_left_behind(
    gateway: Gateway, double: AsteriskDouble
) -> None:
    line = double.ring("09121234567")
    await _left(gateway, line)
    [kept] = gateway.shelf.kept
    assert (kept.caller, kept.called, kept.provider) == (MOBILE, "1420", "asterisk")
    assert kept.declared is not None
    assert kept.declared.section is Section.INSURANCE
    assert gateway.shelf.sounds == [SOUND]
    told = "".join(each[-1] for each in line.heard if each.startswith("digit-"))
    assert told.endswith(2 * str(kept.code))
    assert line.orders[-1] == "hang up"
    assert double.stored == {}
    assert list(gateway.folder.iterdir()) == []


async def test_two_hundred_calls_at_once_lose_no_event(
    gateway: Gateway, double: AsteriskDouble, service: HttpService
) -> None:
    """Every third hangs up while speaking; nobody waits for anybody."""
    gateway.settings.key_seconds, gateway.settings.longest_call_seconds = 60.0, 600.0
    habits = {"language": "1", "section": "1", "tone": "#", "review": "3", "callback-right": "1"}
    lines = [double.ring() for _ in range(200)]
    for number, line in enumerate(lines):
        line.habits = habits | ({} if number % 3 else {"tone": "bye"})
    await until(lambda: len(gateway.calls._live) == 200, what="200 calls at once")
    await until(lambda: not gateway.calls._live, 150, what="the end of all of them")
    assert sorted(str(kept.caller) for kept in gateway.shelf.kept) == sorted(
        f"+98{line.number[1:]}" for line in lines
    )
    assert len({kept.code for kept in gateway.shelf.kept}) == 200
    assert (double.stored, double.lines) == ({}, {})
    assert service.calls[STANDING] < 10


async def test_a_recording_ends_at_the_square_key_in_silence_and_in_time(
    gateway: Gateway, double: AsteriskDouble
) -> None:
    """The double ends it at `#` as Asterisk does if it was told to; so it is asked what it was told."""
    line = double.ring()
    await _speaking(gateway, line)
    assert (line.record_query["terminateOn"], line.record_query["ifExists"]) == ("#", "fail")
    assert line.record_query["maxSilenceSeconds"] == str(gateway.settings.silence_seconds)
    assert line.record_query["maxDurationSeconds"] == str(gateway.settings.longest_message_seconds)


@pytest.mark.parametrize(("key", "language"), [("1", Language.FA), ("2", Language.EN)])
async def test_the_language_that_was_chosen_goes_with_the_message(
    gateway: Gateway, double: AsteriskDouble, key: str, language: Language
) -> None:
    line = double.ring()
    await gateway.comes_to(Step.LANGUAGE, line.id)
    line.press(key)
    await gateway.comes_to(Step.SECTION, line.id)
    line.press("1")
    await until(lambda: line.recording)
    line.hang_up()
    await until(lambda: gateway.shelf.kept)
    [kept] = gateway.shelf.kept
    assert kept.declared is not None
    assert kept.declared.language is language


async def test_calls_of_one_number_at_once_are_a_message_each(
    gateway: Gateway, double: AsteriskDouble
) -> None:
    """A switchboard shows one number for all its people."""
    lines = [double.ring("02188990011") for _ in range(3)]
    for line, keys in zip(lines, ("1", "2", "3"), strict=True):
        await gateway.comes_to(Step.LANGUAGE, line.id)
        line.press("1")
        await gateway.comes_to(Step.SECTION, line.id)
        line.press(keys)
        await until(lambda line=line: line.recording)
    lines[1].hang_up()
    await until(lambda: len(gateway.shelf.kept) == 1)
    lines[0].hang_up()
    lines[2].hang_up()
    await until(lambda: len(gateway.shelf.kept) == 3)
    sections = {kept.declared.section for kept in gateway.shelf.kept if kept.declared is not None}
    assert sections == {Section.INSURANCE, Section.TREATMENT, Section.RETIREMENT}
    assert {kept.caller for kept in gateway.shelf.kept} == {"+982188990011"}
    assert len(set(gateway.shelf.ids)) == 3


async def test_staffed_hours_hand_the_call_on(
    gateway: Gateway, double: AsteriskDouble, service: HttpService
) -> None:
    service.replies[STANDING] = (200, OPEN)
    line = double.ring()
    await until(lambda: not line.up)
    assert line.orders == ["continue queue"]


@pytest.mark.parametrize(("told_last", "orders"), [(OPEN, ["continue queue"]), (CLOSED, ["answer"])])
async def test_without_the_case_store_the_calendar_goes_on_as_it_was_told_last(
    gateway: Gateway, double: AsteriskDouble, service: HttpService, told_last: object, orders: list[str]
) -> None:
    service.replies[STANDING] = (200, told_last)
    first = double.ring()
    await until(lambda: first.orders)
    service.replies[STANDING] = (500, {})
    gateway.calls._world.case_store._ask_again_at = 0
    line = double.ring()
    await until(lambda: line.orders)
    assert line.orders[:1] == orders
    assert service.calls[STANDING] == 2


async def test_where_nobody_knows_the_calendar_a_message_is_taken(
    gateway: Gateway, double: AsteriskDouble, service: HttpService
) -> None:
    await service.stop()
    line = double.ring()
    await until(lambda: line.orders)
    assert line.orders[0] == "answer"


async def test_calls_go_on_when_the_connection_comes_back(gateway: Gateway, double: AsteriskDouble) -> None:
    menu, speaking, gone = double.ring(), double.ring(), double.ring()
    await gateway.comes_to(Step.LANGUAGE, menu.id)
    await _speaking(gateway, speaking)
    await _speaking(gateway, gone)
    gateway.settings.key_seconds = 30.0
    before = double.connections
    await double.lose_connection()
    await until(lambda: not double._sockets)
    speaking.end_recording()
    gone.hang_up()
    await until(lambda: double.connections > before)
    await gateway.comes_to(Step.REVIEW, speaking.id)
    await gateway.comes_to(None, gone.id)
    await until(lambda: [kept.caller for kept in gateway.shelf.kept] == [f"+98{gone.number[1:]}"])
    menu.press("2")
    await gateway.comes_to(Step.SECTION, menu.id)


async def test_a_run_that_ended_leaves_its_calls_to_the_next(
    gateway: Gateway, double: AsteriskDouble
) -> None:
    line = double.ring("09121234567")
    await _speaking(gateway, line)
    after = await gateway.again()
    await until(lambda: after.shelf.kept)
    [kept] = after.shelf.kept
    assert kept.caller == MOBILE
    assert kept.declared is not None
    await until(lambda: after.calls._live)
    await _left(after, line)
    assert len(after.shelf.kept) == 2
    assert len(set(after.shelf.ids)) == 2
    await after.stop()


async def test_a_full_disk_leaves_the_message_in_asterisk_until_there_is_room(
    gateway: Gateway, double: AsteriskDouble
) -> None:
    gateway.shelf.full = True
    line = double.ring("09121234567")
    await _left(gateway, line)
    told = "".join(each[-1] for each in line.heard if each.startswith("digit-"))
    await gateway.stored.look()
    assert len(double.stored) == 1
    assert STUCK._value.get() == 1
    gateway.shelf.full = False
    await gateway.stored.look()
    [kept] = gateway.shelf.kept
    assert told.endswith(str(kept.code))
    assert (double.stored, STUCK._value.get()) == ({}, 0)


async def test_a_code_is_not_told_where_nothing_remembers_it(
    gateway: Gateway, double: AsteriskDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Notes, "write", full)
    gateway.shelf.full = True
    line = double.ring("09121234567")
    await _left(gateway, line)
    assert "code-is" not in line.heard
    gateway.shelf.full = False
    await gateway.stored.look()
    assert [kept.caller for kept in gateway.shelf.kept] == [MOBILE]


async def test_what_cannot_be_fetched_is_found_later(gateway: Gateway, double: AsteriskDouble) -> None:
    double.refuse.add("file")
    line = double.ring()
    await _speaking(gateway, line)
    line.hang_up()
    await gateway.comes_to(None, line.id)
    double.refuse.clear()
    await gateway.stored.look()
    assert len(gateway.shelf.kept) == 1
    assert double.stored == {}


async def test_asterisk_that_cannot_record_says_so_and_ends(gateway: Gateway, double: AsteriskDouble) -> None:
    double.refuse.add("record")
    line = double.ring()
    await gateway.comes_to(Step.LANGUAGE, line.id)
    line.press("11")
    await gateway.comes_to(None, line.id)
    assert line.heard.count("unheard") == 2
    assert line.orders[-1] == "hang up"


async def test_a_recording_that_failed_is_tried_again(gateway: Gateway, double: AsteriskDouble) -> None:
    line = double.ring()
    await _speaking(gateway, line)
    line.fail_recording()
    await until(lambda: line.recording)
    line.hang_up()
    await until(lambda: gateway.shelf.kept)


async def test_a_recording_under_way_is_not_taken(gateway: Gateway, double: AsteriskDouble) -> None:
    line = double.ring()
    await _speaking(gateway, line)
    gateway.stored.release([str(line.recording)])
    await gateway.stored.look()
    assert gateway.shelf.kept == []
    line.hang_up()


async def test_a_recording_that_nothing_is_known_of_is_a_message_all_the_same(
    gateway: Gateway, double: AsteriskDouble
) -> None:
    double.stored["payam.1795358302.7-1795358302.1"] = SOUND
    await gateway.stored.look()
    [kept] = gateway.shelf.kept
    assert (kept.caller, kept.called, kept.code) == (None, "1420", None)
    assert kept.session is not None
    assert kept.session.id == "1795358302.7"
    assert double.stored == {}


async def test_two_looks_at_once_find_it_once(gateway: Gateway, double: AsteriskDouble) -> None:
    double.stored["payam.1795358302.8-ab.1"] = SOUND
    await asyncio.gather(gateway.stored.look(), gateway.stored.look())
    assert len(gateway.shelf.kept) == 1


async def test_a_recording_of_nobody_of_ours_is_an_alarm_and_left_alone(
    gateway: Gateway, double: AsteriskDouble
) -> None:
    double.stored["somebody-else"] = SOUND
    await gateway.stored.look()
    assert STRANGE._value.get() == 1
    assert double.stored == {"somebody-else": SOUND}
    assert gateway.shelf.kept == []


async def test_what_the_caller_did_not_want_is_no_message_even_after_a_crash(
    gateway: Gateway, double: AsteriskDouble
) -> None:
    name = "payam.1.1-1.1"
    double.stored[name] = SOUND
    at = datetime.now(UTC)
    note = Note(recording=name, channel="1.1", caller=None, called="1420", at=at, wanted=False)
    Notes(gateway.folder).write(note)
    await gateway.stored.look()
    assert gateway.shelf.kept == []
    assert double.stored == {}


async def test_notes_of_recordings_that_never_came_do_not_pile_up(gateway: Gateway) -> None:
    notes = Notes(gateway.folder)
    for name, days in (("payam.1.1", 2), ("payam.2.1", 0)):
        at = datetime.now(UTC) - timedelta(days=days)
        notes.write(Note(recording=name, channel="1", caller=None, called="1420", at=at))
    await gateway.stored.look()
    assert [note.recording for note in notes.all()] == ["payam.2.1"]


async def test_a_call_without_an_end_is_ended_and_what_was_said_kept(
    gateway: Gateway, double: AsteriskDouble
) -> None:
    gateway.settings.longest_call_seconds, gateway.settings.key_seconds = 3.0, 60.0
    line = double.ring()
    await _speaking(gateway, line)
    line.end_recording()
    await gateway.comes_to(Step.REVIEW, line.id)
    await gateway.comes_to(None, line.id, seconds=20)
    assert len(gateway.shelf.kept) == 1
    await until(lambda: not line.up)


async def test_one_call_that_fails_ends_no_other(
    gateway: Gateway, double: AsteriskDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = double.ring(), double.ring()
    await until(lambda: sound.heard and broken.heard)
    with monkeypatch.context() as patched:
        patched.setattr(gateway.ari, "play", None)
        broken.press("1")
        await until(lambda: not broken.up, what="the end of the broken one")
    sound.press("1")
    await gateway.comes_to(Step.SECTION, sound.id)


@pytest.mark.parametrize(
    "strange",
    [
        {},
        {"type": "StasisStart"},
        {"type": "RecordingFinished", "recording": {"name": "greeting", "target_uri": "channel:x"}},
        {"type": "ChannelDtmfReceived", "channel": None},
        {"type": "NeverHeardOf"},
    ],
)
async def test_an_event_in_an_unknown_form_ends_no_call(
    gateway: Gateway, double: AsteriskDouble, strange: dict[str, object]
) -> None:
    line = double.ring()
    await gateway.comes_to(Step.LANGUAGE, line.id)
    double.tell(strange)
    line.press("1")
    await gateway.comes_to(Step.SECTION, line.id)
    assert double.connections == 1


@pytest.mark.parametrize(
    "hostile",
    [
        [],
        "StasisStart",
        {"type": {"a": []}},
        {"type": "StasisStart", "channel": {"id": None}},
        {"type": "Dial", "peer": 7},
        {"type": "RecordingFinished", "recording": {"name": "payam.1.1", "duration": 10**400}},
        {"type": "PlaybackFinished", "playback": {"id": None, "target_uri": ["channel:x"]}},
        {"type": "ChannelDestroyed", "channel": {"id": ["x"]}, "cause": "seventeen"},
        {"type": "NeverHeardOf", "padding": "x" * 2_000_000},
    ],
    ids=["list", "word", "type", "channel", "peer", "endless", "target", "cause", "huge"],
)
async def test_a_hostile_event_ends_no_call_and_no_gateway(
    gateway: Gateway, double: AsteriskDouble, hostile: dict[str, Any]
) -> None:
    line = double.ring()
    await gateway.comes_to(Step.LANGUAGE, line.id)
    before = double.connections
    if isinstance(hostile, dict) and "recording" in hostile:
        hostile["recording"]["target_uri"] = f"channel:{line.id}"
    double.tell(hostile)
    if "padding" in hostile:
        await until(lambda: double.connections > before, what="a connection anew")
        await until(lambda: gateway.ari.health() is None)
    line.press("1")
    await gateway.comes_to(Step.SECTION, line.id)
    assert gateway.ari.failure() is None


async def test_who_tells_nothing_of_themselves_is_answered(gateway: Gateway, double: AsteriskDouble) -> None:
    line = double.ring()
    bare = Line(double, "bare-1", "")
    double.lines[bare.id] = bare
    double.tell({"type": "StasisStart", "channel": {"id": bare.id}})
    await gateway.comes_to(Step.LANGUAGE, bare.id)
    await gateway.comes_to(Step.LANGUAGE, line.id)
    bare.press("1")
    await gateway.comes_to(Step.SECTION, bare.id)
    bare.press("1")
    await until(lambda: bare.recording)
    bare.hang_up()
    await until(lambda: gateway.shelf.kept)
    assert (gateway.shelf.kept[0].caller, gateway.shelf.kept[0].called) == (None, "1420")


async def test_a_storm_of_keys_costs_no_more_than_it_is_worth(
    gateway: Gateway, double: AsteriskDouble
) -> None:
    """A program at the other end presses as fast as it can; the call beside it notices nothing."""
    gateway.settings.key_seconds = 60.0
    line, other = double.ring(), double.ring()
    await _speaking(gateway, line)
    line.press("#")
    await gateway.comes_to(Step.REVIEW, line.id)
    for _ in range(5_000):
        line.press("1")
    await gateway.comes_to(Step.LANGUAGE, other.id)
    other.press("1")
    await gateway.comes_to(Step.SECTION, other.id, seconds=5)
    assert gateway.calls._live[line.id]._inbox.qsize() <= 100
    await until(gateway.calls._live[line.id]._inbox.empty, 30, what="the end of the storm")
    line.press("3")
    await gateway.comes_to(Step.CALLBACK, line.id)
    line.hang_up()
    await until(lambda: gateway.shelf.kept)
    [kept] = gateway.shelf.kept
    assert kept.session is not None
    assert len(kept.session.steps) <= 100


_WAY: dict[Step, str] = {
    Step.LANGUAGE: "",
    Step.SECTION: "1",
    Step.RECORDING: "11",
    Step.REVIEW: "11#",
    Step.CALLBACK: "11#3",
    Step.NUMBER: "11#32",
    Step.WHICH_CASE: "19",
}


@pytest.mark.parametrize("step", _WAY)
async def test_who_hangs_up_leaves_what_was_said_and_nothing_else(
    gateway: Gateway, double: AsteriskDouble, step: Step
) -> None:
    gateway.settings.key_seconds = 60.0
    line = double.ring()
    for each in [on for on in _WAY if on is not step and _WAY[step].startswith(_WAY[on])]:
        key = _WAY[step][len(_WAY[each])]
        await gateway.comes_to(each, line.id)
        if each is Step.RECORDING:
            await until(lambda: line.recording)
        line.press(key)
    await gateway.comes_to(step, line.id)
    if step is Step.RECORDING:
        await until(lambda: line.recording)
    line.hang_up()
    await gateway.comes_to(None, line.id)
    await gateway.stored.look()
    spoken = step not in {Step.LANGUAGE, Step.SECTION, Step.WHICH_CASE}
    assert len(gateway.shelf.kept) == spoken
    assert (double.stored, gateway.stored._claimed, gateway.stored._unwritten) == ({}, set(), {})
    assert list(gateway.folder.iterdir()) == []


async def test_a_recording_that_is_told_of_after_the_hang_up_is_a_message(
    gateway: Gateway, double: AsteriskDouble
) -> None:
    line = double.ring("09121234567")
    await _speaking(gateway, line)
    name = str(line.recording)
    line.recording = None
    line.leave()
    await gateway.comes_to(None, line.id)
    double.stored[name] = SOUND
    await gateway.stored.look()
    assert [kept.caller for kept in gateway.shelf.kept] == [MOBILE]


async def test_an_end_before_its_beginning_leaves_no_call_behind(
    gateway: Gateway, double: AsteriskDouble
) -> None:
    line = double.ring()
    line._tell("StasisEnd")
    double.lines.pop(line.id)
    ghost = Line(double, "ghost-1", "09121112233")
    ghost._tell("StasisEnd")
    ghost._tell("StasisStart")
    await until(lambda: not gateway.calls._live, what="nobody")


async def test_what_was_half_written_when_it_was_killed_does_not_pile_up(
    gateway: Gateway, double: AsteriskDouble
) -> None:
    left = [gateway.folder / "payam.1.1.part", gateway.asked_folder / "1.part"]
    for path in left:
        path.write_bytes(b"{")
    after = await gateway.again()
    assert not any(path.exists() for path in left)
    await after.stop()


async def test_what_no_disk_remembers_is_forgotten_in_the_end(
    gateway: Gateway, double: AsteriskDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Notes, "write", full)
    for days in (2, 0):
        at = datetime.now(UTC) - timedelta(days=days)
        note = Note(recording=f"payam.{days}.1", channel="1", caller=None, called="1420", at=at)
        await gateway.stored.claim(note)
        gateway.stored.release([note.recording])
    await gateway.stored.look()
    assert list(gateway.stored._unwritten) == ["payam.0.1"]


async def test_no_number_and_no_code_is_logged(
    gateway: Gateway, double: AsteriskDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway.shelf.full = True
    line = double.ring("09121234567")
    await _left(gateway, line)
    await gateway.stored.look()
    said = "".join(capsys.readouterr())
    assert "recording_left_for_later" in said
    assert "912123456" not in said
    assert "".join(each[-1] for each in line.heard if each.startswith("digit-"))[-10:] not in said


async def test_health_tells_whether_calls_can_come(gateway: Gateway, double: AsteriskDouble) -> None:
    assert gateway.ari.health() is None
    double.tell({"type": "ApplicationReplaced", "application": "payam"})
    await until(lambda: gateway.ari.health() is not None)
    assert "another program" in str(gateway.ari.health())
