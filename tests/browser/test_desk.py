"""The desk in a real browser, on a real store: by keyboard, live, and with nothing typed ever lost."""

from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route

from desk.reading.moments import left
from envelope.models import Channel
from envelope.parts import estimate
from persian.digits import persian_digits
from tests.browser.office import Office, office
from tests.browser.office_work import delivered, fill, long_story
from tests.browser.stage import latin
from tests.case_store.conftest import routed
from tests.simulator.live import wait_for

pytestmark = pytest.mark.browser
ANSWER = "با سلام؛ مستمری این ماه فردا واریز می‌شود."


@pytest.fixture(scope="module")
def staffed(postgres):
    with office(postgres) as built:
        fill(built)
        yield built


@pytest.fixture(scope="module")
def story(staffed: Office) -> str:
    return long_story(staffed)


@pytest.fixture
def opened():
    """Contexts that a test opened; closed with it."""
    pages: list[Page] = []
    yield pages
    for page in pages:
        page.context.close()


@pytest.fixture
def enter(browser, staffed, opened):
    """`enter("agent", "/queues")` → their page."""

    def go(who: str | None, path: str = "/", **more: object) -> Page:
        page = staffed.page(browser, who, path, **more)
        opened.append(page)
        return page

    return go


def replies(staffed: Office, code: str) -> list[str]:
    case = staffed.call("supervisor", "GET", f"/cases/{code}").json()
    return [sent["text"] for sent in case["outbound_messages"] if sent["purpose"] == "reply"]


def answered(page: Page) -> None:
    page.wait_for_selector(".notice.good:has-text('پاسخ فرستاده شد')")


def test_a_case_is_opened_claimed_answered_and_left_by_the_keyboard_alone(enter, staffed):
    code = staffed.case()
    page = enter("agent", "/queues?list=retirement&show=new")
    page.wait_for_selector(f"#row-{code}")
    while page.evaluate("document.activeElement.id") != f"row-{code}":
        page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#case[data-code='{code}']")
    page.keyboard.press("c")
    page.wait_for_selector("#case-head:has-text('در دست شما')")
    page.wait_for_selector(".suggestion")
    page.keyboard.press("r")
    page.keyboard.type("سلام")
    page.keyboard.press("Alt+1")
    text = page.input_value("#text")
    assert text.startswith("سلام\n")
    assert len(text) > 20
    page.keyboard.press("Control+Enter")
    answered(page)

    assert replies(staffed, code) == [text]
    assert page.complaints == []


def test_a_standard_answer_is_inserted_with_one_key_and_counted(enter, staffed):
    code = staffed.case()
    page = enter("agent", f"/cases/{code}")
    page.wait_for_selector(".suggestion")
    page.keyboard.press("1")
    title = page.locator(".suggestion strong").first.inner_text()
    page.click(".send")
    answered(page)

    listed = staffed.call("agent", "GET", f"/answers?q={title}").json()["answers"]
    assert any(answer["uses"] >= 1 for answer in listed)


def test_the_keys_are_shown_and_do_nothing_while_one_writes(enter, staffed):
    code = staffed.case()
    page = enter("agent", f"/cases/{code}")
    page.keyboard.press("Shift+Slash")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.type("cfn/")
    assert page.input_value("#text") == "cfn/"
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    page.wait_for_selector("form[action$='/refer']:visible")
    assert page.evaluate("document.activeElement.id") == "to"


def test_what_others_do_appears_by_itself(enter, staffed):
    code = staffed.case()
    page = enter("agent", f"/cases/{code}?list=retirement&show=new")
    page.fill("#text", "نیمه‌کاره")
    page.wait_for_timeout(500)
    staffed.call("colleague", "POST", f"/cases/{code}/claim")
    staffed.call("colleague", "POST", f"/cases/{code}/notes", text="من می‌نویسم")

    page.wait_for_selector(".said.note:has-text('من می‌نویسم')")
    page.wait_for_selector("#case-head:has-text('در دست رضا کریمی')")
    page.wait_for_selector(f"#row-{code}", state="detached")
    assert page.input_value("#text") == "نیمه‌کاره"
    assert page.is_visible(".reply-stale")


def test_a_new_case_comes_into_the_list_and_the_count(enter, staffed):
    page = enter("agent", "/queues?list=retirement&show=new")
    page.wait_for_timeout(500)
    before = int(latin(page.locator("#counts [aria-current] .count").inner_text()))
    code = staffed.case()

    page.wait_for_selector(f"#row-{code}", state="attached")
    page.wait_for_selector(f"#counts [aria-current] .count:text-is('{persian_digits(before + 1)}')")


def test_of_two_who_claim_the_second_is_told_who_has_it(enter, staffed):
    code = staffed.case()
    page = enter("agent", f"/cases/{code}")
    page.route("**/events", lambda route: route.abort())
    page.reload()
    staffed.call("colleague", "POST", f"/cases/{code}/claim")
    page.keyboard.press("c")

    page.wait_for_selector(".notice:has-text('این پرونده را پیش از شما رضا کریمی برداشت')")


def test_of_two_answers_the_second_is_shown_the_first_and_keeps_its_text(enter, staffed):
    code = staffed.case()
    page = enter("agent", f"/cases/{code}")
    page.route("**/events", lambda route: route.abort())
    page.reload()
    page.fill("#text", ANSWER)
    staffed.call("colleague", "POST", f"/cases/{code}/replies", text="پاسخ همکار")
    page.click(".send")

    page.wait_for_selector("#reply-trouble:has-text('پاسخ همکار')")
    assert page.input_value("#text") == ANSWER
    page.click(".send")
    answered(page)
    assert replies(staffed, code) == ["پاسخ همکار", ANSWER]


def test_a_double_click_sends_once(enter, staffed):
    code = staffed.case()
    page = enter("agent", f"/cases/{code}")
    page.fill("#text", ANSWER)
    page.dblclick(".send")
    answered(page)
    page.wait_for_timeout(300)

    assert replies(staffed, code) == [ANSWER]


def test_what_is_typed_without_a_connection_is_kept_here_and_then_there(enter, staffed):
    code = staffed.case()
    page = enter("agent", f"/cases/{code}")
    page.context.set_offline(True)
    page.fill("#text", ANSWER)
    page.wait_for_selector(".draft-state:has-text('روی همین دستگاه')")
    page.click(".send")
    page.wait_for_selector("#notices:has-text('فرستاده نشد')")
    assert page.input_value("#text") == ANSWER
    page.context.set_offline(False)
    page.wait_for_selector(".draft-state:has-text('ذخیره شد')")

    page.reload()
    assert page.input_value("#text") == ANSWER
    other = enter("agent", f"/cases/{code}")
    assert other.input_value("#text") == ANSWER
    assert replies(staffed, code) == []


def test_an_answer_sent_in_the_same_breath_is_not_in_the_box_again(enter, staffed):
    code = staffed.case()
    page = enter("agent", f"/cases/{code}")
    page.fill("#text", ANSWER)
    page.press("#text", "Control+Enter")
    answered(page)
    page.wait_for_timeout(1_500)

    assert page.input_value("#text") == ""
    assert staffed.call("agent", "GET", f"/cases/{code}").json()["draft"] is None


def test_a_page_left_before_it_heard_that_its_answer_went_does_not_offer_it_again(enter, staffed):
    code = staffed.case()
    page = enter("agent", f"/cases/{code}")
    page.route("**/replies", lambda route: route.fetch(max_redirects=0) and None)
    page.fill("#text", ANSWER)
    page.press("#text", "Control+Enter")
    wait_for(lambda: replies(staffed, code) or page.wait_for_timeout(50))
    page.goto(f"{staffed.url}/cases/{code}")
    page.wait_for_timeout(1_200)

    assert page.input_value("#text") == ""
    assert staffed.call("agent", "GET", f"/cases/{code}").json()["draft"] is None


def test_a_draft_that_was_under_way_while_its_answer_went_does_not_come_back(enter, staffed):
    code = staffed.case()
    page = enter("agent", f"/cases/{code}")
    held: list[Route] = []
    page.route(
        "**/draft", lambda one: one.continue_() if one.request.post_data == "text=" else held.append(one)
    )
    page.fill("#text", ANSWER)
    wait_for(lambda: held or page.wait_for_timeout(50))
    page.click(".send")
    answered(page)
    with page.expect_response("**/draft") as late:
        held[0].continue_()
    assert late.value.status == 204

    def draft() -> object:
        page.wait_for_timeout(100)
        return staffed.call("agent", "GET", f"/cases/{code}").json()["draft"]

    wait_for(lambda: draft() is None)
    page.reload()
    assert page.input_value("#text") == ""
    assert replies(staffed, code) == [ANSWER]


def test_a_page_left_in_the_middle_of_a_word_has_it_when_it_is_back(enter, staffed):
    code = staffed.case()
    page = enter("agent", f"/cases/{code}")
    page.route("**/draft", lambda route: route.abort())
    page.fill("#text", "نیمه")
    page.goto(f"{staffed.url}/queues")
    page.goto(f"{staffed.url}/cases/{code}")

    assert page.input_value("#text") == "نیمه"


def test_a_lost_connection_is_told_quietly_and_caught_up_with(enter, staffed):
    code = staffed.case()
    page = enter("agent", "/mine")
    page.route("**/events", lambda route: route.abort())
    page.goto(f"{staffed.url}/cases/{code}")
    page.wait_for_selector("#connection:visible", timeout=15_000)
    staffed.call("colleague", "POST", f"/cases/{code}/notes", text="در این میان")
    page.unroute("**/events")

    page.wait_for_selector(".said.note:has-text('در این میان')", timeout=20_000)
    assert page.locator("#connection").is_hidden()


def test_all_of_it_works_without_script(enter, staffed):
    code = staffed.case()
    page = enter("agent", "/queues?list=retirement", java_script_enabled=False)
    page.goto(f"{staffed.url}/queues?list=retirement&show=new")
    page.click(f"form[action^='/cases/{code}/claim'] button")
    assert "در دست شما" in page.inner_text("#case-head")
    page.goto(f"{staffed.url}/cases/{code}/suggestions")
    page.click(".suggestion >> nth=0")
    text = page.input_value("#text")
    page.click(".send")
    assert "پاسخ فرستاده شد" in page.inner_text("#notices")
    assert replies(staffed, code) == [text]
    page.click("summary:has-text('یادداشت')")
    page.fill("#note-text", "بدون اسکریپت")
    page.click("form[action*='/note'] button")
    assert "بدون اسکریپت" in page.inner_text("#conversation")


@pytest.mark.parametrize(
    "text", ["", "سلام", "م" * 70, "م" * 71, "م" * 135, "a" * 160, "a" * 161, "{" * 81, "a\u200cb", "👏" * 36]
)
def test_the_parts_shown_are_the_parts_that_go(enter, story, text):
    page = enter("agent", f"/cases/{story}")
    page.fill("#text", text)
    shown = latin(page.inner_text("#meter"))
    assert shown == "" if not text else f"{estimate(text).parts} پیامک" in shown


@pytest.mark.parametrize("language", ["fa", "en"])
def test_a_deadline_ticks_in_the_words_of_the_server(enter, story, language):
    page = enter("agent", f"/cases/{story}")
    page.context.add_cookies([{"name": "payam_language", "value": language, "url": page.url}])
    page.reload()
    now = datetime(2026, 11, 21, 8, tzinfo=UTC)
    for minutes in (-4000, -61, -1, 0, 1, 59, 60, 61, 1439, 1440, 1500, 99_999):
        told = page.evaluate(
            "async gap => (await import(document.querySelector('script[type=module]').src"
            ".replace('desk.js', 'ticking.js'))).left(gap)",
            minutes * 60_000,
        )
        assert told == left(now + timedelta(minutes=minutes), language, now)


def test_a_voice_message_and_the_delivery_of_an_answer_are_shown(enter, staffed):
    code = staffed.case("", channel=Channel.VOICE)
    staffed.call("agent", "POST", f"/cases/{code}/replies", text=ANSWER)
    staffed.do(delivered)
    page = enter("agent", f"/cases/{code}")

    assert "رسیده" in page.inner_text(".said.us:not(.by-itself) .delivery")
    assert "پیام صوتی" in page.inner_text(".said.citizen")


def test_that_an_answer_has_arrived_is_told_to_its_page_at_once_and_to_no_list(enter, staffed):
    code = staffed.case()
    page = enter("agent", f"/cases/{code}?list=retirement&show=answered")
    page.fill("#text", ANSWER)
    page.click(".send")
    page.wait_for_selector(".said.us:not(.by-itself) .delivery.pending")
    page.wait_for_timeout(1_500)  # what the answer itself stirred has settled
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    staffed.do(delivered)

    page.wait_for_selector(".said.us:not(.by-itself) .delivery.delivered", timeout=5_000)
    assert [url for url in asked if "/queues" in url] == []  # no list is read again for it


def test_signing_in_asks_for_nothing_twice_and_holds_no_password(enter, staffed):
    page = enter(None, "/queues")
    assert page.url.endswith("/login?next=/queues")
    page.fill("#username", "nobody")
    page.fill("#password", "wrong words")
    page.keyboard.press("Enter")
    page.wait_for_selector("#login-fault:has-text('ورود انجام نشد')")

    assert page.input_value("#username") == "nobody"
    assert "wrong words" not in page.content()


def test_the_desk_asks_nobody_else_for_anything(enter, staffed, story):
    page = enter("agent", "/queues")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/queues", f"/cases/{story}?list=insurance", "/profile"):
        page.goto(staffed.url + path)
        page.wait_for_timeout(300)

    assert asked
    assert all(url.startswith(staffed.url) for url in asked)
    assert page.complaints == []


PAGES = {
    "login": (None, "/login"),
    "queues": ("supervisor", "/queues?list=all"),
    "empty": ("agent", "/queues?list=retirement&show=closed"),
    "mine": ("agent", "/mine"),
    "case": ("agent", "/cases/{story}?list=insurance"),
    "asked": ("liaison", "/cases/{story}"),
    "history": ("agent", "/cases/{story}/history"),
    "deadlines": ("agent", "/cases/{story}/deadlines"),
    "profile": ("agent", "/profile"),
    "password": ("agent", "/profile/password"),
    "nowhere": ("agent", "/cases/0000000000"),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(390, 844), (1440, 900)])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_that_axe_finds_stands_in_anybodys_way(enter, story, name, size, scheme):
    who, path = PAGES[name]
    # The scanner brings its own script, which the page's policy rightly refuses to others.
    page = enter(who, path.format(story=story), size=size, color_scheme=scheme, bypass_csp=True)
    page.wait_for_timeout(400)

    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_words_for_the_ear_alone_never_widen_a_page(enter):
    page = enter("supervisor", "/queues?list=all", size=(390, 844))
    page.evaluate(
        "document.querySelectorAll('.chips').forEach(chips => chips.lastElementChild"
        ".insertAdjacentHTML('beforeend', '<b class=\"badge\"><span class=\"hidden\">دیرشده</span></b>'))"
    )

    assert page.evaluate("[...document.querySelectorAll('.chips')].some(c => c.scrollWidth > c.clientWidth)")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_on_a_phone_everything_is_large_enough_to_touch(enter, story):
    page = enter("agent", f"/cases/{story}?list=insurance", size=(390, 844))
    small = page.evaluate(
        "[...document.querySelectorAll('button, summary.button, .button, .tabs a, select, .chip')]"
        ".filter(one => one.checkVisibility()).filter(one => one.getBoundingClientRect().height < 43.5)"
        ".map(one => one.outerHTML.slice(0, 120))"
    )
    assert small == []


def test_a_citizen_s_markup_and_direction_tricks_stay_text(enter, staffed):
    trick = "<img src=x onerror=alert(1)> \u202eدوست\u202c <b>x</b>"
    code = staffed.case(trick)
    page = enter("agent", f"/cases/{code}?list=retirement")
    text = page.locator(".said.citizen .said-text")
    assert text.text_content() == trick
    assert text.evaluate("node => getComputedStyle(node).unicodeBidi") == "plaintext"
    assert page.locator("#conversation img, #conversation b, #rows b").count() == 0
    assert page.complaints == []


def test_a_supervisor_gives_a_case_to_a_colleague_by_name(enter, staffed):
    code = staffed.case()
    page = enter("supervisor", f"/cases/{code}")
    page.click(".act:last-child summary")
    page.select_option("select#staff_id", label="رضا کریمی")
    page.click("form[action*='/assign'] button")
    page.wait_for_selector("#case-head:has-text('در دست رضا کریمی')")


def test_why_a_deadline_is_where_it_is_unfolds_beside_it(enter, staffed):
    page = enter("agent", f"/cases/{staffed.case()}")
    page.click(".why summary")
    page.wait_for_selector(".day.received:has-text('روز دریافت')")


def test_a_message_that_comes_while_one_writes_is_seen_before_the_answer_goes(enter, staffed):
    sender = "+989129998877"
    code = staffed.case(sender=sender)
    page = enter("agent", f"/cases/{code}")
    page.fill("#text", ANSWER)
    page.wait_for_timeout(500)
    staffed.do(lambda store: store.file(routed("حل شد، ممنون", sender=sender, cites=(code,))))
    page.wait_for_selector(".said.citizen:has-text('حل شد')")
    assert page.is_visible(".reply-stale")
    page.click("[data-seen]")
    page.click(".send")
    answered(page)
    assert replies(staffed, code) == [ANSWER]
