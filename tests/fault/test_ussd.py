"""Redis, Kafka or the case store goes away in the middle of a session: a screen comes and nothing is lost."""

import itertools
import time

import pytest

from tests.flow.dialling import A_COMPLAINT_ABOUT_A_PENSION, Handset
from tests.flow.running import Flow, code_in, until

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]
TEXT = "سابقه بیمه من ناقص است"
BUDGET = 2.5
"""Seconds: the gateway's two, and the way there and back."""
_numbers = itertools.count(3000)


@pytest.fixture
def phone(flow: Flow) -> Handset:
    return Handset(flow, f"0912{next(_numbers):04d}888")


def timed(phone: Handset, *answers: str) -> float:
    """How long the longest screen took."""
    longest = 0.0
    for answer in answers:
        began = time.monotonic()
        phone.type(answer)
        longest = max(longest, time.monotonic() - began)
    return longest


@pytest.mark.parametrize("part", ["kafka", "case-store", "router"])
def test_a_matter_handed_in_while_something_behind_is_frozen_shows_its_code_and_becomes_one_case(
    flow: Flow, phone: Handset, part: str
):
    phone.dial()
    phone.type(*A_COMPLAINT_ABOUT_A_PENSION)
    with flow.frozen(part):
        assert timed(phone, TEXT) < BUDGET
        code = code_in(phone.text)
        time.sleep(2)
    [case] = until(lambda: flow.cases_of(phone.number), seconds=60)
    assert [message["text"] for message in case["messages"]] == [TEXT]
    assert code in {case["tracking_code"], *case["aliases"]}


def test_with_redis_frozen_a_safe_screen_comes_in_time_and_afterwards_all_is_as_before(
    flow: Flow, phone: Handset
):
    phone.dial()
    with flow.frozen("redis"):
        assert timed(phone, "2") < BUDGET
        assert phone.ends
        assert phone.text

    def again() -> bool:
        phone.dial()
        return not phone.ends

    until(again, seconds=30, pause=0.5)
    other = Handset(flow, f"0912{next(_numbers):04d}888")
    other.dial()
    other.type(*A_COMPLAINT_ABOUT_A_PENSION)
    assert code_in(other.type(TEXT))


def test_the_gateway_killed_in_the_middle_of_a_session_loses_no_place_in_it(flow: Flow, phone: Handset):
    phone.dial()
    phone.type(*A_COMPLAINT_ABOUT_A_PENSION)
    flow.kill("gateway-ussd")
    until(lambda: not flow.ready("GATEWAY_USSD"), seconds=10)
    until(lambda: flow.ready("GATEWAY_USSD"), seconds=60, pause=0.2)
    assert code_in(phone.type(TEXT))
    [case] = until(lambda: flow.cases_of(phone.number), seconds=30)
    assert [message["text"] for message in case["messages"]] == [TEXT]
