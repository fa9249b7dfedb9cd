"""Takes the README's picture from the running flow: `python -m tests.browser.screenshot docs/phone.png`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.stage import chromium
from tests.flow.running import Flow, running_flow, until

OWN = "09121234567"
ASKED = "سلام. سال ۸۷ تا ۸۹ عسلویه کار کردم ولی تو سوابقم فقط ۴ ماهش اومده. چطور ثابت کنم؟"
REPLY = "با سلام؛ قرارداد یا فیش حقوقی آن سال‌ها را به شعبه ببرید تا سوابق شما بررسی و ثبت شود."


def take(flow: Flow, path: Path, size: tuple[int, int], scheme: str = "light") -> None:
    """Ask, be acknowledged, be answered by staff, ask how the case stands; then take the picture."""
    with chromium() as browser:
        page = browser.new_page(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            device_scale_factor=2,
            locale="fa-IR",
        )
        page.goto(flow.url("SIMULATOR"))
        page.wait_for_selector("#messages[aria-busy=false]", state="attached")
        say(page, ASKED, answers=1)
        [case] = until(lambda: flow.cases_of(OWN))
        reply = {"text": REPLY, "author": "agent-7"}
        flow.store.post(f"/cases/{case['tracking_code']}/replies", json=reply).raise_for_status()
        page.wait_for_selector(".theirs >> nth=1")
        say(page, case["tracking_code"], answers=3)
        page.evaluate("document.activeElement.blur()")
        page.wait_for_timeout(600)
        page.screenshot(path=path)


def say(page: Page, text: str, answers: int) -> None:
    """Type a message and wait until so many answers are on the screen."""
    page.fill("#text", text)
    page.press("#text", "Enter")
    page.wait_for_selector(f".theirs >> nth={answers - 1}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, running_flow(Path(folder)) as running:
        take(running, Path(sys.argv[1] if len(sys.argv) > 1 else "docs/phone.png"), (1280, 860))
