"""People of the centre at their desks: employed over the API, signed in through the pages."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page

from tests.flow.running import Flow

SIZE = {"width": 1440, "height": 900}


def employ(flow: Flow, name: str, *roles: str, units: tuple[str, ...]) -> dict[str, Any]:
    """A new member of the staff, with the password that is told once."""
    body = {"username": f"u{secrets.token_hex(4)}", "name": name, "roles": roles, "units": units}
    employed = flow.store.post("/staff", json=body).raise_for_status().json()
    return {"username": body["username"], "password": employed["password"]}


@contextmanager
def at_the_desk(browser: Browser, flow: Flow, account: dict[str, Any], **how: Any) -> Iterator[Page]:  # noqa: ANN401
    """Somebody's own browser: the first sign-in asks for a password of their own."""
    context = browser.new_context(**{"viewport": SIZE, "locale": "fa-IR", **how})
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(flow.url("DESK"))
    page.fill("#username", account["username"])
    page.fill("#password", account["password"])
    page.press("#password", "Enter")
    page.wait_for_selector("#current, .rail", state="attached")
    if page.locator("#current").count():
        own = secrets.token_urlsafe(16)
        for field, value in (("current", account["password"]), ("new", own), ("again", own)):
            page.fill(f"#{field}", value)
        page.press("#again", "Enter")
        page.wait_for_selector("#current", state="detached")
        account["password"] = own
    try:
        yield page
    finally:
        context.close()


def ask_expert(page: Page, question: str) -> None:
    """On a case's page, by its key: the expert of its own unit is asked."""
    page.keyboard.press("f")
    page.select_option("#to", "expert")
    page.fill("#question", question)
    page.click("form[action*='/refer'] button.primary")


def open_first_referral(page: Page, flow: Flow) -> None:
    """What waits the longest on one's watch list."""
    page.goto(f"{flow.url('DESK')}/referrals")
    page.locator(".watched a.question").first.click()
    page.wait_for_selector(".one-referral")


def send_on(page: Page, unit: str, question: str) -> None:
    """On a referral's page: another unit's liaison is asked."""
    page.click("details.verb:has([name=forward_unit]) summary")
    page.select_option("#forward_unit", f"liaison:{unit}")
    page.fill("#forward_question", question)
    page.click("button[value=forward]")


def answer(page: Page, words: str) -> None:
    """On a referral's page: whoever asked is answered."""
    page.fill("#answer_text", words)
    page.click("button[value=answer]")
