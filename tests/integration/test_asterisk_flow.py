"""The whole of it on a real Asterisk: who calls at night has a case, its code in the ear and by SMS."""

import asyncio
from collections.abc import Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway_voice.clients.ari import Ari
from gateway_voice.settings import AsteriskSettings
from tests.flow.running import Flow, code_in, running_flow, until
from tests.gateway_voice.calling import until as soon
from tests.integration.asterisk_server import PASSWORD, AsteriskServer, why_not
from tests.integration.telephone import Caller, furnish

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(why_not() is not None, reason=why_not() or ""),
]


@pytest.fixture(scope="module")
def asterisk(tmp_path_factory) -> Iterator[AsteriskServer]:
    server = AsteriskServer(tmp_path_factory.mktemp("asterisk"))
    furnish(server)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def night(tmp_path_factory, asterisk: AsteriskServer) -> Iterator[Flow]:
    """`payam up` with `ASTERISK_URL` set, on a day that is closed."""
    with running_flow(
        tmp_path_factory.mktemp("night"),
        ASTERISK_URL=asterisk.url,
        ASTERISK_PASSWORD=PASSWORD,
        ASTERISK_SOUNDS=str(asterisk.prompts),
        ASTERISK_KEY_SECONDS="30",
    ) as flow:
        today = datetime.now(UTC).astimezone(ZoneInfo("Asia/Tehran")).date()
        for day in (today, today + timedelta(days=1)):
            closed = {"intervals": None, "reason": "آزمایش"}
            flow.store.put(f"/calendar/days/{day}", json=closed).raise_for_status()
        yield flow


def test_a_call_at_night_is_a_case_in_the_morning(night: Flow, asterisk: AsteriskServer):
    heard = asyncio.run(_leave_a_message(asterisk, "09127654321"))
    told = "".join(each[-1] for each in heard if each.startswith("digit-"))
    [case] = until(lambda: night.cases_of("09127654321"))
    assert (case["channel"], case["desk"]) == ("voice", "treatment")
    assert told.endswith(2 * case["tracking_code"])
    [message] = case["messages"]
    assert message["attachments"][0]["seconds"] == pytest.approx(3, abs=1.5)
    [sms] = until(lambda: night.phone("09127654321"))
    assert code_in(sms["text"]) == case["tracking_code"]
    again = asyncio.run(_ask_how_it_stands(asterisk, "09127654321", case["tracking_code"]))
    assert f"state-{case['state']}" in again


async def _leave_a_message(asterisk: AsteriskServer, number: str) -> list[str]:
    async with _telephone(asterisk) as caller:
        await caller.call(number)
        await _answer(caller, "language", "1")
        await _answer(caller, "section", "2")
        await _answer(caller, "tone", "")
        await caller.speak()
        await caller.press("#")
        await _answer(caller, "review", "3")
        await _answer(caller, "callback-right", "1")
        await soon(lambda: "goodbye" in caller.heard, 30)
        return caller.heard


async def _ask_how_it_stands(asterisk: AsteriskServer, number: str, code: str) -> list[str]:
    async with _telephone(asterisk) as caller:
        await caller.call(number)
        await _answer(caller, "language", "1")
        await _answer(caller, "section", "9")
        await _answer(caller, "key-in-code", code)
        await soon(lambda: any(each.startswith("state-") for each in caller.heard), 30)
        return caller.heard


async def _answer(caller: Caller, prompt: str, keys: str) -> None:
    await soon(lambda: prompt in caller.heard, 30, what=prompt)
    if keys:
        await caller.press(keys)


@asynccontextmanager
async def _telephone(asterisk: AsteriskServer):
    ari = Ari(AsteriskSettings(url=asterisk.url, password=PASSWORD, app="tester"))
    caller = Caller(ari, asterisk)
    ari.attach(caller)
    await ari.start()
    await soon(lambda: ari.health() is None)
    try:
        yield caller
        await caller.hang_up()
    finally:
        await ari.stop()
