"""The home page, opening hours and privacy are for everybody, and say something useful whatever is away."""

import re
from datetime import timedelta

import pytest

from gateway_portal.handlers.following import today_in_tehran
from gateway_portal.words import say
from persian.dates import jalali_long
from tests.gateway_portal.stories import at, signed_in

OPEN, DAYS, TOLD = "/calendar/open", "/calendar", "/announcements"
PATHS = ("/", "/hours", "/privacy", "/announcements")


def day(away: int, **other):
    known = {
        "date": (today_in_tehran() + timedelta(days=away)).isoformat(),
        "open": True,
        "intervals": [["07:30", "12:00"], ["13:00", "15:30"]],
        "why": "pattern",
        "words": "ساعت اداری",
        "words_en": "",
        "estimated": False,
        "holiday": "",
        "entered": None,
    }
    return {**known, **other}


def shut(away: int, **why):
    return day(away, open=False, intervals=[], **why)


HOLIDAY = {"why": "holiday", "words": "عید فطر (تخمینی)", "words_en": "Eid al-Fitr", "estimated": True}
STANDING = {"at": at(), "open": True, "until": at(hours=1), "next_opening": at(), "day": day(0)}
CLOSED = {"at": at(), "open": False, "until": None, "next_opening": at(hours=9), "day": shut(0, **HOLIDAY)}


def fa(key: str, **told: object) -> str:
    return say("fa", f"about.{key}", **told)


@pytest.fixture(autouse=True)
def _known(behind):
    days = [day(0), shut(1, **HOLIDAY), shut(2, why="entered", words="آلودگی هوا <b>"), shut(3, words="هفته")]
    behind.answers |= {OPEN: STANDING, DAYS: {"province": None, "days": days}}
    behind.answers[TOLD] = {"announcements": [], "next_cursor": None}


async def test_home_has_four_doors_and_says_that_it_is_open(visit):
    page = await visit().get("/")
    assert page.status_code == 200
    for href in ("/ask", "/follow", "/hours", "/verify"):
        assert re.search(rf'<li><a href="{href}">', page.text)
    assert fa("open") in page.text
    assert "tel:1420" in page.text
    assert "sms:10001420" in page.text


async def test_home_says_when_it_is_open_next(visit, behind):
    behind.answers[OPEN] = CLOSED
    page = await visit().get("/")
    assert fa("closed") in page.text
    assert "ساعت" in page.text


async def test_hours_tell_two_weeks_with_weekdays_and_reasons(visit, behind):
    today = today_in_tehran()
    page = (await visit().get("/hours")).text
    assert jalali_long(today).rsplit(" ", 1)[0] in page
    assert "۰۷:۳۰ تا ۱۲:۰۰" in page
    assert "عید فطر (تخمینی)" in page
    assert "آلودگی هوا &lt;b&gt;" in page
    assert "هفته" not in page.split("<tbody>")[1].split("</tbody>")[0]
    asked = {"from": today.isoformat(), "to": (today + timedelta(days=13)).isoformat()}
    assert (DAYS, "Bearer a-service-token", asked) in behind.asked


async def test_hours_in_english_name_weekdays_and_holidays(visit):
    page = (await visit().get("/hours?lang=en")).text
    assert f"{today_in_tehran():%A}" in page
    assert "07:30 to 12:00" in page
    assert "Eid al-Fitr (estimated)" in page
    assert '<bdi lang="fa">آلودگی هوا' in page


async def test_the_store_is_asked_once_a_minute_however_many_read(visit, behind):
    for _ in range(5):
        for path in PATHS:
            await visit().get(path)
    assert sorted(path for path, _, _ in behind.asked) == [TOLD, DAYS, OPEN]


async def test_what_was_known_is_told_while_the_store_is_away_and_else_a_kind_word(visit, behind):
    behind.away = True
    page = await visit().get("/hours")
    assert page.status_code == 200
    assert fa("unknown") in page.text
    assert fa("open") not in page.text
    assert (await visit().get("/")).status_code == 200
    assert (await visit().get("/privacy")).status_code == 200


async def test_privacy_offers_a_copy_and_an_honest_way_to_deletion(visit, portal):
    page = (await visit().get("/privacy")).text
    assert 'href="/sign-in?next=%2Fprivacy"' in page
    assert "/cases/export" not in page
    assert "/ask?kind=request&amp;section=general&amp;topic=other" in page
    async with await signed_in(portal) as browser:
        assert 'href="/cases/export"' in (await browser.get("/privacy")).text


async def test_the_door_to_ones_cases_leads_by_signing_in(visit, portal):
    assert (await visit().get("/follow")).headers["location"] == "/sign-in?next=%2Fcases"
    assert (await visit().get("/follow?lang=en")).headers["location"].endswith("&lang=en")
    async with await signed_in(portal) as browser:
        assert (await browser.get("/follow")).headers["location"] == "/cases"


@pytest.mark.parametrize("path", PATHS)
async def test_reading_needs_no_script_and_leaves_no_cookie(visit, path):
    page = await visit().get(path)
    assert not re.search(r"<script|<style|style=|\son\w+=", page.text)
    assert "set-cookie" not in page.headers
    assert len(re.findall(r"<h1", page.text)) == 1


@pytest.mark.parametrize("path", PATHS)
async def test_english_says_all_of_it_in_english(visit, behind, path):
    behind.answers[DAYS] = {"days": [day(0), shut(1, **HOLIDAY)]}
    page = (await visit().get(f"{path}?lang=en")).text
    assert set(re.findall(r"[؀-ۿ‌]+", page)) == {"فارسی"}
    links = re.findall(r'href="(/[^"]*)"', page.split("<main")[1].split("<footer")[0])
    assert all("lang=en" in link for link in links)


@pytest.mark.parametrize("path", PATHS)
async def test_every_link_of_a_page_that_is_ours_leads_somewhere(visit, behind, path):
    page = (await visit().get(path)).text
    for link in set(re.findall(r'href="(/[^"#?]*)', page)):
        assert (await visit().get(link)).status_code in {200, 303}, link
