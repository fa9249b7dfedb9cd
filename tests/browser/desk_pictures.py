"""Takes the desk's pictures for docs/ from the running flow: `python -m tests.browser.desk_pictures docs`."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page

from tests.browser.stage import chromium
from tests.flow.office import at_the_desk, employ
from tests.flow.running import Flow, running_flow

SAMPLE: Final = Path("tests/router/messages-labelled.jsonl")


def take(flow: Flow, browser: Browser, folder: Path) -> None:
    """The pages of an agent and of a supervisor on a desk with work to do, at the size of a screen."""
    for number, line in enumerate(SAMPLE.read_text().splitlines()[:60]):
        flow.push_mo(f"0912{number:05d}55", json.loads(line)["text"])
    agent = employ(flow, "مریم احمدی", "agent", units=("insurance",))
    boss = employ(flow, "زهرا کاظمی", "supervisor", "administrator", units=("insurance",))
    with at_the_desk(browser, flow, agent) as page:
        shot(page, flow, "/register", folder / "desk-register.png")
    with at_the_desk(browser, flow, boss) as page:
        shot(page, flow, "/supervision", folder / "desk-supervision.png")
        shot(page, flow, "/calendar", folder / "desk-calendar.png")


def shot(page: Page, flow: Flow, path: str, file: Path) -> None:
    """A page as it stands when everything has come."""
    page.goto(flow.url("DESK") + path)
    page.wait_for_timeout(1_200)
    page.evaluate("document.activeElement.blur()")
    page.screenshot(path=file)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as state, running_flow(Path(state)) as running, chromium() as opened:
        take(running, opened, Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
