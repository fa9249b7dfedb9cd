"""Takes the desk's pictures for docs/ from the running flow: `python -m tests.browser.desk_pictures docs`.

Nothing is staged: people type on phones of the simulated world, staff of invented names work on what comes.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, expect

from tests.browser.smaller import make_smaller
from tests.browser.stage import chromium
from tests.flow.office import answer, ask_expert, at_the_desk, employ, open_first_referral, send_on
from tests.flow.running import Flow, code_in, running_flow, until

SAMPLE: Final = Path("tests/router/messages-labelled.jsonl")
SECTIONS: Final = ("insurance", "retirement", "treatment")
PHONE: Final[dict[str, Any]] = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}
ASKED: Final = (
    "سلام. سال ۸۷ تا ۸۹ عسلویه کار کردم ولی در سوابقم فقط ۴ ماهش آمده. شرکت هم منحل شده. چطور ثابت کنم؟"
)
TO_EXPERT: Final = "سابقهٔ کارگاه منحل‌شده با چه مدرکی ثبت می‌شود؟"
TO_LIAISON: Final = "لیست‌های این کارگاه در سال‌های ۸۷ تا ۸۹ موجود است؟"
FROM_LIAISON: Final = "لیست‌های ۱۳۸۷ و ۱۳۸۸ موجود است؛ برای ۱۳۸۹ رأی هیئت تشخیص لازم است."
FROM_EXPERT: Final = "دو سال نخست ثبت می‌شود؛ برای سال سوم رأی هیئت تشخیص ادارهٔ کار لازم است."
REPLY: Final = (
    "با سلام؛ سابقهٔ سال‌های ۸۷ و ۸۸ شما ثبت می‌شود. برای سال ۸۹ رأی هیئت تشخیص ادارهٔ کار را به شعبه ببرید."
)
HALF: Final = "با سلام؛ پیگیری کردیم:"


def take(flow: Flow, browser: Browser, folder: Path) -> None:
    """A morning of an office, and the pages as its people see them then."""
    for number, line in enumerate(SAMPLE.read_text().splitlines()[:90]):
        flow.write(f"0912{number:05d}55", json.loads(line)["text"])
    code = typed_on_the_phone(flow, browser)
    maryam = employ(flow, "مریم احمدی", "agent", units=SECTIONS)
    reza = employ(flow, "رضا کریمی", "agent", units=SECTIONS)
    boss = employ(flow, "زهرا کاظمی", "supervisor", "administrator", units=SECTIONS)
    with at_the_desk(browser, flow, reza) as page:
        begin_some(page, flow, "insurance", 2)
        begin_some(page, flow, "retirement", 1)
        answer_one(page, flow)
    with at_the_desk(browser, flow, maryam) as page:
        all_the_way(page, flow, browser, code)
        shot(page, flow, f"/cases/{code}?list=insurance", folder / "desk-case.png")
        begin_some(page, flow, "insurance", 1)
        shot(page, flow, "/queues?list=all", folder / "desk-queues.png")
        shot(page, flow, "/register", folder / "desk-register.png")
    with at_the_desk(browser, flow, maryam, **PHONE) as page:
        shot(page, flow, f"/cases/{code}", folder / "desk-phone.png")
    with at_the_desk(browser, flow, maryam, color_scheme="dark") as page:
        half_written(page, flow, folder / "desk-case-dark.png")
    with at_the_desk(browser, flow, boss) as page:
        shot(page, flow, "/supervision", folder / "desk-supervision.png")
        shot(page, flow, "/calendar", folder / "desk-calendar.png")


def typed_on_the_phone(flow: Flow, browser: Browser) -> str:
    """Somebody asks on the page of the phone; the code that they are sent."""
    page = browser.new_page(**PHONE, locale="fa-IR")
    page.goto(flow.url("SIMULATOR"))
    page.wait_for_selector("#messages[aria-busy=false]", state="attached")
    page.fill("#text", ASKED)
    page.press("#text", "Enter")
    code = code_in(page.wait_for_selector(".theirs .text", timeout=30_000).inner_text())
    page.close()
    return code


def begin_some(page: Page, flow: Flow, desk: str, many: int) -> None:
    """The first cases of a desk that nobody has are claimed."""
    for _ in range(many):
        page.goto(f"{flow.url('DESK')}/queues?list={desk}&show=unclaimed")
        page.locator(".row-case .claim").first.click()
        expect(page.locator("#case-head")).to_contain_text("در دست شما")


def answer_one(page: Page, flow: Flow) -> None:
    """The first standard answer is what one of them is told."""
    begin_some(page, flow, "retirement", 1)
    page.locator(".suggestion").first.click()
    page.click(".send")
    expect(page.locator("#notices")).to_contain_text("پاسخ فرستاده شد")


def all_the_way(page: Page, flow: Flow, browser: Browser, code: str) -> None:
    """Claimed, asked of the expert and of the liaison, answered back down, written to the person, arrived."""
    expert = employ(flow, "سارا مرادی", "expert", units=SECTIONS)
    liaison = employ(flow, "حسین رضایی", "liaison", units=("contributions_office",))
    page.goto(f"{flow.url('DESK')}/cases/{code}")
    page.keyboard.press("c")
    expect(page.locator("#case-head")).to_contain_text("در دست شما")
    ask_expert(page, TO_EXPERT)
    until(lambda: flow.case(code)["state"] == "referred")
    with at_the_desk(browser, flow, expert) as at_expert:
        open_first_referral(at_expert, flow)
        send_on(at_expert, "contributions_office", TO_LIAISON)
        until(lambda: len(flow.case(code)["referrals"]) > 1)
        with at_the_desk(browser, flow, liaison) as at_liaison:
            open_first_referral(at_liaison, flow)
            answer(at_liaison, FROM_LIAISON)
            until(lambda: "answered" in [row["state"] for row in flow.case(code)["referrals"]])
        open_first_referral(at_expert, flow)
        answer(at_expert, FROM_EXPERT)
        until(lambda: flow.case(code)["state"] == "open")
    expect(page.locator("#conversation")).to_contain_text(FROM_EXPERT)
    page.fill("#text", REPLY)
    page.press("#text", "Control+Enter")
    expect(page.locator("#conversation .said.us:not(.by-itself) .delivery.delivered")).to_be_visible()


def half_written(page: Page, flow: Flow, file: Path) -> None:
    """An answer being written, with what is suggested beside it."""
    begin_some(page, flow, "retirement", 1)
    page.fill("#text", HALF)
    page.locator(".suggestion").first.click()
    expect(page.locator(".draft-state")).to_have_text("پیش‌نویس ذخیره شد")
    photograph(page, file)


def shot(page: Page, flow: Flow, path: str, file: Path) -> None:
    """A page as it stands when everything has come."""
    page.goto(flow.url("DESK") + path)
    photograph(page, file)


def photograph(page: Page, file: Path) -> None:
    """Without what passes by: notices fade, and nothing blinks."""
    page.wait_for_timeout(1_200)
    page.evaluate("document.activeElement.blur()")
    page.evaluate("document.getElementById('notices').replaceChildren()")
    page.screenshot(path=file)
    make_smaller(file)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as state, running_flow(Path(state)) as running, chromium() as opened:
        take(running, opened, Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
