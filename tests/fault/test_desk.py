"""The case store killed while people write and staff answer: nothing is lost, and nothing is said twice."""

import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Page, expect

from desk.settings import SESSION_COOKIE
from tests.browser.stage import chromium, demand_chromium
from tests.fault.loads import assert_each_is_there_once, load, numbers_left
from tests.flow.office import at_the_desk, employ
from tests.flow.running import Flow, until

pytestmark = [pytest.mark.fault, pytest.mark.browser, pytest.mark.timeout(300)]
AWAY = httpx.codes.SERVICE_UNAVAILABLE
BEGUN, TYPED = "با سلام؛ سابقهٔ شما", "با سلام؛ سابقهٔ شما تا پایان هفته درست می‌شود."


@dataclass
class Work:
    """What one colleague did on one case, as far as the desk said that it was done."""

    number: str
    code: str
    reply: str
    note: str
    done: set[str] = field(default_factory=set)


class Colleague:
    """Somebody at the desk who sends a form again, the very same, until it is taken."""

    def __init__(self, flow: Flow, name: str) -> None:
        token = session(flow, employ(flow, name, "agent", units=("insurance",)))
        self.desk = httpx.Client(
            base_url=flow.url("DESK"),
            cookies={SESSION_COOKIE: token},
            headers={"Sec-Fetch-Site": "same-origin"},
            timeout=30,
        )
        self.store = httpx.Client(
            base_url=f"{flow.url('CASE_STORE')}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
        self.read = 0
        self.turned_away = 0

    def leave(self) -> None:
        self.desk.close()
        self.store.close()

    def work(self, work: Work) -> None:
        """Claim, read, note, and answer by the desk's form."""
        page = f"/cases/{work.code}"
        self._done(work, "claim", lambda: self.desk.post(f"{page}/claim"))
        self._look(page)
        note = {"text": work.note, "key": str(uuid4())}
        self._done(work, "note", lambda: self.desk.post(f"{page}/note", data=note))
        self._look("/queues?list=insurance")
        reply = {"text": work.reply, "reply_id": str(uuid4())}
        self._done(work, "reply", lambda: self.desk.post(f"{page}/replies", data=reply))

    def answer_by_key(self, work: Work) -> None:
        """As a program would: over the API, the key in the header."""
        key, body = {"Idempotency-Key": f'"{uuid4()}"'}, {"text": work.reply}
        self._done(
            work,
            "reply",
            lambda: self.store.post(f"/cases/{work.code}/replies", json=body, headers=key),
        )

    def _look(self, path: str) -> None:
        try:
            self.read += self.desk.get(path).status_code == httpx.codes.OK
        except httpx.TransportError:
            self.turned_away += 1

    def _done(self, work: Work, what: str, send: Callable[[], httpx.Response]) -> None:
        """Until it is taken; what was cut off in the middle holds its key for a while: nobody waits."""
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            try:
                status = send().status_code
            except httpx.TransportError:
                status = AWAY
            if status in {httpx.codes.SEE_OTHER, httpx.codes.CREATED}:
                work.done.add(what)
                with suppress(httpx.TransportError):
                    send()  # as a browser does that has not heard the answer
                return
            if status == httpx.codes.CONFLICT:
                return
            assert status == AWAY, (what, status)
            self.turned_away += 1
            time.sleep(0.3)


def session(flow: Flow, account: dict[str, str]) -> str:
    """A session of the API, a password of their own set."""
    told = {"username": account["username"], "password": account["password"]}
    token = str(flow.store.post("/sessions", json=told).raise_for_status().json()["token"])
    new = {"current": account["password"], "new": secrets.token_urlsafe(16)}
    headers = {"Authorization": f"Bearer {token}"}
    flow.store.post("/sessions/current/password", json=new, headers=headers).raise_for_status()
    return token


def some_cases(flow: Flow, many: int) -> list[tuple[str, str]]:
    """So many new people write; the number of each, and their case's code."""
    numbers = [f"0914{next(numbers_left):05d}55" for _ in range(many)]
    for number in numbers:
        assert flow.push_mo(number, "سابقه بیمه من کم است").status_code == httpx.codes.OK
    return [(number, until(lambda n=number: flow.cases_of(n))[0]["tracking_code"]) for number in numbers]


@contextmanager
def at_work(flow: Flow, works: list[Work]) -> Iterator[list[Colleague]]:
    """Two colleagues who work through the cases while the block runs; on leaving, all has been tried."""
    both = [Colleague(flow, "رضا کریمی"), Colleague(flow, "سارا مرادی")]

    def one(place: int) -> None:
        time.sleep(place * 0.12)
        colleague = both[place % 2]
        (colleague.work if place % 3 else colleague.answer_by_key)(works[place])

    with ThreadPoolExecutor(8) as pool:
        working = [pool.submit(one, place) for place in range(len(works))]
        yield both
        for each in working:
            each.result()
    for colleague in both:
        colleague.leave()


def assert_all_that_was_taken_is_there_once(flow: Flow, works: list[Work]) -> None:
    for work in works:
        case = flow.case(work.code)
        replies = [out["text"] for out in case["outbound_messages"] if out["purpose"] == "reply"]
        notes = [note["text"] for note in case["notes"]]
        assert replies in ([work.reply], [] if "reply" not in work.done else [work.reply])
        assert notes in ([work.note], [] if "note" not in work.done else [work.note])
        assert case["assignee"] or "claim" not in work.done


def assert_no_phone_reads_an_answer_twice(flow: Flow, works: list[Work]) -> None:
    def texts(work: Work) -> list[str]:
        return [message["text"] for message in flow.phone(work.number)]

    answered = [work for work in works if "reply" in work.done]
    until(lambda: all(work.reply in texts(work) for work in answered), seconds=60, pause=0.5)
    assert [work.code for work in works if texts(work).count(work.reply) > 1] == []


def stays_open(page: Page) -> None:
    """A page that is loaded anew forgets this."""
    page.evaluate("window.stayed = true")


@pytest.fixture
def at_agent(flow: Flow) -> Iterator[Page]:
    demand_chromium()
    agent = employ(flow, "مریم احمدی", "agent", units=("insurance",))
    with chromium() as browser, at_the_desk(browser, flow, agent) as page:
        yield page


def test_the_store_killed_under_load_loses_nothing_doubles_nothing_and_open_pages_recover(
    flow: Flow, at_agent: Page
):
    (number, code), *others = some_cases(flow, 37)
    works = [
        Work(*who, f"با سلام؛ پاسخ شمارهٔ {n} شما آماده است.", f"یادداشت {n}") for n, who in enumerate(others)
    ]
    queue = at_agent
    queue.goto(f"{flow.url('DESK')}/queues?list=insurance")
    case = queue.context.new_page()
    case.goto(f"{flow.url('DESK')}/cases/{code}")
    case.fill("#text", BEGUN)
    expect(case.locator(".draft-state")).to_have_text("پیش‌نویس ذخیره شد")
    for page in (queue, case):
        stays_open(page)

    with load(flow, messages=80, a_second=10) as numbers, at_work(flow, works) as colleagues:
        time.sleep(1)
        flow.kill("case-store")
        case.fill("#text", TYPED)
        case.click(".send")
        for page in (case, queue):
            expect(page.locator("#connection")).to_be_visible(timeout=10_000)
        assert case.input_value("#text") == TYPED
        until(lambda: flow.ready("CASE_STORE"))
        for page in (case, queue):
            expect(page.locator("#connection")).to_be_hidden(timeout=20_000)

    assert sum(colleague.turned_away for colleague in colleagues) > 0
    assert sum(colleague.read for colleague in colleagues) > 0
    assert sum("reply" in work.done for work in works) > len(works) / 2
    assert_each_is_there_once(flow, numbers)
    assert_all_that_was_taken_is_there_once(flow, works)
    assert_no_phone_reads_an_answer_twice(flow, works)
    assert_the_pages_went_on(flow, queue, case, (number, code))


def assert_the_pages_went_on(flow: Flow, queue: Page, case: Page, who: tuple[str, str]) -> None:
    """Neither was loaded again: both are up to date, and what was typed is there to be sent, once."""
    number, code = who
    waiting = queue.locator("#counts .chip[aria-current] .count")
    before = waiting.inner_text()
    some_cases(flow, 1)
    expect(waiting).not_to_have_text(before)
    assert case.input_value("#text") == TYPED
    case.click(".send")
    expect(case.locator("#conversation .said.us").last).to_contain_text(TYPED)
    until(lambda: TYPED in [message["text"] for message in flow.phone(number)])
    assert [message["text"] for message in flow.phone(number)].count(TYPED) == 1
    assert len([out for out in flow.case(code)["outbound_messages"] if out["purpose"] == "reply"]) == 1
    for page in (queue, case):
        assert page.evaluate("window.stayed") is True
