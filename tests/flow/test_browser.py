"""The same way, seen by a person with a phone in the hand: what is typed on the page comes back answered."""

import pytest
from playwright.sync_api import expect

from envelope.tracking import parse
from tests.browser.stage import chromium, demand_chromium
from tests.flow.running import Flow, code_in, until

pytestmark = [pytest.mark.alone, pytest.mark.browser]


@pytest.fixture
def page(flow: Flow):
    demand_chromium()
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 390, "height": 844}, locale="fa-IR")
        page.goto(flow.url("SIMULATOR"))
        page.wait_for_selector("#messages[aria-busy=false]", state="attached")
        yield page


def test_a_person_asks_is_acknowledged_and_reads_the_staffs_answer_on_the_phone(flow: Flow, page):
    page.fill("#text", "سابقهٔ بیمه‌ام در سال ۱۳۹۸ ثبت نشده است")
    page.press("#text", "Enter")
    acknowledgement = page.wait_for_selector(".theirs .text", timeout=15_000).inner_text()
    code = code_in(acknowledgement)
    assert parse(code) == code
    reply = {"text": "با سلام؛ سابقهٔ شما ثبت شد.", "author": "agent-7"}
    flow.store.post(f"/cases/{code}/replies", json=reply).raise_for_status()
    expect(page.locator(".theirs .text").last).to_have_text(reply["text"], timeout=15_000)
    until(lambda: [out["state"] for out in flow.case(code)["outbound_messages"]] == ["delivered"] * 2)
