"""Calling people back in a real browser: by keys alone, live while the telephone rings, in nobody's way."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from case_store.schemas.call_backs import ProgressRequest
from case_store.staffing import service
from envelope.models import Channel
from tests.browser.office import Office, office

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("PAYAM_PICTURES")
"""A folder for pictures of what was looked at; none are taken without it."""
DESK, PHONE = (1440, 900), (390, 844)


@pytest.fixture(scope="module")
def staffed(postgres):
    with office(postgres) as built:
        built.do(lambda store: store.rows("UPDATE staff SET extension = '2104' WHERE name = 'مریم احمدی'"))
        yield built


@pytest.fixture
def enter(browser, staffed):
    pages: list[Page] = []

    def go(path: str, **more: object) -> Page:
        page = staffed.page(browser, "agent", path, **more)
        pages.append(page)
        return page

    yield go
    for page in pages:
        page.context.close()


def spoken(staffed: Office) -> str:
    return staffed.case("", channel=Channel.VOICE, at=datetime.now(UTC) - timedelta(hours=9))


def tell(staffed: Office, state: str, result: str | None = None, seconds: float | None = None) -> None:
    """As the gateway does, of the call that was asked for last."""
    told = {"state": state, "result": result, "seconds": seconds, "at": datetime.now(UTC)}

    async def say(store):
        [row] = await store.rows("SELECT id FROM call_out ORDER BY asked_at DESC LIMIT 1")
        await store.work.calls.progress(service(), row["id"], ProgressRequest.model_validate(told))

    staffed.do(say)


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


def test_a_call_is_made_told_live_and_answered_by_keys_alone(enter, staffed):
    code = spoken(staffed)
    page = enter(f"/cases/{code}?list=all&show=to_call")
    expect(page.locator("#call-back [data-ticking]")).to_be_visible()
    picture(page, "waiting")
    page.locator("#case").focus()
    page.keyboard.press("l")
    live = page.locator("#call-live")
    expect(live).to_contain_text("درخواست تماس")
    for state, words in (
        ("ringing_agent", "تلفن شما زنگ می‌خورد"),
        ("ringing_person", "در حال گرفتن"),
        ("talking", "در حال گفت‌وگو"),
    ):
        tell(staffed, state)
        expect(live).to_contain_text(words)
        picture(page, state)
    page.locator("#case").focus()
    page.keyboard.press("d")
    answer = page.locator("#call-answer")
    expect(answer).to_be_focused()
    answer.type("امروز واریز می‌شود")
    tell(staffed, "ended", "answered", 95)
    expect(live).to_be_hidden()
    # What is being written is not taken away by what happens meanwhile.
    assert answer.input_value() == "امروز واریز می‌شود"
    picture(page, "done")
    expect(page.locator(".tried")).to_contain_text("پاسخ داد")
    page.locator("#call-back .act[open] .button.primary").press("Enter")
    expect(page.locator("#call-back")).to_be_hidden()
    expect(page.locator(".said.us").last).to_contain_text("امروز واریز می‌شود")
    assert page.complaints == []


def test_no_answer_is_one_key_and_the_next_one_is_on_top(enter, staffed):
    first, second = spoken(staffed), spoken(staffed)
    page = enter("/queues?list=all&show=to_call")
    rows = page.locator(".row-link")
    expect(rows).to_have_count(2)
    page.locator(f"#row-{first}").click()
    expect(page.locator("#call-back")).to_be_visible()
    page.locator("#case").focus()
    page.keyboard.press("a")
    expect(page.locator(".tried")).to_contain_text("بی‌پاسخ")
    expect(rows).to_have_count(1)
    expect(page.locator(f"#row-{second}")).to_be_visible()
    picture(page, "tried")
    assert page.complaints == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("stands", ["waiting", "ringing", "tried", "needs_number", "failed"])
def test_nothing_that_axe_finds_stands_in_anybody_s_way(enter, staffed, stands, size):
    code = spoken(staffed)
    match stands:
        case "ringing":
            staffed.call("agent", "POST", f"/cases/{code}/calls")
            tell(staffed, "ringing_person")
        case "failed":
            staffed.call("agent", "POST", f"/cases/{code}/calls")
            tell(staffed, "ended", "agent_away")
        case "needs_number":
            staffed.call("agent", "POST", f"/cases/{code}/call-back/tries", result="wrong_number")
        case "tried":
            for _ in range(3):
                staffed.call(
                    "agent", "POST", f"/cases/{code}/call-back/tries", result="no_answer", note="تماس"
                )
    page = enter(f"/cases/{code}", size=size, bypass_csp=True)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_timeout(200)
        picture(page, f"{stands}-{size[0]}-{scheme}")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    if stands != "ringing":
        small = page.evaluate(
            "[...document.querySelectorAll('#call-back :is(button, .button, select)')]"
            ".filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 43).length"
        )
        assert small == 0 or size == DESK
    else:
        tell(staffed, "ended", "failed")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.complaints == []
