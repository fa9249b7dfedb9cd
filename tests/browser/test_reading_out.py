"""The composer for who is rung, in a real browser: seconds as one types, the switch on the card."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from envelope.models import Channel
from persian.digits import persian_digits
from persian.speech import seconds
from tests.browser.office import Office, office

pytestmark = pytest.mark.browser
LANDLINE = "+982164500000"
TEXT = "مستمری شما واریز شد؛ ۱۲ آذر، ساعت ۱۰."


@pytest.fixture(scope="module")
def staffed(postgres):
    with office(postgres) as built:
        yield built


def test_the_composer_counts_the_seconds_of_what_is_typed(browser, staffed: Office):
    code = staffed.case("", sender=LANDLINE, channel=Channel.VOICE)
    page = staffed.page(browser, "agent", f"/cases/{code}")
    expect(page.locator("#heard-hint")).to_be_visible()
    for text in (TEXT, "سلام", TEXT * 10):
        page.fill("#text", text)
        expect(page.locator("#meter")).to_contain_text(f"حدود {persian_digits(seconds(text))} ثانیه")
    page.locator("#reply .send").click()
    expect(page.locator(".said.us:not(.by-itself)")).to_contain_text("مستمری شما واریز شد")
    expect(page.locator("#text")).to_have_value("")
    page.reload()
    expect(page.locator("#text")).to_have_value("")
    page.context.close()


@pytest.mark.parametrize("size", [(390, 844), (1440, 900)], ids=["phone", "desk"])
def test_the_switch_is_pressed_and_nothing_is_in_anybodys_way(
    browser, staffed: Office, size: tuple[int, int]
):
    code = staffed.case()
    page = staffed.page(browser, "agent", f"/cases/{code}", size=size, bypass_csp=True)
    page.locator(".read-aloud button").click()
    expect(page.locator("#heard-hint")).to_be_visible()
    expect(page.locator(".read-aloud button")).to_contain_text("پیامک")
    page.fill("#text", TEXT)
    found = Axe().run(page)
    page.context.close()
    assert found.violations_count == 0, found.generate_report()
