"""A voice message from a landline, answered at the desk: the telephone rings and hears it, once."""

from itertools import count

import pytest
from playwright.sync_api import Browser, expect

from persian.speech import digit_by_digit
from tests.flow.office import at_the_desk, employ
from tests.flow.running import Flow, until
from tests.flow.speaking import push
from tests.gateway_voice.sounds import speech, wav

pytestmark = pytest.mark.alone
TEXT = "مستمری شما تا ۱۴۰۵/۰۹/۱۰ واریز می‌شود."
AS_HEARD = "مستمری شما تا سه‌شنبه ۱۰ آذر ۱۴۰۵ واریز می‌شود."
_numbers = count(300)


def landline(ending: str = "5555") -> str:
    return f"021{next(_numbers):04d}{ending}".replace("0210", "0216")


def opened(flow: Flow, caller: str) -> str:
    """A message spoken on this line; the code of its case."""
    code = str(push(flow, wav(speech(2)), caller).json()["tracking_code"])
    until(lambda: flow.cases_of(caller))
    return code


def reply(flow: Flow, code: str, text: str = TEXT) -> None:
    flow.store.post(f"/cases/{code}/replies", json={"text": text}).raise_for_status()


def heard(flow: Flow, caller: str) -> list[str]:
    return [shown["text"] for shown in flow.phone(caller) if shown["state"] == "heard"]


def states(flow: Flow, code: str) -> list[str]:
    return [message["state"] for message in flow.case(code)["outbound_messages"]]


@pytest.mark.browser
def test_what_is_answered_at_the_desk_is_heard_on_the_telephone(flow: Flow, browser: Browser):
    caller = landline()
    code = opened(flow, caller)
    until(lambda: len(heard(flow, caller)) == 1)
    agent = employ(flow, "نسرین کاظمی", "agent", "supervisor", units=("retirement",))
    with at_the_desk(browser, flow, agent) as page:
        page.goto(f"{flow.url('DESK')}/cases/{code}")
        expect(page.locator("#heard-hint")).to_be_visible()
        page.locator("#text").fill(TEXT)
        expect(page.locator("#meter")).to_contain_text("ثانیه")
        page.locator("#reply .send").click()
        expect(page.locator(".said.us:not(.by-itself) .said-text")).to_contain_text(AS_HEARD)
    acknowledgement, answer = until(lambda: len(found := heard(flow, caller)) == 2 and found)
    assert acknowledgement.count(digit_by_digit(code)) == 2
    assert AS_HEARD in answer
    until(lambda: states(flow, code) == ["delivered", "delivered"])
    assert all(call["spoken"] for call in flow.sendings(caller))


def test_a_call_whose_answer_is_lost_rings_once(flow: Flow):
    caller = landline("0008")
    code = opened(flow, caller)
    until(lambda: states(flow, code) == ["delivered"], seconds=60)
    [call] = flow.sendings(caller)
    assert (call["spoken"], call["asked"]) == (True, 1)
    assert len(heard(flow, caller)) == 1


def test_nobody_there_the_case_says_so(flow: Flow):
    caller = landline("0002")
    code = opened(flow, caller)
    until(lambda: states(flow, code) == ["undelivered"])
    assert heard(flow, caller) == []


def test_the_gateway_killed_meanwhile_rings_once(flow: Flow):
    caller = landline()
    code = opened(flow, caller)
    until(lambda: states(flow, code) == ["delivered"])
    reply(flow, code)
    flow.kill("gateway-sms")
    until(lambda: states(flow, code) == ["delivered"] * 2, seconds=60)
    assert len(heard(flow, caller)) == 2
    assert len(flow.sendings(caller)) == 2


def test_who_asks_for_it_is_rung_on_their_mobile(flow: Flow):
    caller = f"0912{next(_numbers):04d}777"
    flow.write(caller, "سلام، حقوق بازنشستگی من نیامده")
    [case] = until(lambda: flow.cases_of(caller))
    flow.store.patch(f"/contacts/{case['contact_id']}", json={"read_aloud": True}).raise_for_status()
    reply(flow, case["tracking_code"])
    [said] = until(lambda: heard(flow, caller))
    assert AS_HEARD in said
    assert sum(not sent["spoken"] for sent in flow.sendings(caller)) == 1


def test_nothing_of_who_is_rung_is_in_the_logs(flow: Flow):
    caller = landline()
    code = opened(flow, caller)
    until(lambda: states(flow, code) == ["delivered"])
    for service in ("gateway-sms", "case-store"):
        log = (flow.logs / f"{service}.log").read_text()
        assert caller.removeprefix("0") not in log
        assert code not in log
        assert "تأمین" not in log
