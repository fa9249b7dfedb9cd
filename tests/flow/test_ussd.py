"""Dialled, read, typed: a matter brought over USSD becomes a case, and how it stands can be dialled too."""

import itertools
import json
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from payam.topology import USSD_FORMS
from tests.browser.stage import chromium, demand_chromium
from tests.flow.dialling import A_COMPLAINT_ABOUT_A_PENSION, CODE, Handset
from tests.flow.office import at_the_desk, employ
from tests.flow.running import Flow, code_in, until

pytestmark = pytest.mark.alone
TEXT = "حقوق پدرم سه ماه است که واریز نشده"
_numbers = itertools.count(2000)


@pytest.fixture
def handset(flow: Flow) -> Callable[..., Handset]:
    def taken_up(**told: str) -> Handset:
        return Handset(flow, f"0912{next(_numbers):04d}777", **told)

    return taken_up


@pytest.mark.parametrize("form", USSD_FORMS)
def test_a_complaint_typed_into_the_menus_is_a_case_whose_code_stands_on_the_screen_and_in_an_sms(
    flow: Flow, handset, form: str
):
    phone = handset(provider=form)
    phone.dial()
    phone.type(*A_COMPLAINT_ABOUT_A_PENSION)
    code = code_in(phone.type(TEXT))
    [case] = until(lambda: flow.cases_of(phone.number))
    assert case["tracking_code"] == code
    assert (case["topic"], case["kind"], case["desk"]) == ("pension_payment", "complaint", "retirement")
    [message] = case["messages"]
    assert (message["channel"], message["provider"], message["text"]) == ("ussd", form, TEXT)
    [acknowledgement] = until(lambda: flow.phone(phone.number))
    assert code_in(acknowledgement["text"]) == code


def test_a_second_complaint_on_the_matter_joins_the_case_and_its_code_is_sent_too(flow: Flow, handset):
    phone = handset()
    codes = []
    for _ in range(2):
        phone.dial()
        phone.type(*A_COMPLAINT_ABOUT_A_PENSION)
        codes.append(code_in(phone.type(TEXT)))
    sent = until(lambda: len(got := flow.phone(phone.number)) == 2 and got)
    assert sorted(code_in(sms["text"]) for sms in sent) == sorted(codes)
    [case] = flow.cases_of(phone.number)
    assert case["tracking_code"] in codes


def test_how_a_case_stands_is_told_to_the_number_that_brought_it_and_to_no_other(flow: Flow, handset):
    phone = handset()
    flow.write(phone.number, TEXT)
    [case] = until(lambda: flow.cases_of(phone.number))
    code = case["tracking_code"]
    shown = phone.dial(f"{CODE[:-1]}*1*1*{code}#")
    assert shown.startswith("پرونده")
    phone.dial()  # goes on where it was: 0 leads to the first screen
    assert code[-4:] in latin(phone.type("0", "1", "2"))
    stranger = handset()
    assert "نیافتیم" in stranger.dial(f"{CODE[:-1]}*1*1*{code}#")


def test_the_support_basket_and_the_branches_are_asked_of_those_who_know(handset):
    phone = handset()
    assert "سبد" in phone.dial(f"{CODE[:-1]}*3*0013542419#")
    phone.dial()
    assert "شعبه" in phone.type("0", "5", "1", "1")


def test_a_dropped_session_goes_on_where_it_stopped(handset):
    phone = handset()
    phone.dial()
    before = phone.type(*A_COMPLAINT_ABOUT_A_PENSION)
    phone.cancel()
    assert phone.dial().endswith(before)
    assert code_in(phone.type(TEXT))


def test_no_number_and_no_word_of_a_person_is_in_the_gateways_log(flow: Flow, handset):
    phone = handset()
    phone.dial()
    phone.type(*A_COMPLAINT_ABOUT_A_PENSION, TEXT)
    log = (flow.logs / "gateway-ussd.log").read_text()
    assert log
    assert phone.number[1:] not in log
    assert TEXT not in log
    assert json.dumps(TEXT)[1:-1] not in log


@pytest.mark.browser
def test_a_complaint_dialled_in_the_browser_has_its_code_on_the_screen_in_the_sms_and_at_the_desk(
    flow: Flow,
):
    demand_chromium()
    agent = employ(flow, "زهرا کریمی", "agent", units=("retirement",))
    with chromium() as browser:
        phone = browser.new_page(viewport={"width": 390, "height": 844}, locale="fa-IR")
        phone.set_default_timeout(15_000)
        phone.goto(flow.url("SIMULATOR"))
        phone.wait_for_selector("#messages[aria-busy=false]", state="attached")
        before = phone.locator(".theirs .text").count()
        phone.click("#open-dialler")
        phone.fill("#code", CODE)
        phone.press("#code", "Enter")
        for typed in (*A_COMPLAINT_ABOUT_A_PENSION, TEXT):
            phone.wait_for_selector("#ussd-input:visible")
            stood = phone.inner_text("#ussd-text")
            phone.fill("#ussd-input", typed)
            phone.press("#ussd-input", "Enter")
            phone.wait_for_function(
                "stood => !document.getElementById('ussd-busy').checkVisibility()"
                " && document.getElementById('ussd-text').innerText !== stood",
                arg=stood,
            )
        code = code_in(phone.inner_text("#ussd-text"))
        sms = phone.locator(".theirs .text").nth(before)
        sms.wait_for(state="attached")
        assert code_in(sms.text_content() or "") == code
        with at_the_desk(browser, flow, agent) as desk:
            desk.goto(f"{flow.url('DESK')}/cases/{code}")
            expect(desk.locator("#conversation")).to_contain_text(TEXT)
            expect(desk.locator("#case-head")).to_contain_text("کد دستوری")


def latin(text: str) -> str:
    return text.translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789"))
