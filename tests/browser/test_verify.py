"""The public page in a real browser: light and dark, on a phone and at a desk, without a script."""

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe

from gateway_portal.app import create_app
from gateway_portal.clients import CaseStore
from gateway_portal.settings import GatewayPortalSettings
from gateway_portal.words import WORDS
from tests.gateway_portal.conftest import GENUINE, REVOKED, UNKNOWN, StoreStandIn
from tests.simulator.live import serving

pytestmark = pytest.mark.browser
CODE = "k7qm93xdprt4"
WORD = WORDS["fa"]


@pytest.fixture(scope="module")
def portal():
    settings = GatewayPortalSettings(case_store_token="x" * 20, attempts_per_minute=1_000)
    behind = StoreStandIn()
    with serving(create_app(settings, store=CaseStore(settings, httpx.MockTransport(behind)))) as url:
        yield url, behind


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1440])
def test_every_outcome_is_accessible_and_fits(browser, portal, width, scheme):
    url, behind = portal
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, locale="fa-IR"
    )
    page = context.new_page()
    complaints = []
    page.on("console", lambda said: said.type in {"error", "warning"} and complaints.append(said.text))
    for answer, told in ((GENUINE, "genuine"), (REVOKED, "revoked"), (UNKNOWN, "unknown")):
        behind.answer = answer
        page.goto(f"{url}/verify")
        assert Axe().run(page).violations_count == 0
        page.keyboard.type(CODE)
        page.keyboard.press("Enter")
        assert page.wait_for_selector(".outcome h2").inner_text() == WORD[told]
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert complaints == []
    context.close()


def test_it_works_without_a_script_and_keeps_the_code_while_the_store_is_away(browser, portal):
    url, behind = portal
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{url}/verify")
    page.click("text=English")
    page.fill("#code", CODE)
    behind.away = True
    page.click("button")
    assert "We cannot answer just now." in page.content()
    behind.away, behind.answer = False, GENUINE
    assert page.input_value("#code") == CODE
    page.click("button")
    assert "This official reply is genuine." in page.content()
    context.close()
