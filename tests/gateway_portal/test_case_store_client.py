"""The case store is asked as it documents, seldom for what is the same for all, never believed blindly."""

import asyncio
from datetime import date
from itertools import product

import httpx
import pytest

from envelope.taxonomy import Section, Topic
from gateway_portal.clients.case_store import CaseStore
from gateway_portal.clients.kept import Kept
from gateway_portal.errors import StoreAwayError
from gateway_portal.handlers.following import Following
from gateway_portal.settings import GatewayPortalSettings
from minting.settings import CaseStoreSettings
from tests.gateway_portal.conftest import KEY
from tests.gateway_portal.stories import CODE, ME, SHA, at, story

FIRST, LAST = date(2026, 11, 22), date(2026, 12, 5)
DAY = {"date": "2026-11-22", "intervals": [["07:30", "15:30"]], "why": "pattern"}
ASK = {
    "owner": lambda store: store.owner(CODE),
    "cases": lambda store: store.cases(ME),
    "case": lambda store: store.case(ME, CODE),
    "answers": lambda store: store.answers("fa"),
    "standing": lambda store: store.standing(),
    "days": lambda store: store.days(FIRST, LAST),
    "export": lambda store: store.export(ME),
    "file": lambda store: store.file(ME, CODE, SHA),
    "verify": lambda store: store.verify("K7QM93XDPRT4"),
}


def settings() -> GatewayPortalSettings:
    return GatewayPortalSettings(
        GATEWAY_PORTAL_SECRET=KEY,
        TRACKING_CODE_KEY=KEY,
        case_store=CaseStoreSettings(token="a-service-token"),
    )


@pytest.fixture
async def store(behind):
    store = CaseStore(settings(), httpx.MockTransport(behind))
    yield store
    await store.stop()


def answer(topic="e_prescription", **other):
    return {"topic": topic, "title": "عنوان", "text": "متن", "offered": True, "uses": 1, **other}


@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        *product(ASK, ("away", "error", "unauthorised")),
        *product(sorted(ASK.keys() - {"file", "export"}), ("nonsense", "list")),
    ],
)
async def test_no_answer_and_none_that_can_be_read_are_one_error(store, behind, name, trouble):
    behind.away = trouble == "away"
    told = {
        "error": httpx.Response(500),
        "nonsense": httpx.Response(200, text="<html>"),
        "list": httpx.Response(200, json=[1]),
        "unauthorised": httpx.Response(401, json={}),
    }
    paths = ("owner", "cases", "case", "export", "file")
    known = [*(f"/citizen/{path}" for path in paths), "/answers", "/calendar", "/calendar/open"]
    behind.answers = dict.fromkeys([*known, "/verifications"], told.get(trouble))
    assert store.health() is None
    with pytest.raises(StoreAwayError) as caught:
        await ASK[name](store)
    assert ME not in str(caught.value)
    assert store.health()


async def test_an_export_that_is_a_page_is_no_export(store, behind):
    behind.answers["/citizen/export"] = httpx.Response(200, text="<html>")
    with pytest.raises(StoreAwayError):
        await store.export(ME)


async def test_who_owns_a_case_is_known_by_its_code(store, behind):
    behind.answers["/citizen/owner"] = {"msisdn": ME}
    assert await store.owner(CODE) == ME
    assert behind.asked == [("/citizen/owner", "Bearer a-service-token", {"code": CODE})]
    behind.answers.clear()
    assert await store.owner(CODE) is None
    assert store.health() is None


async def test_a_case_that_is_not_theirs_is_none(store, behind):
    assert await store.case(ME, CODE) is None
    behind.answers["/citizen/case"] = story()
    assert (await store.case(ME, CODE)).tracking_code == CODE


async def test_answers_are_those_offered_with_the_most_used_first(store, behind):
    answers = [
        answer(uses=3, title="سه"),
        answer(offered=False, title="نه"),
        answer("moon", uses=9, title="نُه", extra={"a": 1}),
    ]
    behind.answers["/answers"] = {"answers": answers, "next_cursor": None}
    found = await store.answers("fa")
    assert [each.title for each in found] == ["نُه", "سه"]
    assert [(each.topic, each.section) for each in found] == [
        (Topic.OTHER, Section.GENERAL),
        (Topic.E_PRESCRIPTION, Section.TREATMENT),
    ]
    assert behind.asked[0][2] == {"state": "approved", "language": "fa", "limit": "200"}


async def test_many_who_ask_at_once_are_one_call_and_each_language_its_own(store, behind):
    behind.answers["/answers"] = {"answers": [answer()]}
    await asyncio.gather(*(store.answers("fa") for _ in range(50)))
    await store.answers("fa")
    await store.answers("en")
    assert len(behind.asked) == 2


async def test_days_are_asked_for_as_they_are_documented(store, behind):
    behind.answers["/calendar"] = {"province": None, "days": [DAY]}
    [day] = await store.days(FIRST, LAST)
    assert list(day.intervals) == [("07:30", "15:30")]
    assert behind.asked[0][2] == {"from": "2026-11-22", "to": "2026-12-05"}


async def test_that_it_is_open_is_not_said_after_it_has_closed(store, behind):
    standing = {"at": at(), "open": True, "until": at(seconds=-1), "next_opening": at(), "day": DAY}
    behind.answers["/calendar/open"] = standing
    assert (await store.standing()).open  # the store says so this moment
    behind.away = True
    with pytest.raises(StoreAwayError):
        await store.standing()


async def test_what_still_holds_is_said_while_the_store_is_away(store, behind):
    standing = {"at": at(), "open": False, "until": None, "next_opening": at(hours=2), "day": DAY}
    behind.answers["/calendar/open"] = standing
    await store.standing()
    behind.away = True
    assert not (await store.standing()).open


async def test_a_page_does_not_wait_for_a_store_that_hangs(monkeypatch):
    async def hang(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.5)
        return httpx.Response(500)

    monkeypatch.setattr("gateway_portal.handlers.following._PATIENCE", 0.05)
    store = CaseStore(settings(), httpx.MockTransport(hang))
    async with asyncio.timeout(0.4):
        assert await Following(store, None, None).standing() is None
    await asyncio.sleep(0.6)
    await store.stop()


async def test_a_file_comes_in_pieces_with_its_size(store, behind):
    behind.answers["/citizen/file"] = httpx.Response(
        200, content=b"x" * 300_000, headers={"Content-Type": "text/plain; charset=utf-8"}
    )
    file = await store.file(ME, CODE, SHA)
    assert (file.media_type, file.size) == ("text/plain", 300_000)
    assert b"".join([piece async for piece in file.chunks]) == b"x" * 300_000
    behind.answers.clear()
    assert await store.file(ME, CODE, SHA) is None


class Fetch:
    """Answers with how often it was asked, or not at all."""

    def __init__(self) -> None:
        self.times = 0
        self.away = False

    async def __call__(self) -> int:
        self.times += 1
        await asyncio.sleep(0)
        if self.away:
            raise StoreAwayError("away")
        return self.times


class Hands:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_kept_is_fresh_then_asked_again_then_stale_then_gone():
    fetch, clock = Fetch(), Hands()
    kept: Kept[str, int] = Kept(60, 1_000, clock=clock)
    assert [await kept.get("a", fetch) for _ in range(3)] == [1, 1, 1]
    clock.now += 59
    assert await kept.get("a", fetch) == 1
    clock.now += 1
    assert await kept.get("a", fetch) == 2
    fetch.away = True
    clock.now += 61
    assert await kept.get("a", fetch) == 2
    assert await kept.get("a", fetch) == 2
    assert fetch.times == 3  # for some seconds it is not asked again
    clock.now += 6
    assert await kept.get("a", fetch) == 2
    assert fetch.times == 4
    clock.now += 1_000
    with pytest.raises(StoreAwayError):
        await kept.get("a", fetch)
    fetch.away = False
    assert await kept.get("a", fetch) == 6


async def test_kept_forgets_the_oldest():
    kept: Kept[int, int] = Kept(60, 1_000)
    for number in range(40):
        await kept.get(number, Fetch())
    assert len(kept._known) == 16


async def test_one_who_gives_up_does_not_end_the_call_of_the_others():
    fetch = Fetch()
    kept: Kept[str, int] = Kept(60, 1_000)
    impatient = asyncio.create_task(kept.get("a", fetch))
    patient = asyncio.create_task(kept.get("a", fetch))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == 1
    assert fetch.times == 1
