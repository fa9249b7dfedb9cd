"""The phone rings in a real browser: answered, declined, and on a landline that has nothing to write on."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser
OWN, LANDLINE = "09121234567", "02164500000"
TEXT = "سلام. پاسخ پیام شما: مستمری واریز شد."


def test_whoever_answers_hears_what_is_read_out(page, world, errors):
    page.focus("#text")
    world.read_out(OWN, TEXT)
    page.wait_for_selector("#ringing:visible")
    assert page.evaluate("document.activeElement.id") == "answer"
    assert TEXT not in page.content()
    page.keyboard.press("Enter")

    page.wait_for_selector("#ringing", state="hidden")
    assert page.wait_for_selector(".theirs.heard .text").inner_text() == TEXT
    assert page.inner_text(".theirs.heard .caption") == "با تلفن خوانده شد"
    assert TEXT in page.inner_text("#announcer")
    assert page.evaluate("document.activeElement.id") == "text"
    assert errors == []


@pytest.mark.parametrize("how", ["click", "Escape"])
def test_whoever_declines_hears_nothing(page, world, how):
    world.read_out(OWN, TEXT)
    page.wait_for_selector("#ringing:visible")
    if how == "click":
        page.click("#decline")
    else:
        page.keyboard.press(how)

    page.wait_for_selector(".theirs.missed")
    assert page.inner_text(".theirs.missed .caption") == "تماس بی‌پاسخ"
    assert TEXT not in page.content()


def test_the_focus_stays_on_the_call(page, world):
    world.read_out(OWN, TEXT)
    page.wait_for_selector("#ringing:visible")
    seen = []
    for _ in range(3):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.id"))
    assert seen == ["decline", "answer", "decline"]


def test_a_landline_only_rings(page, world):
    page.click("#open-panel")
    page.fill("#number", "۰۲۱ ۶۴۵۰ ۰۰۰۰")
    page.press("#number", "Enter")
    page.wait_for_selector("#composer", state="hidden")
    world.read_out(LANDLINE, TEXT)
    page.click("#answer")

    assert page.wait_for_selector(".theirs.heard .text").inner_text() == TEXT


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(390, 844), (1440, 900)], ids=["phone", "desk"])
def test_nothing_that_axe_finds_stands_in_anybodys_way(browser, world, size, scheme):
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    page.goto(world.url)
    page.wait_for_selector("#messages[aria-busy=false]", state="attached")
    world.read_out(OWN, TEXT)
    page.wait_for_selector("#ringing:visible")

    found = Axe().run(page)
    page.click("#answer")
    page.wait_for_selector(".theirs.heard")
    page.wait_for_timeout(400)
    after = Axe().run(page)
    context.close()

    assert found.violations_count == 0, found.generate_report()
    assert after.violations_count == 0, after.generate_report()
