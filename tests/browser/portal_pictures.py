"""Takes the portal's pictures from the running flow: `python -m tests.browser.portal_pictures docs`.

Nothing is staged: somebody asks on a phone, a member of the staff answers at the desk, an announcement is up.
"""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, expect

from tests.browser.smaller import make_smaller
from tests.browser.stage import chromium
from tests.flow.office import at_the_desk, employ
from tests.flow.portal import FORM, TEXT, code_shown, hand_over, prove
from tests.flow.running import Flow, running_flow, until

NUMBER: Final = "09121234567"
REPLY: Final = (
    "با سلام؛ پرداخت شما به دلیل تغییر شمارهٔ حساب برگشته بود و امروز دوباره به حساب تازه‌تان واریز شد."
)
ANNOUNCED: Final = {
    "title_fa": "شعبه‌ها پنج‌شنبه ۵ آذر تا ساعت ۱۲ باز است",
    "body_fa": "این پورتال و شمارهٔ ۱۴۲۰ مثل همیشه پاسخ می‌دهد.",
    "weight": "info",
}
PHONE: Final[dict[str, Any]] = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}
DESK: Final[dict[str, Any]] = {"viewport": {"width": 1280, "height": 900}}


def take(flow: Flow, browser: Browser, folder: Path) -> None:
    """From the front door to the answer, as one person sees it."""
    announced = {**ANNOUNCED, "from": datetime.now(UTC).isoformat()}
    flow.store.post("/announcements", json=announced).raise_for_status()
    url = flow.url("GATEWAY_PORTAL")
    context = browser.new_context(**PHONE, locale="fa-IR")
    page = context.new_page()
    page.goto(url)
    photograph(page, folder / "portal-home.png")
    page.goto(url + FORM.removesuffix("&answer=read"))
    photograph(page, folder / "portal-answer.png")
    page.goto(url + FORM)
    hand_over(page, NUMBER)
    prove(page, flow, NUMBER)
    code = code_shown(page)
    photograph(page, folder / "portal-code.png")
    answer(flow, browser, code)
    page.goto(f"{url}/cases/{code}")
    expect(page.locator(".talk .us")).to_contain_text(REPLY)
    photograph(page, folder / "portal-case.png")
    cookies = context.cookies()
    context.close()
    for scheme, path, name in (("light", "/", "portal-desk"), ("dark", f"/cases/{code}", "portal-dark")):
        wide = browser.new_context(**DESK, locale="fa-IR", color_scheme=scheme)
        wide.add_cookies(cookies)  # type: ignore[arg-type]  # what one context gives, another takes
        page = wide.new_page()
        page.goto(url + path)
        photograph(page, folder / f"{name}.png")
        wide.close()


def answer(flow: Flow, browser: Browser, code: str) -> None:
    """Somebody of the section answers."""
    until(lambda: flow.store.get(f"/cases/{code}").is_success)
    agent = employ(flow, "مریم احمدی", "agent", units=("retirement",))
    with at_the_desk(browser, flow, agent) as desk:
        desk.goto(f"{flow.url('DESK')}/cases/{code}")
        expect(desk.locator("#conversation")).to_contain_text(TEXT)
        desk.keyboard.press("c")
        expect(desk.locator("#case-head")).to_contain_text("در دست شما")
        desk.fill("#text", REPLY)
        desk.press("#text", "Control+Enter")
        expect(desk.locator("#conversation .said.us").last).to_contain_text(REPLY)


def photograph(page: Page, file: Path) -> None:
    """The whole page when its font has come."""
    page.wait_for_timeout(600)
    page.screenshot(path=file, full_page=True)
    make_smaller(file)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as state, running_flow(Path(state)) as running, chromium() as opened:
        take(running, opened, Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
