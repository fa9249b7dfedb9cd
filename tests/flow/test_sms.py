"""A text message becomes a case and gets its answer: the whole way, as the person sees it."""

import itertools
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from envelope.tracking import spaced
from tests.flow.running import Flow, code_in, until

pytestmark = pytest.mark.alone
TEXT = "سلام، حقوق بازنشستگی پدرم این ماه هنوز واریز نشده؛ لطفاً پیگیری کنید 🙏"
_numbers = itertools.count(1000)


@pytest.fixture
def number() -> str:
    """A phone that nobody else uses; its messages are simply delivered."""
    return f"0912{next(_numbers):04d}555"


def test_a_text_becomes_a_case_within_two_seconds_and_is_acknowledged_with_its_code(flow: Flow, number):
    began = time.monotonic()
    assert flow.push_mo(number, TEXT).status_code == 200
    [case] = until(lambda: flow.cases_of(number), seconds=10, pause=0.02)
    took = time.monotonic() - began
    assert case["messages"][0]["text"] == TEXT
    assert case["topic"] == "pension_payment"
    assert case["section"] == "retirement"
    [acknowledgement] = until(lambda: flow.phone(number))
    assert code_in(acknowledgement["text"]) == case["tracking_code"]
    assert took < 2


def test_a_staff_reply_is_read_on_the_phone_and_its_delivery_comes_back(flow: Flow, number):
    flow.write(number, TEXT)
    [case] = until(lambda: flow.cases_of(number))
    answer = "با سلام؛ مستمری پدر شما امروز واریز شد. از شکیبایی شما سپاسگزاریم."
    reply = {"text": answer, "author": "agent-7"}
    flow.store.post(f"/cases/{case['tracking_code']}/replies", json=reply).raise_for_status()
    until(lambda: [message for message in flow.phone(number) if answer in message["text"]])

    def delivered() -> bool:
        sent = flow.case(case["tracking_code"])["outbound_messages"]
        return any(out["purpose"] == "reply" and out["state"] == "delivered" for out in sent)

    assert until(delivered)
    assert flow.case(case["tracking_code"])["state"] == "answered"


def test_a_second_message_on_the_same_matter_joins_the_case_without_another_sms(flow: Flow, number):
    flow.write(number, TEXT)
    until(lambda: flow.phone(number))
    flow.write(number, "حقوق پدرم بازنشسته است و واریز مستمری انجام نشده")
    until(lambda: any(len(case["messages"]) == 2 for case in flow.cases_of(number)))
    assert len(flow.cases_of(number)) == 1
    time.sleep(1)
    assert len(flow.phone(number)) == 1


def test_asking_by_code_is_answered_with_how_the_case_stands(flow: Flow, number):
    flow.write(number, TEXT)
    code = code_in(until(lambda: flow.phone(number))[0]["text"])
    flow.write(number, f"پیگیری {spaced(code)}")
    messages = until(lambda: len(flow.phone(number)) == 2 and flow.phone(number))
    assert code_in(messages[1]["text"]) == code
    assert len(flow.cases_of(number)) == 1


def test_fifty_copies_at_once_make_one_message_one_case_and_one_sms(flow: Flow, number):
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: flow.push_mo(number, TEXT, messageid="424242" + number), range(50)))
    assert {answer.status_code for answer in answers} == {200}
    until(lambda: flow.phone(number))
    time.sleep(2)
    [case] = flow.cases_of(number)
    assert len(case["messages"]) == 1
    assert len(flow.phone(number)) == 1
    assert len(flow.sendings(number)) == 1


def test_a_webhook_that_was_lost_is_found_by_the_reconciler(flow: Flow):
    number = "09121110010"  # its pushes are never made
    flow.write(number, TEXT)
    [case] = until(lambda: flow.cases_of(number), seconds=20)
    assert case["messages"][0]["text"] == TEXT
    assert "gateway_sms_recovered_total 0.0" not in flow.gateway.get("/metrics").text


@pytest.mark.parametrize("ending", ["0008", "0012", "0009", "0011"])
def test_whatever_the_provider_does_the_person_gets_one_acknowledgement(flow: Flow, ending):
    number = f"0912111{ending}"
    flow.write(number, TEXT)
    until(lambda: flow.phone(number), seconds=60)
    until(
        lambda: any(
            out["state"] == "delivered" for case in flow.cases_of(number) for out in case["outbound_messages"]
        ),
        seconds=60,
    )
    assert len(flow.sendings(number)) == 1


@pytest.mark.parametrize(
    ("ending", "state"), [("0002", "undelivered"), ("0003", "blocked"), ("0013", "rejected")]
)
def test_staff_see_why_a_message_did_not_arrive(flow: Flow, ending, state):
    number = f"0912111{ending}"
    flow.write(number, TEXT)
    until(
        lambda: any(
            out["state"] == state for case in flow.cases_of(number) for out in case["outbound_messages"]
        ),
        seconds=40,
    )


def test_opting_out_is_confirmed_and_opens_no_case(flow: Flow, number):
    flow.write(number, "لغو")
    assert len(until(lambda: flow.phone(number))) == 1
    assert flow.cases_of(number) == []
