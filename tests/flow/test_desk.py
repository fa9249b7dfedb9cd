"""From a phone through three tiers and back: the text that a person writes, the answer that they read."""

import pytest
from playwright.sync_api import expect

from tests.flow.office import answer, ask_expert, at_the_desk, employ, open_first_referral, send_on
from tests.flow.running import Flow, code_in, until

pytestmark = [pytest.mark.alone, pytest.mark.browser]

ASKED = "مستمری بازماندگان پدرم قطع شده، خواهرم سه ماه پیش ازدواج کرده. چه مدرکی باید بدهم؟"
TO_EXPERT = "با ازدواج یکی از فرزندان، سهم بقیه چگونه دوباره حساب می‌شود؟"
TO_LIAISON = "آیا برای محاسبهٔ دوبارهٔ سهم‌ها مدرکی جز سند ازدواج لازم است؟"
FROM_LIAISON = "تصویر سند ازدواج و درخواست یکی از بازماندگان کافی است."
FROM_EXPERT = "سهم بقیه از ماه بعد از ثبت سند ازدواج دوباره حساب و پرداخت می‌شود."
REPLY = "با سلام؛ تصویر سند ازدواج و یک درخواست را به شعبه بدهید؛ سهم شما از ماه بعد دوباره حساب می‌شود."


def asked(flow: Flow, code: str) -> dict[str, str | None]:
    """Where the question to each tier stands."""
    found = {row["tier"]: row["state"] for row in flow.case(code)["referrals"]}
    return {"expert": None, "liaison": None} | found


def test_a_text_is_claimed_referred_to_expert_and_liaison_answered_back_down_and_read_on_the_phone(
    flow: Flow, browser
):
    agent = employ(flow, "زهرا کریمی", "agent", units=("retirement",))
    expert = employ(flow, "مهدی رستمی", "expert", units=("retirement",))
    liaison = employ(flow, "نرگس شریفی", "liaison", units=("pensions_office",))
    phone = browser.new_page(viewport={"width": 390, "height": 844}, locale="fa-IR")
    phone.goto(flow.url("SIMULATOR"))
    phone.wait_for_selector("#messages[aria-busy=false]", state="attached")
    before = phone.locator(".theirs .text").count()
    phone.fill("#text", ASKED)
    phone.press("#text", "Enter")
    code = code_in(phone.locator(".theirs .text").nth(before).inner_text(timeout=15_000))

    with at_the_desk(browser, flow, agent) as at_agent:
        at_agent.goto(f"{flow.url('DESK')}/cases/{code}")
        at_agent.keyboard.press("c")
        expect(at_agent.locator("#case-head")).to_contain_text("در دست شما")
        ask_expert(at_agent, TO_EXPERT)
        until(lambda: flow.case(code)["state"] == "referred")

        with at_the_desk(browser, flow, expert) as at_expert:
            open_first_referral(at_expert, flow)
            send_on(at_expert, "pensions_office", TO_LIAISON)
            until(lambda: asked(flow, code)["liaison"] == "open")

            with at_the_desk(browser, flow, liaison) as at_liaison:
                open_first_referral(at_liaison, flow)
                expect(at_liaison.locator("body")).not_to_contain_text("0912")
                answer(at_liaison, FROM_LIAISON)
                until(lambda: asked(flow, code)["liaison"] == "answered")

            open_first_referral(at_expert, flow)
            expect(at_expert.locator("#main")).to_contain_text(FROM_LIAISON)
            answer(at_expert, FROM_EXPERT)
            until(lambda: flow.case(code)["state"] == "open")

        # What the expert said is on the agent's page without a reload.
        expect(at_agent.locator("#conversation")).to_contain_text(FROM_EXPERT)
        at_agent.fill("#text", REPLY)
        at_agent.press("#text", "Control+Enter")
        expect(at_agent.locator("#conversation .said.us").last).to_contain_text(REPLY)
        expect(phone.locator(".theirs .text").last).to_have_text(REPLY)
        expect(at_agent.locator("#conversation .said.us .delivery.delivered").last).to_be_visible()

    case = flow.case(code)
    assert case["state"] == "answered"
    assert [out["purpose"] for out in case["outbound_messages"]] == ["acknowledgement", "reply"]
    assert {row["state"] for row in case["referrals"]} == {"answered"}
    assert flow.store.get("/audit/verification").json()["whole"]
