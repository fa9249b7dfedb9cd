"""A voice note, in a real browser with a made-up microphone: spoken, sent, and nothing lost when it fails."""

import io
import wave
from array import array

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from simulator.app import create_app
from simulator.settings import SimulatorSettings
from tests.browser.stage import API_KEY, HOOK_SECRET, chromium, demand_chromium
from tests.simulator.live import serving
from tests.simulator.pbx_gateway import SECRET, VoiceGateway

pytestmark = pytest.mark.browser
MICROPHONE = "--use-fake-device-for-media-stream"
ALLOWED = "--use-fake-ui-for-media-stream"


@pytest.fixture(scope="module")
def browser():
    demand_chromium()
    with chromium(MICROPHONE, ALLOWED) as browser:
        yield browser


@pytest.fixture(scope="module")
def behind():
    gateway = VoiceGateway()
    with serving(gateway.app) as voice_url:
        settings = SimulatorSettings(
            api_key=API_KEY,
            webhook_secret=HOOK_SECRET,
            voice_url=voice_url,
            GATEWAY_VOICE_PUSH_SECRET=SECRET,
        )
        with serving(create_app(settings)) as url:
            gateway.simulator = url
            yield gateway


@pytest.fixture
def gateway(behind: VoiceGateway):
    behind.begin_anew()
    return behind


@pytest.fixture
def page(browser, gateway, errors):
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="fa-IR")
    page = opened(context, gateway, errors)
    yield page
    context.close()


def opened(context, gateway, errors):
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    page.goto(gateway.simulator)
    page.wait_for_selector("#messages[aria-busy=false]", state="attached")
    return page


def speak(page, seconds: float = 2) -> None:
    page.click("#speak")
    page.wait_for_selector("#voice.recording")
    page.wait_for_timeout(seconds * 1_000)


def test_what_is_spoken_reaches_the_gateway_as_a_telephone_s_sound(page, gateway, errors):
    speak(page)
    page.click("#voice-send")
    expect(page.locator(".mine.taken .text").last).to_have_text("پیام صوتی، ۰:۰۲")
    [(facts, sound)] = gateway.pushed
    assert (facts["caller"], facts["called"]) == ("09121234567", "1420")
    with wave.open(io.BytesIO(sound)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8_000, 1, 2)
        assert file.getnframes() / 8_000 == pytest.approx(2, abs=0.8)
        assert max(array("h", file.readframes(file.getnframes()))) > 1_000, "the microphone beeps"
    expect(page.locator("#composer")).to_be_visible()
    expect(page.locator("#speak")).to_be_focused()
    assert errors == []


def test_what_is_dropped_goes_nowhere_and_the_microphone_is_let_go(page, gateway):
    page.evaluate("""() => {
        const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async (wish) => (window.heard = await ask(wish));
    }""")
    speak(page, 0.3)
    page.keyboard.press("Escape")
    expect(page.locator("#voice")).to_be_hidden()
    expect(page.locator("#speak")).to_be_focused()
    assert page.evaluate("window.heard.getTracks().every((track) => track.readyState === 'ended')")
    assert gateway.pushed == []


def test_while_the_gateway_is_away_the_note_stays_and_goes_once_when_it_is_back(page, gateway):
    gateway.away = True
    speak(page, 1)
    page.click("#voice-send")
    expect(page.locator("#voice.failed")).to_contain_text("فرستاده نشد")
    expect(page.locator("#voice-send")).to_be_focused()
    gateway.away = False
    page.keyboard.press("Enter")
    expect(page.locator("#voice")).to_be_hidden()
    assert len(gateway.pushed) == 1


def test_without_leave_to_listen_the_page_says_how_to_give_it(gateway, errors, browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="fa-IR")
    page = opened(context, gateway, errors)
    page.evaluate("""() => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
    }""")
    page.click("#speak")
    expect(page.locator("#voice.refused")).to_contain_text("اجازهٔ میکروفون داده نشد")
    assert "اجازهٔ میکروفون" in page.inner_text("#announcer")
    page.click("#voice-drop")
    expect(page.locator("#composer")).to_be_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_shut_out_while_it_records(browser, gateway, errors, scheme):
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="fa-IR", color_scheme=scheme)
    page = opened(context, gateway, errors)
    assert Axe().run(page).response["violations"] == []
    speak(page, 0.3)
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_it_fits_the_smallest_phone(browser, gateway, errors):
    context = browser.new_context(viewport={"width": 320, "height": 568}, locale="fa-IR")
    page = opened(context, gateway, errors)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    speak(page, 0.2)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()
