"""Announcements on the portal: for everybody, in their language, as plain text, and only while they hold."""

import re
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import Any

import httpx
import pytest

from gateway_portal.clients.case_store import CaseStore
from gateway_portal.words import say
from tests.gateway_portal.stories import at
from tests.gateway_portal.test_about import OPEN, STANDING, TOLD

IDS = [f"0197a1b2-0000-7000-8000-00000000000{n}" for n in range(5)]


def one(n: int = 0, **other: object) -> dict[str, Any]:
    known = {
        "id": IDS[n],
        "title_fa": f"خبر {n}",
        "body_fa": "بند یکم\nخط دوم\n\nبند دوم <b>",
        "title_en": None,
        "body_en": None,
        "weight": "info",
        "from": at(hours=-n - 1),
        "until": None,
        "showing": "shown",
    }
    return {**known, **other}


@pytest.fixture
def told(behind):
    behind.answers[OPEN] = STANDING

    def tell(*announcements: dict[str, Any]) -> None:
        behind.answers[TOLD] = {"announcements": announcements, "next_cursor": None}

    return tell


def fa(key: str, **gaps: object) -> str:
    return say("fa", f"about.{key}", **gaps)


async def test_the_page_shows_all_of_it_as_plain_text_in_paragraphs(visit, behind, told):
    told(one(1, weight="important"), one())
    page = (await visit().get("/announcements")).text
    assert page.index("خبر 1") < page.index("خبر 0")
    assert page.count(f'class="mark">{fa("told_important")}') == 1
    assert "<p>بند یکم\nخط دوم</p>" in page
    assert "<p>بند دوم &lt;b&gt;</p>" in page
    assert (TOLD, "Bearer a-service-token", {"at": "now"}) in behind.asked


async def test_the_home_page_shows_titles_that_lead_there_and_no_more_than_three(visit, told):
    told(one(0, weight="important"), one(1), one(2), one(3))
    page = (await visit().get("/")).text
    assert re.findall(r'href="/announcements#a-([^"]+)"', page) == IDS[:3]
    assert fa("told_all", n=4) in page
    assert page.index('class="told-strip"') < page.index('class="doors"')
    there = (await visit().get("/announcements")).text
    assert all(f'id="a-{name}"' in there for name in IDS[:4])


async def test_where_there_is_nothing_the_home_page_says_nothing_and_the_page_so(visit, told):
    told()
    assert "told-strip" not in (await visit().get("/")).text
    assert fa("told_none") in (await visit().get("/announcements")).text


async def test_english_readers_get_english_and_else_the_persian_marked_as_such(visit, told):
    told(one(0, title_en="Closed", body_en="On Friday."), one(1))
    page = (await visit().get("/announcements?lang=en")).text
    assert "Closed" in page
    assert "<p>On Friday.</p>" in page
    assert "خبر 0" not in page
    assert '<bdi lang="fa">خبر 1</bdi>' in page
    assert '<div class="told-words" lang="fa" dir="rtl">' in page
    assert 'href="/announcements?lang=en#a-' in (await visit().get("/?lang=en")).text


async def test_what_was_known_is_told_while_the_store_is_away_but_not_past_its_end(
    visit, behind, told, monkeypatch
):
    told(one(0), one(1, until=at(hours=1)))
    assert "خبر 1" in (await visit().get("/")).text
    behind.away = True
    assert "خبر 1" in (await visit().get("/announcements")).text

    class Later(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(hours=2)

    monkeypatch.setattr("gateway_portal.clients.case_store.datetime", Later)
    page = (await visit().get("/announcements")).text
    assert "خبر 0" in page
    assert "خبر 1" not in page


async def test_where_nobody_can_say_the_page_says_so_and_the_home_page_stands(visit, behind):
    behind.away = True
    page = await visit().get("/announcements")
    assert page.status_code == 200
    assert fa("told_unknown") in page.text
    home = await visit().get("/")
    assert home.status_code == 200
    assert "told-strip" not in home.text


async def test_a_new_one_is_seen_within_a_minute(behind, told, portal):
    store = CaseStore(portal.settings, httpx.MockTransport(behind))
    told(one(0))
    assert len(await store.announcements()) == 1
    told(one(0), one(1))
    assert len(await store.announcements()) == 1
    kept = store._announcements
    kept._clock = partial(lambda clock: clock() + 61, kept._clock)
    assert len(await store.announcements()) == 2
    await store.stop()


async def test_a_weight_of_a_newer_store_is_an_ordinary_one(visit, told):
    told(one(0, weight="urgent", unknown="field"))
    page = (await visit().get("/announcements")).text
    assert "خبر 0" in page
    assert 'class="mark"' not in page
