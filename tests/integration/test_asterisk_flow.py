"""The whole of it on a real Asterisk: who calls at night has a case, its code in the ear and by SMS."""

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, islice
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from holidays import country_holidays
from playwright.sync_api import Browser

from gateway_voice.clients.ari import Ari
from gateway_voice.settings import AsteriskSettings
from tests.flow.office import at_the_desk, employ
from tests.flow.running import Flow, code_in, running_flow, until
from tests.gateway_voice.calling import until as soon
from tests.integration.asterisk_server import PASSWORD, AsteriskServer, why_not
from tests.integration.telephone import Caller

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(why_not() is not None, reason=why_not() or ""),
]
TEHRAN: Final = ZoneInfo("Asia/Tehran")
WEDNESDAY, THURSDAY, FRIDAY = 2, 3, 4


@pytest.fixture(scope="module")
def night(tmp_path_factory, asterisk: AsteriskServer) -> Iterator[Flow]:
    """`payam up` with `ASTERISK_URL` set, on a day that is closed, before a weekend."""
    with running_flow(
        tmp_path_factory.mktemp("night"),
        ASTERISK_URL=asterisk.url,
        ASTERISK_PASSWORD=PASSWORD,
        ASTERISK_SOUNDS=str(asterisk.prompts),
        ASTERISK_KEY_SECONDS="30",
    ) as flow:
        for day in _closures():
            closed = {"intervals": None, "reason": "آزمایش"}
            flow.store.put(f"/calendar/days/{day}", json=closed).raise_for_status()
        yield flow


def test_a_call_at_night_is_a_case_in_the_morning(night: Flow, asterisk: AsteriskServer):
    heard = _telephoned(_leave_a_message(asterisk, "09127654321"))
    told = "".join(each[-1] for each in heard if each.startswith("digit-"))
    [case] = until(lambda: night.cases_of("09127654321"))
    assert (case["channel"], case["desk"]) == ("voice", "treatment")
    assert told.endswith(2 * case["tracking_code"])
    [message] = case["messages"]
    assert message["attachments"][0]["seconds"] == pytest.approx(3, abs=1.5)
    [sms] = until(lambda: night.phone("09127654321"))
    assert code_in(sms["text"]) == case["tracking_code"]
    again = _telephoned(_ask_how_it_stands(asterisk, "09127654321", case["tracking_code"]))
    assert f"state-{case['state']}" in again


def test_the_clock_of_a_message_skips_weekend_and_holiday_and_the_desk_plays_it(
    night: Flow, asterisk: AsteriskServer, browser: Browser
):
    number = "09127654322"
    said = datetime.now(UTC)
    heard = _telephoned(_leave_a_message(asterisk, number, section="1"))
    [case] = until(lambda: night.cases_of(number))
    due = datetime.fromisoformat(case["due_at"])
    assert due == _two_working_days_after(said)
    assert _weekend() < set(_days_between(said, due))
    told = "".join(each[-1] for each in heard if each.startswith("digit-"))
    assert told.endswith(2 * case["tracking_code"])
    [sms] = until(lambda: night.phone(number))
    assert code_in(sms["text"]) == case["tracking_code"]
    _is_played(night, browser, case, unit="insurance")


def test_a_call_dropped_while_speaking_is_a_case_with_its_clock_and_its_sms(
    night: Flow, asterisk: AsteriskServer, browser: Browser
):
    number = "09127654323"
    said = datetime.now(UTC)
    heard = _telephoned(_drop_while_speaking(asterisk, number))
    [case] = until(lambda: night.cases_of(number))
    assert datetime.fromisoformat(case["due_at"]) == _two_working_days_after(said)
    assert "code-is" not in heard
    assert case["messages"][0]["attachments"][0]["seconds"] == pytest.approx(2, abs=1)
    [sms] = until(lambda: night.phone(number))
    assert code_in(sms["text"]) == case["tracking_code"]
    _is_played(night, browser, case, unit="insurance")


def test_who_chose_english_is_written_to_in_english(night: Flow, asterisk: AsteriskServer):
    _telephoned(_leave_a_message(asterisk, "09127654324", section="2", language="2"))
    [sms] = until(lambda: night.phone("09127654324"))
    assert sms["text"].isascii()
    [case] = night.cases_of("09127654324")
    assert case["language"] == "en"


def _is_played(night: Flow, browser: Browser, case: dict[str, Any], unit: str) -> None:
    """At the desk, where the deadline that is shown is the case's."""
    agent = employ(night, "مریم صادقی", "agent", "supervisor", units=(unit,))
    with at_the_desk(browser, night, agent) as page:
        page.goto(f"{night.url('DESK')}/cases/{case['tracking_code']}")
        shown = page.locator("time.due").first.get_attribute("datetime")
        assert datetime.fromisoformat(str(shown)) == datetime.fromisoformat(case["due_at"])
        page.keyboard.press("p")
        until(lambda: page.evaluate("document.querySelector('[data-player] audio').currentTime") > 0.5)


def _telephoned(call: Coroutine[Any, Any, list[str]]) -> list[str]:
    """In a thread of its own: the browser keeps this one's loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, call).result()


def _tehran(moment: datetime) -> date:
    return moment.astimezone(TEHRAN).date()


def _weekend() -> set[date]:
    """The next Friday that is not tomorrow, and the Saturday after it, which is entered as a holiday."""
    today = _tehran(datetime.now(UTC))
    friday = next(day for day in _days_after(today + timedelta(days=1)) if day.weekday() == FRIDAY)
    return {friday, friday + timedelta(days=1)}


def _closures() -> list[date]:
    """From today on all is closed but a Wednesday; then the weekend, and a holiday after it."""
    today, last = _tehran(datetime.now(UTC)), max(_weekend())
    days = [today, *islice(_days_after(today), (last - today).days)]
    return [day for day in days if day.weekday() not in {WEDNESDAY, FRIDAY} or day == today]


def _two_working_days_after(said: datetime) -> datetime:
    """As people reckon: Saturday to Wednesday till half past three, no holiday, not the day itself."""
    official = country_holidays("IR")
    works = (
        day
        for day in _days_after(_tehran(said))
        if day.weekday() not in {THURSDAY, FRIDAY} and day not in official and day not in _closures()
    )
    first, second = next(works), next(works)
    assert first < second
    return datetime.combine(second, time(15, 30), TEHRAN)


def _days_between(said: datetime, due: datetime) -> list[date]:
    return [day for day in islice(_days_after(_tehran(said)), 60) if day < _tehran(due)]


def _days_after(day: date) -> Iterator[date]:
    return (day + timedelta(days=each) for each in count(1))


async def _leave_a_message(
    asterisk: AsteriskServer, number: str, section: str = "2", language: str = "1"
) -> list[str]:
    async with _telephone(asterisk) as caller:
        await caller.call(number)
        await _answer(caller, "language", language)
        await _answer(caller, "section", section)
        await _answer(caller, "tone", "")
        await caller.speak()
        await caller.press("#")
        await _answer(caller, "review", "3")
        await _answer(caller, "callback-right", "1")
        await soon(lambda: "goodbye" in caller.heard, 30)
        return caller.heard


async def _drop_while_speaking(asterisk: AsteriskServer, number: str) -> list[str]:
    async with _telephone(asterisk) as caller:
        await caller.call(number)
        await _answer(caller, "language", "1")
        await _answer(caller, "section", "1")
        await _answer(caller, "tone", "")
        speaking = asyncio.create_task(caller.speak())
        await asyncio.sleep(2)
        await caller.hang_up()
        await speaking
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
