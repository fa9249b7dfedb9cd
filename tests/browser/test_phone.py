"""The phone, in a real browser: what a person types goes out, what is sent to them comes in."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from simulator.parts import split
from tests.browser.stage import latin

pytestmark = pytest.mark.browser
OWN = "09121234567"


def type_message(page, text: str) -> None:
    page.fill("#text", text)
    page.press("#text", "Enter")


def test_a_typed_message_reaches_the_gateway_and_its_answer_appears(page, world, errors):
    type_message(page, "سابقهٔ بیمه‌ام ناقص است")

    page.wait_for_selector(".mine.taken")
    answer = page.wait_for_selector(".theirs.arrived .text").inner_text()
    assert world.gateway.taken == ["سابقهٔ بیمه‌ام ناقص است"]
    assert answer.startswith("کد رهگیری شما:")
    assert errors == []


def test_an_mt_sent_by_the_api_appears_live_and_is_announced(page, world):
    world.send(OWN, "پاسخ شما آماده است")

    assert page.wait_for_selector(".theirs .text").inner_text() == "پاسخ شما آماده است"
    assert "پاسخ شما آماده است" in page.inner_text("#announcer")


def test_while_the_gateway_is_away_the_page_says_so_and_the_message_goes_later(page, world):
    world.gateway.away = True
    type_message(page, "سلام")

    assert "پیام در صف است" in page.wait_for_selector(".mine.waiting .caption").inner_text()
    world.gateway.away = False
    page.wait_for_selector(".mine.taken")
    assert world.gateway.taken == ["سلام"]


def test_a_message_typed_without_a_connection_is_sent_once_when_it_is_back(page, world):
    page.context.set_offline(True)
    type_message(page, "از تونل")
    page.wait_for_selector(".mine.local")
    page.context.set_offline(False)

    page.wait_for_selector(".mine.taken")
    assert world.gateway.taken == ["از تونل"]
    assert page.locator(".mine").count() == 1


def test_markup_and_direction_tricks_stay_text(page, world, errors):
    trick = "<img src=x onerror=alert(1)> \u202eدوست\u202c <b>x</b>"
    world.send(OWN, trick)

    text = page.wait_for_selector(".theirs .text")
    assert text.text_content() == trick
    assert page.locator("#messages img, #messages b").count() == 0
    assert text.evaluate("node => getComputedStyle(node).unicodeBidi") in {"isolate", "plaintext"}
    assert errors == []


def test_a_tap_on_a_tracking_code_writes_it(page, world):
    world.send(OWN, "کد رهگیری: ۴۸۱۷۲۰۳۹۵۱ را نگه دارید")

    page.click(".code")

    assert page.input_value("#text") == "۴۸۱۷۲۰۳۹۵۱"


def test_a_sample_is_written_but_not_sent(page, world):
    page.click("#samples button >> nth=0")

    assert page.input_value("#text")
    assert world.gateway.taken == []


@pytest.mark.parametrize(
    "text", ["سلام", "م" * 70, "م" * 71, "م" * 135, "a" * 160, "a" * 161, "{" * 81, "a\u200cb", "👏" * 36]
)
def test_the_part_counter_agrees_with_the_network(page, text):
    page.fill("#text", text)

    assert latin(page.inner_text("#meter")).endswith(f"{split(text).number} بخش")


def test_each_number_has_its_own_conversation(page, world):
    type_message(page, "از گوشی اول")
    page.wait_for_selector(".theirs.arrived")
    page.click("#open-panel")
    page.fill("#number", "۰۹۱۲ ۱۲۳ ۰۰۰۲")
    page.press("#number", "Enter")
    page.wait_for_selector("#empty:visible")

    type_message(page, "از گوشی خاموش")
    note = page.wait_for_selector(".theirs.not_arrived .caption").inner_text()

    assert "نرسیده به گیرنده" in note
    page.click("#open-panel")
    page.click("#phone-list button:has-text('۴۵۶۷')")
    page.wait_for_selector(".mine:has-text('از گوشی اول')")
    assert page.locator(".mine").count() == 1


def test_what_is_no_mobile_number_is_said_beside_the_field(page):
    page.click("#open-panel")
    page.fill("#number", "1420")
    page.press("#number", "Enter")

    page.wait_for_selector("#number[aria-invalid=true]")
    assert "شمارهٔ" not in page.inner_text("#number-error")
    assert page.inner_text("#number-error")


def test_the_panel_is_left_by_escape_and_gives_the_focus_back(page):
    page.click("#open-panel")
    page.keyboard.press("Escape")

    assert page.evaluate("document.activeElement.id") == "open-panel"


def test_after_a_reload_the_conversation_is_there_once(page, world):
    type_message(page, "سلام")
    page.wait_for_selector(".theirs.arrived")
    page.reload()

    page.wait_for_selector(".theirs.arrived")
    assert page.locator(".message").count() == 2


def test_the_page_asks_nobody_else_for_anything(browser, world):
    context = browser.new_context()
    asked = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(world.url)
    page.wait_for_selector("#messages[aria-busy=false]", state="attached")
    context.close()

    assert asked
    assert all(url.startswith(world.url) for url in asked)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(390, 844), (1440, 900)])
def test_nothing_that_axe_finds_stands_in_anybodys_way(browser, world, size, scheme):
    # The scanner brings its own script, which the page's policy rightly refuses to others.
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    page.goto(world.url)
    page.wait_for_selector("#messages[aria-busy=false]", state="attached")
    type_message(page, "سلام")
    page.wait_for_selector(".theirs.arrived")
    page.wait_for_timeout(400)

    found = Axe().run(page)
    context.close()

    assert found.violations_count == 0, found.generate_report()
