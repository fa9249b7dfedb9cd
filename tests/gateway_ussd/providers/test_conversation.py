"""One conversation through every form: the engine is asked the same, and the phone shows the same."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway_ussd.model import Screen, StepKind
from gateway_ussd.providers import PROVIDERS
from tests.gateway_ussd.providers.engine import ASK, CODE_SHOWN, MENU, Engine, asked
from tests.gateway_ussd.providers.lines import FORMS, Line, line_of

NUMBER = "+989121234567"
CODE = "*4*1420#"
TELLS_THE_END = {"africastalking", "comviva", "madapi", "huawei", "smpp"}


@pytest.fixture(params=FORMS)
async def line(request: pytest.FixtureRequest) -> AsyncIterator[Line]:
    async with line_of(request.param, Engine()) as line:
        yield line


def test_every_form_is_here():
    assert set(FORMS) == set(PROVIDERS)


async def test_a_conversation_asks_and_shows_the_same(line):
    shown = [
        await line.phone.dial(CODE),
        await line.phone.type("2"),
        await line.phone.type("سابقه بیمه\u200cام <ناقص> & «غلط» است"),
    ]
    assert shown == [(screen.text, screen.ends) for screen in (MENU, ASK, CODE_SHOWN)]
    assert asked(line.engine.steps) == [
        ("begin", NUMBER, CODE, ()),
        ("continue", NUMBER, CODE, ("2",)),
        ("continue", NUMBER, CODE, ("سابقه بیمه\u200cام <ناقص> & «غلط» است",)),
    ]
    assert len({(step.provider, step.session_id) for step in line.engine.steps}) == 1


async def test_what_is_dialled_behind_the_code_comes_with_the_first_step(line):
    await line.phone.dial("*4*1420*1*2#")
    await line.phone.type("0499370899")
    assert asked(line.engine.steps) == [
        ("begin", NUMBER, CODE, ("1", "2")),
        ("continue", NUMBER, CODE, ("0499370899",)),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "1) Parvande\n2) Shekayat",
        "a" * 160,
        "۱" * 70,
        "قیمت <b>۵۰٪</b> & «نقل» \"گیومه\" 'تک'",
        "@£$¥ {}~\\^|€",
    ],
)
async def test_a_text_is_shown_as_it_is(line, text):
    line.engine.to_show = [Screen(text, ends=False)]
    assert (await line.phone.dial(CODE)).text == text


async def test_hanging_up_is_told_once_and_shows_nothing(line):
    await line.phone.dial(CODE)
    await line.phone.hang_up()
    if line.form not in TELLS_THE_END:
        return
    async with asyncio.timeout(5):
        while len(line.engine.steps) < 2:  # noqa: ASYNC110  (a test polls what it does not own)
            await asyncio.sleep(0.01)
    begun, ended = line.engine.steps
    assert (ended.kind, ended.session_id, ended.typed, ended.chain) == (
        StepKind.END,
        begun.session_id,
        None,
        None,
    )
    assert ended.reason is not None
