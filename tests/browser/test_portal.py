"""Every page of the portal in a real browser: light and dark, small phone to desk, without a script."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from gateway_portal.words import say
from tests.gateway_portal.conftest import Portal, StoreStandIn, put_together
from tests.gateway_portal.stories import CODE, LETTER, answered, closed, entry, owned, story, summary
from tests.gateway_portal.test_announcements import one
from tests.gateway_portal.test_verify import GENUINE, REVOKED, UNKNOWN, VERIFICATIONS
from tests.redis_server import RedisServer
from tests.simulator.live import serving

pytestmark = pytest.mark.browser

NUMBER = "09121234567"
TEXT = "سابقهٔ بیمه‌ام در سال ۱۳۹۸ ثبت نشده است."
FORM = "/ask?kind=question&section=insurance&topic=contribution_record"
STATES = {
    "waiting": story(),
    "answered": answered(rating=4),
    "closed": closed(),
    "letter": answered(entries=[entry("نامه", us=True, official={"code": LETTER, "revoked": False})]),
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Portal]]:
    redis = RedisServer(tmp_path_factory.mktemp("redis"))
    behind = StoreStandIn()
    told = [one(0, weight="important"), one(1)]
    behind.answers["/announcements"] = {"announcements": told, "next_cursor": None}
    behind.answers["/citizen/cases"] = {"cases": [summary(), summary(state="answered")], "next_cursor": None}
    portal = put_together(
        tmp_path_factory.mktemp("portal"), redis, behind, attempts_per_minute=1_000, line="portal"
    )
    with serving(portal.app) as url:
        yield url, portal
    redis.stop()


def looked_at(page: Page) -> None:
    """Nobody is kept out, and nothing runs out of the screen."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def sign_in(page: Page, served: tuple[str, Portal]) -> None:
    url, portal = served
    page.goto(f"{url}/follow")
    page.fill("#mobile", NUMBER)
    page.press("#mobile", "Enter")
    page.wait_for_selector("input[autocomplete=one-time-code]")
    looked_at(page)
    code = "".join(str("۰۱۲۳۴۵۶۷۸۹".index(digit)) for digit in portal.texts[-1].text if digit in "۰۱۲۳۴۵۶۷۸۹")
    page.fill("#code", code[:6])
    page.press("#code", "Enter")
    page.wait_for_url("**/cases*")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1440])
def test_what_is_open_to_everybody_is_accessible_and_fits(browser: Browser, served, width, scheme):
    url, portal = served
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme, locale="fa-IR")
    complaints: list[str] = []
    page.on("console", lambda said: said.type in {"error", "warning"} and complaints.append(said.text))
    for path in (
        "/",
        "/hours",
        "/privacy",
        "/announcements",
        "/sign-in",
        "/ask",
        "/ask?kind=complaint",
        FORM,
    ):
        page.goto(url + path)
        looked_at(page)
    page.goto(f"{url}/ask?kind=complaint&section=treatment&lang=en")
    looked_at(page)
    for answer, told in ((GENUINE, "genuine"), (REVOKED, "revoked"), (UNKNOWN, "unknown")):
        portal.behind.answers[VERIFICATIONS] = answer
        page.goto(f"{url}/verify")
        page.keyboard.type("k7qm93xdprt4")
        page.keyboard.press("Enter")
        assert page.wait_for_selector(".outcome h2").inner_text() == say("fa", f"verify.{told}")
        looked_at(page)
    assert complaints == []
    page.close()


def test_a_persons_own_pages_are_accessible_and_fit(browser: Browser, served):
    url, portal = served
    context = browser.new_context(viewport={"width": 390, "height": 800}, locale="fa-IR")
    page = context.new_page()
    sign_in(page, served)
    for scheme, width in (("light", 320), ("dark", 390), ("light", 1440)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{url}/cases")
        looked_at(page)
        for case in STATES.values():
            portal.behind.answers["/citizen/case"] = owned(case)
            page.goto(f"{url}/cases/{CODE}")
            assert page.locator(".talk").count() == 1
            looked_at(page)
    context.close()


def test_a_form_is_filled_in_without_a_script_and_keeps_what_was_typed_while_a_part_is_away(
    browser: Browser, served
):
    url, portal = served
    context = browser.new_context(java_script_enabled=False, locale="fa-IR")
    page = context.new_page()
    page.goto(url + FORM)
    page.fill("#text", TEXT)
    page.fill("#msisdn", "۰۹۳۵ ۱۱۱ ۲۲۳۴")
    portal.bus.down = True
    page.click("#send")
    assert TEXT in page.content()
    page.click("button[value=unproven]")
    assert len(page.inner_text(".tracking").replace(" ", "")) == 10
    portal.bus.down = False
    context.close()


def test_the_check_of_a_letter_works_without_a_script_and_keeps_the_code_while_the_store_is_away(
    browser: Browser, served
):
    url, portal = served
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{url}/verify")
    page.click("text=English")
    page.fill("#code", "k7qm93xdprt4")
    portal.behind.away = True
    page.click("main button")
    assert "We cannot answer just now." in page.content()
    portal.behind.away, portal.behind.answers[VERIFICATIONS] = False, GENUINE
    assert page.input_value("#code") == "k7qm93xdprt4"
    page.click("main button")
    assert "This official reply is genuine." in page.content()
    context.close()
