"""The dialler, in a real browser: a code is dialled, the network's menu comes up, by key and by finger."""

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe

from simulator.app import create_app
from simulator.settings import SimulatorSettings
from tests.browser.stage import API_KEY, HOOK_SECRET
from tests.simulator.live import serving, wait_for
from tests.simulator.menus import ASK_CODE, MAIN, THANKS, Menus

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def network():
    menus = Menus()
    with serving(menus.app) as gateway:
        settings = SimulatorSettings(
            api_key=API_KEY,
            webhook_secret=HOOK_SECRET,
            gateway_url=gateway,
            ussd_url=gateway,
            ussd_answer_seconds=5,
        )
        with serving(create_app(settings)) as url:
            menus.simulator = url
            yield menus


@pytest.fixture
def menus(network):
    network.begin_anew()
    httpx.post(f"{network.simulator}/control/reset").raise_for_status()
    return network


def open_dialler(page, url):
    page.set_default_timeout(10_000)
    page.goto(url)
    page.wait_for_selector("#messages[aria-busy=false]", state="attached")
    page.click("#open-dialler")


@pytest.fixture
def page(browser, menus, errors):
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="fa-IR")
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    open_dialler(page, menus.simulator)
    yield page
    context.close()


def dial(page, code: str = "*4*1420#") -> None:
    page.fill("#code", code)
    page.press("#code", "Enter")


def shown(page) -> str:
    return page.wait_for_selector("#ussd-text:visible").inner_text()


def test_keys_write_the_code_and_the_menu_comes_up_over_it(page, menus, errors):
    for key in "*۴*۱۴۲۰#":
        page.click(f"[data-key='{key}']")
    assert page.input_value("#code") == "*۴*۱۴۲۰#"
    page.click(".call")

    assert shown(page) == MAIN
    assert page.evaluate("document.activeElement.id") == "ussd-input"
    assert menus.named("serviceCode", "text") == [("*4*1420#", "")]
    assert errors == []


def test_a_menu_is_answered_in_persian_digits_to_its_last_screen(page, menus):
    dial(page)
    page.wait_for_selector("#ussd-input:visible")
    page.keyboard.type("۲")
    page.keyboard.press("Enter")

    page.wait_for_selector(".ussd-card.last")
    assert shown(page) == THANKS
    assert not page.is_visible("#ussd-input")
    page.keyboard.press("Enter")
    page.wait_for_selector("#ussd", state="hidden")
    assert page.evaluate("document.activeElement.id") == "code"
    assert wait_for(lambda: menus.named("status")[2:]) == [("Success",)]


@pytest.mark.parametrize("code", ["*4*1420*1#", "*۴*۱۴۲۰*۱#", "* ۴ * 1420 * 1 #"])
def test_a_deep_code_goes_straight_to_its_screen(page, menus, code):
    dial(page, code)

    assert shown(page) == ASK_CODE
    assert page.input_value("#code") == "*۴*۱۴۲۰*۱#"


@pytest.mark.parametrize(
    ("operator", "field"), [("madapi", "ussdString"), ("comviva", "input"), ("inoti", "call")]
)
def test_the_operator_that_is_chosen_is_the_one_that_carries_it_and_is_remembered(
    page, menus, operator, field
):
    page.select_option("#operator", operator)
    dial(page)

    assert shown(page) == MAIN
    assert field in menus.seen[0]
    page.reload()
    page.click("#open-dialler")
    assert page.input_value("#operator") == operator


def test_cancel_puts_the_menu_away_and_the_operator_tells_it(page, menus):
    dial(page)
    page.click("#ussd-cancel:visible")

    page.wait_for_selector("#ussd", state="hidden")
    assert wait_for(lambda: menus.named("status")[1:]) == [("Incomplete",)]


def test_while_it_waits_it_says_so_and_can_be_put_away(page, menus):
    menus.slow = 2.0
    dial(page)

    page.wait_for_selector("#ussd-busy .spinner:visible")
    page.keyboard.press("Escape")
    page.wait_for_selector("#ussd", state="hidden")
    page.wait_for_timeout(2_300)
    assert not page.is_visible("#ussd")


def test_a_network_that_fails_is_told_kindly_and_can_be_dialled_again(page, menus):
    menus.away = True
    dial(page)
    assert shown(page) == "شبکه پاسخ نداد. چند لحظهٔ دیگر دوباره شماره‌گیری کنید."
    page.click("#ussd-cancel")

    menus.away = False
    page.press("#code", "Enter")
    page.wait_for_selector("#ussd-input:visible")
    assert shown(page) == MAIN


def test_without_a_connection_it_says_so(page):
    page.context.set_offline(True)
    dial(page)

    assert shown(page) == "ارتباط قطع است. وقتی وصل شد، دوباره شماره‌گیری کنید."


def test_a_code_of_somebody_else_never_reaches_the_gateway(page, menus):
    dial(page, "*555#")

    assert shown(page) == "این کد دستوری در شبکه نیست."
    assert menus.seen == []


def test_a_dialogue_that_the_network_has_ended_is_said_to_be_over(page, menus):
    dial(page)
    page.wait_for_selector("#ussd-input:visible")
    httpx.post(f"{menus.simulator}/control/reset").raise_for_status()
    page.keyboard.type("1")
    page.keyboard.press("Enter")

    page.wait_for_selector(".ussd-card.last")
    assert shown(page) == "زمان این گفت‌وگو تمام شد. دوباره شماره‌گیری کنید."


def test_a_phone_that_the_simulator_forgot_is_opened_anew_and_dials(page, menus):
    httpx.post(f"{menus.simulator}/control/reset").raise_for_status()
    dial(page)

    assert shown(page) == MAIN


def test_markup_and_direction_tricks_stay_text(page, menus, errors):
    dial(page)
    page.wait_for_selector("#ussd-input:visible")
    page.keyboard.type("<img src=x onerror=alert(1)>")
    page.keyboard.press("Enter")

    page.wait_for_selector("#ussd-text:has-text('<img')")
    assert page.locator("#ussd-text *").count() == 0
    assert errors == []


def test_only_what_a_keypad_has_can_be_typed_and_the_last_digit_is_erased(page):
    page.keyboard.type("*4a-ب٤#")
    assert page.input_value("#code") == "*۴۴#"
    page.click("#erase")

    assert page.input_value("#code") == "*۴۴"


def test_an_sms_that_comes_meanwhile_is_told_and_a_tap_leads_to_it(page, menus):
    order = {"receptor": "09121234567", "message": "کد رهگیری شما: ۴۸۱۷۲۰۳۹۵۱"}
    httpx.post(f"{menus.simulator}/v1/{API_KEY}/sms/send.json", data=order).raise_for_status()
    page.wait_for_selector("#news:visible")
    page.click("#news")

    assert page.wait_for_selector(".theirs .text").inner_text() == order["message"]
    assert not page.is_visible("#dialler")


def test_escape_leaves_the_dialler_and_gives_the_focus_back(page):
    page.keyboard.press("Escape")

    assert not page.is_visible("#dialler")
    assert page.evaluate("document.activeElement.id") == "open-dialler"


def test_the_tab_key_stays_inside_what_is_shown(page, menus):
    dial(page)
    page.wait_for_selector("#ussd-input:visible")
    visited = set()
    for _ in range(8):
        page.keyboard.press("Tab")
        visited.add(page.evaluate("document.activeElement.id"))

    assert visited.isdisjoint({"code", "erase", "operator", "text", "open-panel", "open-dialler"})
    assert {"ussd-send", "ussd-cancel"} <= visited


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(320, 640), (390, 844), (844, 390), (1440, 900)])
def test_every_face_is_accessible_and_fits(browser, menus, size, scheme):
    # The scanner brings its own script, which the page's policy rightly refuses to others.
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        bypass_csp=True,
        reduced_motion="reduce",
    )
    page = context.new_page()
    open_dialler(page, menus.simulator)
    faults = []
    for face in ("keypad", "busy", "menu", "last"):
        if face == "busy":
            menus.slow = 2.0
            dial(page)
        if face == "menu":
            menus.slow = 0.0
            page.wait_for_selector("#ussd-input:visible")
        if face == "last":
            page.evaluate("document.querySelector('#news').hidden = false")
            page.keyboard.type("2")
            page.keyboard.press("Enter")
            page.wait_for_selector(".ussd-card.last")
        found = Axe().run(page)
        faults += [found.generate_report()] * bool(found.violations_count)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), face
    context.close()

    assert faults == []
