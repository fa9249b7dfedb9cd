"""A part behind the portal goes away while somebody writes: the page says so, and nothing typed is lost."""

import itertools
import time
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page

from tests.flow.portal import FORM, TEXT, code_shown, hand_over, prove
from tests.flow.running import Flow, until

pytestmark = [pytest.mark.fault, pytest.mark.browser, pytest.mark.timeout(300)]
PATIENCE = 8.0
"""Seconds that a page may take while something behind it neither answers nor ends."""
_numbers = itertools.count(5000)


@pytest.fixture
def page(browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="fa-IR", java_script_enabled=False
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


@pytest.fixture
def number() -> str:
    return f"0912{next(_numbers):04d}777"


def kept(flow: Flow, code: str) -> list[str]:
    """What stands in the case behind a code, once it is there."""

    def messages() -> list[str]:
        found = flow.store.get(f"/cases/{code}")
        return [one["text"] for one in found.json()["messages"]] if found.is_success else []

    texts: list[str] = until(messages, seconds=60)
    return texts


@pytest.mark.parametrize("part", ["case-store", "router"])
def test_while_what_is_behind_the_bus_is_frozen_a_matter_gets_its_code_and_becomes_one_case(
    flow: Flow, page: Page, number: str, part: str
):
    page.goto(flow.url("GATEWAY_PORTAL") + FORM)
    with flow.frozen(part):
        hand_over(page, number)
        prove(page, flow, number)
        code = code_shown(page)
    assert kept(flow, code) == [TEXT]
    assert [case["tracking_code"] for case in flow.cases_of(number)] == [code]


@pytest.mark.parametrize("part", ["kafka", "redis"])
def test_while_no_one_time_code_can_go_out_what_was_typed_stays_and_is_taken_without_proof(
    flow: Flow, page: Page, number: str, part: str
):
    page.goto(flow.url("GATEWAY_PORTAL") + FORM)
    with flow.frozen(part):
        began = time.monotonic()
        hand_over(page, number)
        assert TEXT in page.content()
        page.click("button[value=unproven]")
        code = code_shown(page)
        assert time.monotonic() - began < 2 * PATIENCE
    assert kept(flow, code) == [TEXT]
    assert flow.cases_of(number) == []  # not among the cases of a number that nobody has proved


def test_a_form_that_was_sent_while_the_portal_was_killed_is_sent_again_and_is_one_message(
    flow: Flow, page: Page, number: str
):
    page.goto(flow.url("GATEWAY_PORTAL") + FORM)
    hand_over(page, number)
    page.wait_for_selector("#code")
    flow.kill("gateway-portal")
    until(lambda: flow.ready("GATEWAY_PORTAL"), seconds=60, pause=0.2)
    prove(page, flow, number)
    code = code_shown(page)
    assert kept(flow, code) == [TEXT]


def test_while_the_case_store_is_frozen_ones_own_cases_are_kindly_put_off_and_come_back_by_themselves(
    flow: Flow, page: Page, number: str
):
    url = flow.url("GATEWAY_PORTAL")
    page.goto(url + FORM)
    hand_over(page, number)
    prove(page, flow, number)
    code = code_shown(page)
    kept(flow, code)
    page.goto(f"{url}/cases/{code}")
    assert page.locator(".talk").count() == 1
    with flow.frozen("case-store"):
        began = time.monotonic()
        answer = page.goto(f"{url}/cases/{code}")
        assert time.monotonic() - began < PATIENCE
        assert answer
        assert answer.status == httpx.codes.SERVICE_UNAVAILABLE
        assert page.locator("main h1").inner_text()
        for path in ("/", "/ask", "/privacy"):
            answer = page.goto(url + path)
            assert answer
            assert answer.ok
    until(lambda: (page.goto(f"{url}/cases/{code}"), page.locator(".talk").count())[1], seconds=30, pause=0.5)
