"""A message spoken at night, heard by a machine: a hint at the desk, which a person may accept."""

from itertools import count

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.flow.office import at_the_desk, employ
from tests.flow.running import Flow, until
from tests.flow.speaking import push
from tests.gateway_voice.sounds import speech, wav
from tests.gateway_voice.whisper import SAID, Whisper

pytestmark = pytest.mark.alone
_numbers = count(5000)


@pytest.fixture
def caller() -> str:
    return f"0912{next(_numbers):04d}666"


@pytest.fixture
def silent(machine: Whisper):
    """It answers only once the test lets it."""
    machine.waits.clear()
    yield machine
    machine.waits.set()


def heard(flow: Flow, code: str) -> list[dict]:
    return flow.case(code)["messages"][0]["transcripts"]


def complaints(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [violation["id"] for violation in found]


def test_a_recording_is_a_case_at_once_and_its_words_come_after(flow: Flow, silent: Whisper, caller: str):
    code = push(flow, wav(speech(3)), caller).json()["tracking_code"]
    [case] = until(lambda: flow.cases_of(caller))
    until(lambda: flow.phone(caller))
    assert (case["state"], heard(flow, code)) == ("triage", [])
    silent.waits.set()
    [transcript] = until(lambda: heard(flow, code))
    assert (transcript["text"], transcript["topic"], transcript["language"]) == (SAID, "unemployment", "fa")
    after = flow.case(code)
    assert (after["state"], after["topic"], after["version"]) == ("triage", "other", case["version"])
    for name in ("gateway-voice", "router", "case-store", "desk"):
        log = (flow.logs / f"{name}.log").read_text()
        assert "مقرری" not in log
        assert "\\u0645\\u0642\\u0631" not in log


def test_while_the_server_is_away_recordings_are_cases_and_are_heard_later(
    flow: Flow, machine: Whisper, caller: str
):
    usual = machine.answers[-1]
    machine.answers[:] = [(503, b"", {})]
    try:
        code = push(flow, wav(speech(2)), caller).json()["tracking_code"]
        until(lambda: flow.cases_of(caller))
        asked = len(machine.asked)
        until(lambda: len(machine.asked) > asked)
        flow.kill("gateway-voice")
        assert heard(flow, code) == []
    finally:
        machine.answers[:] = [usual]
    until(lambda: heard(flow, code), 60)


@pytest.mark.browser
@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["desk", "phone"])
def test_the_hint_comes_to_the_open_page_and_one_key_accepts_its_topic(
    flow: Flow, silent: Whisper, browser, caller: str, size: tuple[int, int]
):
    code = push(flow, wav(speech(12)), caller).json()["tracking_code"]
    until(lambda: flow.cases_of(caller))
    agent = employ(flow, "مریم صادقی", "agent", "supervisor", units=("insurance",))
    with at_the_desk(browser, flow, agent) as page:
        said: list[str] = []
        page.on("console", lambda one: said.append(one.text) if one.type in ("error", "warning") else None)
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.goto(f"{flow.url('DESK')}/cases/{code}")
        expect(page.locator("[data-wave]")).to_be_visible()
        expect(page.locator(".heard")).to_have_count(0)
        page.keyboard.press("p")
        silent.waits.set()
        expect(page.locator(".heard blockquote")).to_have_text(SAID, timeout=20_000)
        assert page.evaluate("document.querySelector('[data-player] audio').paused") is False
        expect(page.locator(".heard figcaption")).to_contain_text("ماشین چنین شنیده است")
        assert said == []
        page.locator(".heard").scroll_into_view_if_needed()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.keyboard.press("t")
        until(lambda: flow.case(code)["topic"] == "unemployment")
        expect(page.locator(".heard-topic")).to_have_count(0)
        expect(page.locator(".heard blockquote")).to_be_visible()
        assert said == []
        page.reload()  # axe itself writes styles, of which the page complains
        assert complaints(page) == []
    after = flow.case(code)
    assert (after["desk"], after["state"]) == ("insurance", "new")
    [lesson] = [one for one in after["corrections"] if one["topic"] == "unemployment"]
    assert lesson["corrected_by"] == "مریم صادقی"
    listed = flow.store.get("/corrections").raise_for_status().json()["corrections"]
    [learnt] = [one for one in listed if one["tracking_code"] == code]
    assert (learnt["text"], learnt["heard"]) == (SAID, True)
