"""Takes the desk's pictures for docs/ from the running flow: `python -m tests.browser.desk_pictures docs`."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page

from tests.browser.stage import chromium
from tests.flow.office import at_the_desk, employ
from tests.flow.running import Flow, running_flow, until

SAMPLE: Final = Path("tests/router/messages-labelled.jsonl")
ASKED: Final = "سلام. سال ۸۷ تا ۸۹ عسلویه کار کردم ولی تو سوابقم فقط ۴ ماهش اومده. چطور ثابت کنم؟"
QUESTION: Final = "لیست‌های این کارگاه برای سال‌های ۸۷ تا ۸۹ رسیده است؟"
ONWARD: Final = "لیست‌های ارسالی این کارگاه در بایگانی شعبه هست؟"
FROM_LIAISON: Final = "لیست ۸۷ و ۸۸ هست؛ برای ۸۹ رأی هیئت تشخیص مطالبات لازم است."
FROM_EXPERT: Final = "دو سال نخست از روی لیست ثبت می‌شود؛ برای سال ۸۹ قرارداد یا فیش حقوقی بیاورد."
REPLY: Final = "با سلام؛ سابقهٔ ۸۷ و ۸۸ ثبت شد. برای سال ۸۹ قرارداد کار یا فیش حقوقی را به شعبه ببرید."
OWN: Final = "09121234567"


def prepare(flow: Flow) -> str:
    """A desk with work on it: messages of many people, and one case that went up to a liaison and back."""
    for number, line in enumerate(SAMPLE.read_text().splitlines()[:60]):
        flow.push_mo(f"0912{number:05d}55", json.loads(line)["text"])
    flow.write(OWN, ASKED)
    [case] = until(lambda: flow.cases_of(OWN))
    code = str(case["tracking_code"])
    asked = post(flow, f"/cases/{code}/referrals", tier="expert", question=QUESTION)
    onward = {"tier": "liaison", "unit_id": "contributions_office", "question": ONWARD}
    post(flow, f"/referrals/{asked['id']}/forward", **onward)
    below = next(row for row in flow.case(code)["referrals"] if row["tier"] == "liaison")
    post(flow, f"/referrals/{below['id']}/answer", text=FROM_LIAISON)
    post(flow, f"/referrals/{asked['id']}/answer", text=FROM_EXPERT)
    return code


def post(flow: Flow, path: str, **body: str) -> dict[str, str]:
    """As the centre's other systems do."""
    return dict(flow.store.post(path, json=body).raise_for_status().json())


def take(flow: Flow, browser: Browser, folder: Path) -> None:
    """The pages of an agent and of a supervisor, at the size of a desk; two at that of a phone."""
    code = prepare(flow)
    agent = employ(flow, "مریم احمدی", "agent", units=("insurance",))
    boss = employ(flow, "زهرا کاظمی", "supervisor", "administrator", units=("insurance",))
    with at_the_desk(browser, flow, agent) as page:
        shot(page, flow, "/queues", folder / "desk-queues.png")
        page.goto(f"{flow.url('DESK')}/cases/{code}?queue=insurance")
        page.keyboard.press("c")
        page.wait_for_selector("form[action*='/release']", state="attached")
        page.fill("#text", REPLY)
        page.press("#text", "Control+Enter")
        page.wait_for_selector("#conversation .said.us .delivery.delivered >> nth=1")
        shot(page, flow, f"/cases/{code}?queue=insurance", folder / "desk-case.png")
        shot(page, flow, "/register", folder / "desk-register.png")
        page.set_viewport_size({"width": 390, "height": 844})
        shot(page, flow, f"/cases/{code}", folder / "desk-phone.png")
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
