"""A part behind the partners' door goes away: what was answered 201 becomes one case under its code."""

import itertools
import time
from typing import Any

import httpx
import pytest

from tests.flow.running import Flow, until

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]
TEXT = "سابقهٔ دو سال من در سوابق بیمه نیست."
REDIS_PAUSE = 4.0
"""Seconds after which the portal asks a Redis again that did not answer."""
_numbers = itertools.count(7000)


@pytest.fixture(autouse=True)
def known(flow: Flow) -> None:
    """The portal has heard of the partner that was made at the first start."""
    key = {"Authorization": f"Bearer {flow.secrets['PARTNER_API_KEY']}"}
    until(lambda: httpx.get(f"{flow.url('GATEWAY_PORTAL')}/api/v1/messages", headers=key).is_success)


def hand_in(flow: Flow, account: str, key: str) -> dict[str, Any]:
    """As a partner's service would: patient, and sent again while the first copy counts as under way."""

    def accepted() -> httpx.Response | None:
        answer = httpx.post(
            f"{flow.url('GATEWAY_PORTAL')}/api/v1/messages",
            json={"text": TEXT, "person": {"account": account}, "kind": "complaint"},
            headers={"Authorization": f"Bearer {flow.secrets['PARTNER_API_KEY']}", "Idempotency-Key": key},
            timeout=20,
        )
        return None if answer.status_code == httpx.codes.CONFLICT else answer

    answer: httpx.Response = until(accepted, seconds=45, pause=1)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    return dict(answer.json())


def filed(flow: Flow, code: str) -> dict[str, Any]:
    """The case behind a code, once it is there."""

    def case() -> dict[str, Any] | None:
        found = flow.store.get(f"/cases/{code}")
        return found.json() if found.is_success else None

    whole: dict[str, Any] = until(case, seconds=60)
    return whole


@pytest.mark.parametrize("part", ["case-store", "router", "kafka", "redis"])
def test_what_is_handed_in_while_a_part_is_frozen_is_one_message_however_often_it_is_sent(
    flow: Flow, part: str
):
    number = next(_numbers)
    account, key = f"user-{number}", f"key-{number}"
    with flow.frozen(part):
        first = hand_in(flow, account, key)
        again = hand_in(flow, account, key)
    assert again["tracking_code"] == first["tracking_code"]
    case = filed(flow, first["tracking_code"])
    assert [message["text"] for message in case["messages"]] == [TEXT]
    assert hand_in(flow, account, key)["message_id"] == first["message_id"]
    assert len(filed(flow, first["tracking_code"])["messages"]) == 1


def killed(flow: Flow) -> None:
    """And brought back by its supervisor."""
    flow.kill("gateway-portal")
    until(lambda: not flow.ready("GATEWAY_PORTAL"), seconds=10)
    until(lambda: flow.ready("GATEWAY_PORTAL"), seconds=60, pause=0.2)


def test_after_the_portal_was_killed_the_same_key_gives_the_same_code(flow: Flow):
    number = next(_numbers)
    account, key = f"user-{number}", f"key-{number}"
    time.sleep(REDIS_PAUSE)
    first = hand_in(flow, account, key)
    killed(flow)
    assert hand_in(flow, account, key)["tracking_code"] == first["tracking_code"]
    assert len(filed(flow, first["tracking_code"])["messages"]) == 1


def test_where_nobody_remembers_the_key_both_codes_that_were_shown_lead_to_the_one_message(flow: Flow):
    number = next(_numbers)
    account, key = f"user-{number}", f"key-{number}"
    with flow.frozen("redis"):
        first = hand_in(flow, account, key)["tracking_code"]
    killed(flow)
    second = hand_in(flow, account, key)["tracking_code"]
    assert second != first
    assert filed(flow, first)["tracking_code"] == filed(flow, second)["tracking_code"]
    assert len(filed(flow, second)["messages"]) == 1


def test_the_portal_knows_its_partners_when_it_starts_while_the_case_store_is_frozen(flow: Flow):
    number = next(_numbers)
    with flow.frozen("case-store"):
        flow.kill("gateway-portal")
        alive = f"{flow.url('GATEWAY_PORTAL')}/healthz"
        until(lambda: httpx.get(alive, timeout=2).is_success, seconds=60, pause=0.2)
        code = hand_in(flow, f"user-{number}", f"key-{number}")["tracking_code"]
    assert [message["text"] for message in filed(flow, code)["messages"]] == [TEXT]
