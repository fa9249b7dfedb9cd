"""The pages beside the cases in a real browser: a call in twenty seconds, live lists, everybody served."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from envelope.models import Channel
from envelope.parts import estimate
from persian.digits import persian_digits
from tests.browser.office import Office, office
from tests.browser.office_work import fill
from tests.browser.stage import latin

pytestmark = pytest.mark.browser
STROKE = 180
"""Milliseconds between two keys: sixty words a minute, a trained hand and no more."""
SAID = "می‌پرسد فیش حقوق این ماه کی می‌آید"


@pytest.fixture(scope="module")
def staffed(postgres):
    with office(postgres) as built:
        fill(built)
        yield built


@pytest.fixture
def opened():
    """Contexts that a test opened; closed with it."""
    pages: list[Page] = []
    yield pages
    for page in pages:
        page.context.close()


@pytest.fixture
def enter(browser, staffed, opened):
    """`enter("agent", "/register")` → their page."""

    def go(who: str, path: str, **more: object) -> Page:
        page = staffed.page(browser, who, path, **more)
        opened.append(page)
        return page

    return go


@pytest.fixture(scope="module")
def known(staffed: Office) -> dict[str, str]:
    """Addresses of pages that need something to show."""
    code = staffed.case("مستمری مادرم را چرا قطع کرده‌اند؟", sender="+989121110000")
    asked = staffed.call(
        *("agent", "POST", f"/cases/{code}/referrals"),
        tier="liaison",
        unit_id="pensions_office",
        question="علت قطع مستمری بازمانده چیست؟",
    ).json()
    person = staffed.call("agent", "GET", f"/cases/{code}").json()["contact_id"]
    [answer, *_] = staffed.call("supervisor", "GET", "/answers?state=approved").json()["answers"]
    [week, *_] = staffed.call("supervisor", "GET", "/working-weeks").json()
    [ola, *_] = staffed.call("supervisor", "GET", "/olas").json()
    [member, *_] = staffed.call("administrator", "GET", "/staff").json()["staff"]
    named = {"code": code, "referral": asked["id"], "person": person, "answer": answer["id"]}
    news = {"title_fa": "تعطیلی سامانه", "body_fa": "جمعه پاسخ‌گو نیستیم.", "weight": "important"}
    told = staffed.call("supervisor", "POST", "/announcements", **news).json()
    unproven = staffed.case(sender="unproven:+989121110001", account=True, channel=Channel.PORTAL)
    named |= {"announcement": told["id"], "unproven": unproven}
    return named | {"week": week["id"], "ola": ola["id"], "member": member["id"]}


def strokes(page: Page, *typed: str) -> int:
    """Type as a hand does: words letter by letter, `<Enter>` as one key; how many keys it took."""
    count = 0
    for part in typed:
        if part.startswith("<"):
            page.wait_for_timeout(STROKE)
            page.keyboard.press(part.strip("<>"))
            count += 1
        else:
            page.keyboard.type(part, delay=STROKE)
            count += len(part)
    return count


@pytest.mark.alone
def test_a_call_is_registered_and_answered_by_keyboard_in_twenty_seconds(enter, staffed):
    page = enter("agent", "/register")
    page.wait_for_selector("[role=combobox]")
    began = time.monotonic()
    count = strokes(page, "09123334455", "<Enter>", SAID, "<Tab>", "فیش", "<Enter>")
    page.wait_for_selector("[data-use='1']")
    count += strokes(page, "<Alt+1>", "<Control+Enter>")
    code = latin(page.wait_for_selector("#code").inner_text()).replace(" ", "")
    took = time.monotonic() - began

    print(f"{count} keys, {took:.1f} s")
    assert took < 20
    assert count < 60
    case = staffed.call("agent", "GET", f"/cases/{code}").json()
    assert (case["state"], case["topic"], case["channel"]) == ("answered", "pension_payment", "phone")
    assert case["messages"][0]["text"] == SAID
    assert page.evaluate("document.activeElement.getAttribute('href')") == "/register"
    assert page.complaints == []


def test_the_next_call_is_one_key_away_and_finds_nothing_of_the_last(enter):
    page = enter("agent", "/register")
    strokes(page, "<Enter>", "سلام", "<Tab>", "بیکاری", "<Enter>", "<Control+Shift+Enter>")
    page.wait_for_selector("#code")
    page.keyboard.press("Enter")
    page.wait_for_selector("#number:focus")
    assert page.input_value("#text") == ""


def test_a_topic_is_found_by_what_people_call_it_and_the_last_one_comes_first(enter):
    page = enter("agent", "/register")
    finder = page.locator("[role=combobox]")
    finder.fill("وراث")
    assert page.locator("[role=option]").all_inner_texts() == ["مستمری بازماندگان"]
    finder.press("Enter")
    assert page.input_value("#topic") == "survivor_pension"
    page.fill("#text", "دفترچه فرزندم تمدید نمی‌شود")
    finder.focus()
    offered = page.locator("[role=option]").all_inner_texts()
    assert offered[0].startswith("استحقاق درمان")
    assert "از متن" in offered[0]
    assert offered[1].startswith("مستمری بازماندگان")
    finder.press("ArrowDown")
    assert page.locator("[role=option][aria-selected=true]").inner_text() == offered[1]
    finder.press("Escape")
    assert finder.input_value() == "مستمری بازماندگان"


def test_an_open_case_of_the_caller_is_offered_and_gone_on_with(enter, staffed):
    code = staffed.case(sender="+989124440000")
    page = enter("agent", "/register")
    page.fill("#number", "۰۹۱۲ ۴۴۴ ۰۰۰۰")
    page.fill("#text", "دوباره پرسید")
    page.click(f"button[value='continue:{code}']")
    assert latin(page.wait_for_selector("#code").inner_text()).replace(" ", "") == code
    said = staffed.call("agent", "GET", f"/cases/{code}").json()["messages"]
    assert [message["text"] for message in said][-1] == "دوباره پرسید"


def test_a_reload_loses_nothing_that_was_typed(enter):
    page = enter("agent", "/register")
    page.fill("#text", "نیمه‌کاره")
    page.fill("#answer", "پاسخ نیمه")
    page.reload()
    page.wait_for_selector("[role=combobox]")
    assert (page.input_value("#text"), page.input_value("#answer")) == ("نیمه‌کاره", "پاسخ نیمه")


def test_while_the_line_is_cut_the_page_keeps_every_word(enter):
    page = enter("agent", "/register")
    page.fill("#text", "قطع شد")
    page.locator("[role=combobox]").fill("بیکاری")
    page.keyboard.press("Enter")
    page.context.set_offline(True)
    page.click("button[value=refer]")
    page.wait_for_selector(".notice.bad")
    assert page.input_value("#text") == "قطع شد"
    page.context.set_offline(False)
    page.click("button[value=refer]")
    page.wait_for_selector("#code")


def test_the_code_is_copied(enter):
    page = enter("agent", "/register", permissions=["clipboard-read", "clipboard-write"])
    strokes(page, "<Enter>", "سلام", "<Tab>", "بیکاری", "<Enter>", "<Control+Shift+Enter>")
    page.click("[data-copy]")
    page.wait_for_selector("text=رونوشت شد")
    assert page.evaluate("navigator.clipboard.readText()") == page.get_attribute("[data-copy]", "data-copy")


def test_without_script_a_contact_is_registered_all_the_same(enter):
    page = enter("agent", "/register", java_script_enabled=False)
    page.fill("#number", "09125556677")
    page.fill("#text", "بی اسکریپت")
    page.select_option("#topic", "unemployment")
    page.click("button[value=refer]")
    assert page.locator("#code").count() == 1


def test_a_closure_at_a_day_s_notice_takes_two_clicks(enter, staffed):
    page = enter("administrator", "/calendar")
    page.click("label:has-text('آلودگی هوا')")
    page.click("form[action='/calendar'] button.primary")
    page.wait_for_selector(".notice.good")
    tomorrow = (datetime.now(UTC) + timedelta(hours=3.5) + timedelta(days=1)).date().isoformat()
    [day] = staffed.call("administrator", "GET", f"/calendar?from={tomorrow}&to={tomorrow}").json()["days"]
    assert (day["open"], day["words"]) == (False, "آلودگی هوا")


def test_a_new_referral_comes_into_the_watch_list_by_itself(enter, staffed):
    page = enter("liaison", "/referrals")
    page.wait_for_timeout(500)
    code = staffed.case()
    told = {"tier": "liaison", "unit_id": "pensions_office", "question": "این یکی تازه است؟"}
    staffed.call("agent", "POST", f"/cases/{code}/referrals", **told)
    page.wait_for_selector("#rows :text('این یکی تازه است؟')")


def test_the_supervisor_s_figures_follow_and_a_case_is_given_from_there(enter, staffed):
    page = enter("supervisor", "/supervision")
    page.wait_for_timeout(500)
    figure = page.locator(".figure").nth(2).locator(".figure-number")
    before = int(latin(figure.inner_text()))
    staffed.case()
    page.wait_for_selector(f".figure:nth-child(3) .figure-number:text-is('{persian_digits(before + 1)}')")
    page.locator(".glance-case a:has-text('سپردن')").first.click()
    page.select_option("#staff_id", label=page.locator("#staff_id option").first.inner_text())
    page.click(".assign button.primary")
    page.wait_for_selector(".notice.good:has-text('سپرده شد')")


@pytest.mark.parametrize("text", ["سلام", "م" * 71, "a" * 161, "{" * 81, "👏" * 36])
def test_the_parts_of_a_standard_answer_are_counted_as_one_types(enter, text):
    page = enter("supervisor", "/answers/new")
    page.fill("#text", text)
    assert f" {estimate(text).parts} " in latin(page.inner_text(".meter"))


PAGES = {
    "register": ("agent", "/register"),
    "search": ("agent", "/search"),
    "referrals": ("liaison", "/referrals"),
    "referral": ("liaison", "/referrals/{referral}"),
    "supervision": ("supervisor", "/supervision"),
    "assign": ("supervisor", "/supervision/assign/{code}"),
    "answers": ("supervisor", "/answers"),
    "answer": ("supervisor", "/answers/{answer}"),
    "answer-edit": ("supervisor", "/answers/{answer}/edit"),
    "calendar": ("administrator", "/calendar?month=1406-01"),
    "weeks": ("administrator", "/calendar/weeks/{week}"),
    "allowances": ("administrator", "/allowances/{ola}"),
    "organisation": ("administrator", "/organisation"),
    "unit": ("administrator", "/organisation/units/pensions_office"),
    "staff": ("administrator", "/staff"),
    "member": ("administrator", "/staff/{member}"),
    "audit": ("administrator", "/audit"),
    "person": ("agent", "/people/{person}"),
    "announcements": ("supervisor", "/announcements"),
    "announcement": ("supervisor", "/announcements/{announcement}"),
    "unreachable": ("agent", "/cases/{unproven}"),
}


@pytest.mark.parametrize("size", [(390, 844), (1440, 900)])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_that_axe_finds_stands_in_anybody_s_way(enter, known, name, size):
    who, path = PAGES[name]
    # The scanner brings its own script, which the page's policy rightly refuses to others.
    page = enter(who, path.format(**known), size=size, bypass_csp=True)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_timeout(200)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.complaints == []


@pytest.mark.parametrize("name", ["register", "supervision", "calendar", "referral", "weeks"])
def test_on_a_phone_everything_is_large_enough_to_touch(enter, known, name):
    who, path = PAGES[name]
    page = enter(who, path.format(**known), size=(390, 844))
    small = page.evaluate(
        "[...document.querySelectorAll('main :is(button, .button, select, .chip, .choice, summary)')]"
        ".filter(one => one.checkVisibility() && !one.matches('.hidden'))"
        ".filter(one => one.getBoundingClientRect().height < 43.5)"
        ".map(one => one.outerHTML.slice(0, 120))"
    )
    assert small == []
