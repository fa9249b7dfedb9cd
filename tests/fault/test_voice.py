"""What was said is kept, whatever ends or goes away after the PBX was told yes."""

import itertools

import pytest

from envelope.models import Channel, message_id_of
from tests.flow.running import Flow, until
from tests.flow.speaking import push
from tests.gateway_voice.sounds import speech, wav

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]
SPOKEN = wav(speech(2))
_numbers = itertools.count(5000)


@pytest.fixture
def caller() -> str:
    return f"0912{next(_numbers):04d}444"


def said(flow: Flow, caller: str) -> list[str]:
    """The ids of all messages of a person."""
    return sorted(message["message_id"] for case in flow.cases_of(caller) for message in case["messages"])


def named(*ids: str) -> list[str]:
    """The ids that the PBX's own come to."""
    return sorted(str(message_id_of(Channel.VOICE, "1420", "pbx", each)) for each in ids)


def test_a_gateway_killed_right_after_its_yes_loses_nothing_and_says_nothing_twice(flow: Flow, caller: str):
    pushed = [push(flow, SPOKEN, caller, f"killed-{number}") for number in range(6)]
    flow.kill("gateway-voice")
    assert [answer.status_code for answer in pushed] == [202] * 6
    until(lambda: flow.ready("GATEWAY_VOICE"), seconds=60)
    again = push(flow, SPOKEN, caller, "killed-0")
    assert again.json() == pushed[0].json()
    until(lambda: len(said(flow, caller)) == 6, seconds=60)
    assert said(flow, caller) == named(*(f"killed-{number}" for number in range(6)))


@pytest.mark.parametrize("part", ["kafka", "router", "case-store"])
def test_while_something_behind_is_frozen_recordings_are_taken_with_their_codes(
    flow: Flow, caller: str, part: str
):
    with flow.frozen(part):
        answer = push(flow, SPOKEN, caller, f"frozen-{part}")
        assert answer.status_code == 202
        code = answer.json()["tracking_code"]
        assert code is not None
    [case] = until(lambda: flow.cases_of(caller), seconds=60)
    assert case["tracking_code"] == code
    assert said(flow, caller) == named(f"frozen-{part}")


def test_without_the_object_store_recordings_wait_and_become_cases_when_it_is_back(flow: Flow, caller: str):
    objects = flow.logs.parent / "objects"
    away = objects.rename(objects.with_suffix(".away")) if objects.exists() else None
    objects.touch()
    answer = push(flow, SPOKEN, caller, "no-store")
    assert answer.status_code == 202
    waiting = flow.logs.parent / "spool" / "gateway-voice" / "recordings" / "waiting"
    until(lambda: list(waiting.glob("*/heard.json")))
    assert flow.cases_of(caller) == []
    objects.unlink()
    if away is not None:
        away.rename(objects)
    [case] = until(lambda: flow.cases_of(caller), seconds=90)
    assert case["tracking_code"] == answer.json()["tracking_code"]
    assert list(waiting.iterdir()) == []
