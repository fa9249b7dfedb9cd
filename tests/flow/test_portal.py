"""The portal as people use it, on a phone: ask without an account, follow, read the answer, rate it."""

from itertools import count

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.flow.office import at_the_desk, employ
from tests.flow.portal import TEXT, code_shown, hand_over, prove, six_digits
from tests.flow.running import Flow, code_in, until

pytestmark = [pytest.mark.alone, pytest.mark.browser]

REPLY = "با سلام؛ پرداخت شما به دلیل تغییر شمارهٔ حساب برگشته بود و امروز دوباره واریز شد."
PHONE = {"width": 390, "height": 844}
_numbers = count(3000)


@pytest.fixture
def person(browser: Browser):
    context = browser.new_context(viewport=PHONE, locale="fa-IR", java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def ask(page: Page, flow: Flow, number: str) -> str:
    """From the front door to the tracking code, with the number proved on the way."""
    page.goto(flow.url("GATEWAY_PORTAL"))
    page.click("main a[href^='/ask']")
    for chosen in ("kind=complaint", "section=retirement", "topic=pension_payment"):
        page.click(f"main a[href*='{chosen}']")
    page.wait_for_selector("#text, a[href*='answer=read']")
    if page.locator("a[href*='answer=read']").count():  # a standard answer was offered first
        page.click("a[href*='answer=read']")
    hand_over(page, number)
    prove(page, flow, number)
    return code_shown(page)


def test_asked_without_an_account_followed_answered_at_the_desk_read_and_rated(
    flow: Flow, browser: Browser, person: Page
):
    number = f"0912{next(_numbers):04d}777"
    code = ask(person, flow, number)
    [_, acknowledgement] = until(lambda: len(sent := flow.phone(number)) == 2 and sent)
    assert code_in(acknowledgement["text"]) == code
    [case] = until(lambda: flow.cases_of(number))
    assert case["tracking_code"] == code
    assert (case["channel"], case["topic"], case["kind"]) == ("portal", "pension_payment", "complaint")

    person.goto(f"{flow.url('GATEWAY_PORTAL')}/cases")
    person.click(f"main a[href^='/cases/{code}']")
    expect(person.locator(".talk .you")).to_contain_text(TEXT)

    agent = employ(flow, "زهرا کریمی", "agent", units=("retirement",))
    with at_the_desk(browser, flow, agent) as desk:
        desk.goto(f"{flow.url('DESK')}/cases/{code}")
        expect(desk.locator("#conversation")).to_contain_text(TEXT)
        desk.keyboard.press("c")
        expect(desk.locator("#case-head")).to_contain_text("در دست شما")
        desk.fill("#text", REPLY)
        desk.press("#text", "Control+Enter")
        expect(desk.locator("#conversation .said.us").last).to_contain_text(REPLY)

    person.reload()
    expect(person.locator(".talk .us")).to_contain_text(REPLY)
    person.check("input[name=stars][value='5']", force=True)
    person.fill("#words", "ممنون، درست شد")
    person.click("form[action$='/rating'] button")
    rating = until(lambda: flow.case(code)["rating"])
    assert (rating["stars"], rating["words"]) == (5, "ممنون، درست شد")
    assert flow.case(code)["state"] == "answered"


def test_signed_in_by_a_code_read_off_the_phone_and_nobody_elses_case_is_shown(
    flow: Flow, browser: Browser, person: Page
):
    theirs = ask(person, flow, f"0912{next(_numbers):04d}777")
    context = browser.new_context(viewport=PHONE, locale="fa-IR")
    phone = context.new_page()
    phone.set_default_timeout(15_000)
    phone.goto(flow.url("SIMULATOR"))
    phone.wait_for_selector("#messages[aria-busy=false]", state="attached")
    before = phone.locator(".theirs .text").count()
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"{flow.url('GATEWAY_PORTAL')}/follow")
    page.fill("#mobile", "09121234567")
    page.press("#mobile", "Enter")
    page.wait_for_selector("input[autocomplete=one-time-code]")
    sms = phone.locator(".theirs .text").nth(before)
    sms.wait_for(state="attached")
    page.fill("#code", six_digits(sms.text_content() or ""))
    page.press("#code", "Enter")
    page.wait_for_url("**/cases*")
    page.goto(f"{flow.url('GATEWAY_PORTAL')}/cases/{theirs}")
    expect(page.locator("body")).not_to_contain_text(TEXT)
    assert page.locator(".talk").count() == 0
    context.close()


def test_no_number_word_or_code_of_a_person_is_in_the_portals_log(flow: Flow, person: Page):
    number = f"0912{next(_numbers):04d}777"
    ask(person, flow, number)
    log = (flow.logs / "gateway-portal.log").read_text()
    [sms, *_] = flow.phone(number)
    assert log
    assert number[1:] not in log
    assert TEXT not in log
    assert six_digits(sms["text"]) not in log
