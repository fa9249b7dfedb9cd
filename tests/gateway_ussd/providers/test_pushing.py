"""Screens sent by calls of our own: in order within a session, side by side between sessions, all counted."""

import asyncio

import pytest
from prometheus_client import REGISTRY

from gateway_ussd.errors import OperatorAwayError, OperatorRefusedError, OperatorSilentError
from gateway_ussd.model import EndReason, Screen, Step, StepKind
from gateway_ussd.providers.pushing import Pushes
from tests.gateway_ussd.providers.engine import Engine


def step(session: str = "s", typed: str = "1", kind: StepKind = StepKind.CONTINUE) -> Step:
    return Step("smsc", session, "+989121234567", "*4*1420#", kind, typed=typed)


def counted(provider: str, outcome: str) -> float:
    return (
        REGISTRY.get_sample_value("gateway_ussd_pushed_total", {"provider": provider, "outcome": outcome})
        or 0
    )


class Slow:
    """Screens that take the longer, the earlier they were asked for."""

    def __init__(self) -> None:
        self.delays = [0.1, 0.0, 0.0]

    async def __call__(self, asked: Step) -> Screen:
        await asyncio.sleep(self.delays.pop(0))
        return Screen(f"{asked.session_id}{asked.typed}", ends=False)


async def shown(*steps: Step) -> list[str]:
    pushes, seen = Pushes("order", Slow()), []

    async def show(screen: Screen) -> None:
        seen.append(screen.text)

    for each in steps:
        assert pushes.take(each, show)
    await pushes.stop()
    return seen


async def test_the_steps_of_a_session_are_answered_in_their_order():
    assert await shown(step(typed="1"), step(typed="2"), step(typed="3")) == ["s1", "s2", "s3"]


async def test_a_slow_session_holds_up_no_other():
    assert await shown(step("a"), step("b"), step("c")) == ["b1", "c1", "a1"]


async def test_nothing_is_kept_of_a_session_that_is_answered():
    pushes = Pushes("kept", Engine())

    async def show(_screen: Screen) -> None: ...

    for number in range(50):
        pushes.take(step(str(number)), show)
    await pushes.stop()
    await asyncio.sleep(0)
    assert (pushes._tasks, pushes._last) == (set(), {})


async def test_marks_are_bounded(monkeypatch):
    monkeypatch.setattr("gateway_ussd.providers.pushing._MOST_MARKS", 3)
    pushes = Pushes("marks", Engine())

    async def show(_screen: Screen) -> None: ...

    for number in range(9):
        pushes.take(step(str(number)), show, mark=str(number))
    assert list(pushes._marks) == ["6", "7", "8"]
    await pushes.stop()


@pytest.mark.parametrize(
    ("error", "outcome", "told"),
    [
        (OperatorAwayError("away"), "away", True),
        (OperatorRefusedError("no", "0x45"), "refused", True),
        (OperatorSilentError("silent"), "silent", False),
        (RuntimeError("a bug"), "crashed", False),
    ],
)
async def test_every_way_to_fail_is_counted_and_a_lost_screen_is_told(error, outcome, told):
    engine = Engine()
    pushes = Pushes(f"fails-{outcome}", engine)

    async def show(_screen: Screen) -> None:
        raise error

    pushes.take(step(), show)
    await pushes.stop()
    await asyncio.sleep(0)
    assert counted(f"fails-{outcome}", outcome) == 1
    assert [each.reason for each in engine.steps[1:]] == ([EndReason.FAILED] if told else [])


async def test_stopping_waits_for_what_is_in_hand_but_not_for_ever(monkeypatch):
    monkeypatch.setattr("gateway_ussd.providers.pushing._STOP_SECONDS", 0.05)
    pushes = Pushes("stops", Engine())
    seen = []

    async def quick(screen: Screen) -> None:
        seen.append(screen.text)

    async def endless(_screen: Screen) -> None:
        await asyncio.Event().wait()

    pushes.take(step("a"), quick)
    pushes.take(step("b"), endless)
    async with asyncio.timeout(1):
        await pushes.stop()
    assert len(seen) == 1
