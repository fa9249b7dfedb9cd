"""A voice note, whole way: spoken on the phone's page, heard at the desk, its code back on the same phone."""

import pytest
from playwright.sync_api import expect

from envelope.tracking import parse
from tests.browser.stage import chromium, demand_chromium
from tests.flow.running import Flow, code_in

pytestmark = [pytest.mark.alone, pytest.mark.browser]
NUMBER = "09121237777"
"""Nobody else's: other tests of the flow use the phone that the page opens with."""
FLAGS = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


def test_a_note_spoken_on_the_phone_is_a_case_and_its_code_comes_back_by_sms(flow: Flow):
    demand_chromium()
    with chromium(*FLAGS) as browser:
        page = browser.new_page(viewport={"width": 390, "height": 844}, locale="fa-IR")
        page.goto(flow.url("SIMULATOR"))
        page.wait_for_selector("#messages[aria-busy=false]", state="attached")
        page.click("#open-panel")
        page.fill("#number", NUMBER)
        page.press("#number", "Enter")
        expect(page.locator("#empty")).to_be_visible()
        page.click("#speak")
        page.wait_for_selector("#voice.recording")
        page.wait_for_timeout(3_000)
        page.click("#voice-send")
        expect(page.locator(".mine.taken .text")).to_contain_text("پیام صوتی", timeout=15_000)
        code = code_in(page.wait_for_selector(".theirs.arrived .text", timeout=30_000).inner_text())
    assert parse(code) == code
    case = flow.case(code)
    [message] = [each for each in case["messages"] if each["channel"] == "voice"]
    [attachment] = message["attachments"]
    assert attachment["media_type"] == "audio/wav"
    assert attachment["seconds"] == pytest.approx(3, abs=1.5)
    assert attachment["sound"]["silent"] is False
    heard = flow.store.get(f"/cases/{code}/attachments/{attachment['sha256']}")
    assert heard.content[:4] == b"RIFF"
