"""A message spoken at night: pushed by a PBX, a case with its SMS, and heard at the desk."""

from itertools import count

import pytest
from playwright.sync_api import Page, expect

from tests.flow.office import at_the_desk, employ
from tests.flow.running import Flow, code_in, until
from tests.flow.speaking import push
from tests.gateway_voice.sounds import speech, wav

pytestmark = pytest.mark.alone
SECONDS = 20
_numbers = count(4000)


@pytest.fixture
def caller() -> str:
    return f"0912{next(_numbers):04d}555"


def test_a_recording_is_a_case_with_its_sms_however_often_it_is_pushed(flow: Flow, caller: str):
    answers = [push(flow, wav(speech(3)), caller, "night-1") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 202]
    code = answers[0].json()["tracking_code"]
    assert {answer.json()["tracking_code"] for answer in answers} == {code}
    [case] = until(lambda: flow.cases_of(caller))
    assert (case["tracking_code"], case["channel"], case["state"]) == (code, "voice", "triage")
    [message] = case["messages"]
    assert message["attachments"][0]["seconds"] == pytest.approx(3, abs=0.1)
    [sms] = until(lambda: flow.phone(caller))
    assert code_in(sms["text"]) == code


def test_what_cannot_be_played_is_a_case_too_so_that_somebody_calls_back(flow: Flow, caller: str):
    assert push(flow, b"not a sound at all" * 50, caller).status_code == 202
    [case] = until(lambda: flow.cases_of(caller))
    [attachment] = case["messages"][0]["attachments"]
    assert (attachment["media_type"], attachment["fault"]) == ("application/octet-stream", "unknown")
    until(lambda: flow.phone(caller))


def test_nothing_of_who_spoke_is_in_the_log(flow: Flow, caller: str):
    code = push(flow, wav(speech(1)), caller).json()["tracking_code"]
    until(lambda: flow.cases_of(caller))
    log = (flow.logs / "gateway-voice.log").read_text()
    assert caller.removeprefix("0") not in log
    assert code not in log


def at(page: Page) -> float:
    return float(page.evaluate("document.querySelector('[data-player] audio').currentTime"))


def paused(page: Page) -> bool:
    return bool(page.evaluate("document.querySelector('[data-player] audio').paused"))


@pytest.mark.browser
def test_the_desk_shows_its_waveform_and_plays_it_by_mouse_and_keyboard(flow: Flow, browser, caller: str):
    code = push(flow, wav(speech(SECONDS)), caller).json()["tracking_code"]
    until(lambda: flow.cases_of(caller))
    agent = employ(flow, "مریم صادقی", "agent", "supervisor", units=("retirement",))
    with at_the_desk(browser, flow, agent) as page:
        complaints: list[str] = []
        page.on("console", lambda said: said.type in ("error", "warning") and complaints.append(said.text))
        page.goto(f"{flow.url('DESK')}/cases/{code}")
        wave = page.locator("[data-wave]")
        expect(wave).to_have_attribute("aria-valuemax", str(SECONDS))
        assert wave.locator("svg").first.locator("path").get_attribute("d").count("M") == 240
        expect(page.locator("[data-time]")).to_have_text("۰:۰۰ / ۰:۲۰")

        page.keyboard.press("p")
        until(lambda: at(page) > 0.3)
        assert not paused(page)
        page.locator("[data-play]").click()
        until(lambda: paused(page))

        wave.click(position={"x": wave.bounding_box()["width"] * 0.75, "y": 10})
        until(lambda: abs(at(page) - SECONDS * 0.75) < 0.5)
        wave.focus()
        page.keyboard.press("ArrowLeft")
        until(lambda: abs(at(page) - (SECONDS * 0.75 - 5)) < 0.5)
        page.keyboard.press("Home")
        until(lambda: at(page) == 0)
        page.locator("[data-speed]").click()
        page.keyboard.press("p")
        until(lambda: at(page) > 1)
        assert page.evaluate("document.querySelector('[data-player] audio').playbackRate") == 1.25
        assert complaints == []


@pytest.mark.browser
def test_it_plays_on_while_the_conversation_is_drawn_anew(flow: Flow, browser, caller: str):
    code = push(flow, wav(speech(SECONDS)), caller).json()["tracking_code"]
    until(lambda: flow.cases_of(caller))
    agent = employ(flow, "سارا امینی", "agent", "supervisor", units=("retirement",))
    with at_the_desk(browser, flow, agent) as page:
        page.goto(f"{flow.url('DESK')}/cases/{code}")
        page.keyboard.press("p")
        until(lambda: at(page) > 0.3)
        shown = page.locator(".said.citizen").count()
        flow.write(caller, f"کد {code}: فراموش کردم بگویم شعبهٔ یک")
        expect(page.locator(".said.citizen")).to_have_count(shown + 1, timeout=20_000)
        assert not paused(page)
        assert at(page) > 0.3


@pytest.mark.browser
def test_without_script_the_browsers_own_controls_play_it(flow: Flow, browser, caller: str):
    code = push(flow, wav(speech(2)), caller).json()["tracking_code"]
    until(lambda: flow.cases_of(caller))
    agent = employ(flow, "لیلا حسینی", "agent", "supervisor", units=("retirement",))
    with at_the_desk(browser, flow, agent, java_script_enabled=False) as page:
        page.goto(f"{flow.url('DESK')}/cases/{code}")
        expect(page.locator("[data-player] audio[controls]")).to_be_visible()
        expect(page.locator("[data-play]")).to_be_hidden()
        source = page.locator("[data-player] audio").get_attribute("src")
        part = page.request.get(f"{flow.url('DESK')}{source}", headers={"Range": "bytes=0-3"})
        assert (part.status, part.body()) == (206, b"OggS")
