"""Announcements at the desk: written in the days of the Persian calendar, changed by one at a time, ended."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from case_store.staffing import service
from desk.words import say
from persian.dates import TEHRAN, jalali, tehran_date

NEWS = {
    "key": "n1",
    "weight": "important",
    "title_fa": "تعطیلی سامانه",
    "body_fa": "جمعه از ۶ تا ۸ صبح\r\nپاسخ‌گو نیستیم. <b>",
    "title_en": "",
    "body_en": "",
    "from_day": "",
    "from_time": "",
    "until_day": "",
    "until_time": "",
}


def fa(key: str, **told: object) -> str:
    return say("fa", f"announcements.{key}", **told)


@pytest.fixture
async def supervisor(sign_in):
    return await sign_in("supervisor", name="نرگس حسینی")


@pytest.fixture
def kept(store):
    async def read() -> list[dict]:
        return await store.handlers.announcements.page(None, 50)

    return read


async def written(supervisor, **other: str) -> str:
    """The page of a new one."""
    await supervisor.fill("/announcements/new", **{**NEWS, **other})
    return re.findall(r'href="(/announcements/[0-9a-f-]{36})"', await supervisor.html("/announcements"))[0]


def version_of(html: str) -> str:
    return re.search(r'name="version" value="(\d+)"', html)[1]


async def test_one_is_published_at_once_and_listed_with_who_wrote_it(supervisor, kept):
    await written(supervisor)
    [row] = await kept()
    assert row["body_fa"] == "جمعه از ۶ تا ۸ صبح\nپاسخ‌گو نیستیم. <b>"
    assert (row["weight"], row["showing"], row["shown_until"]) == ("important", "shown", None)
    shown = await supervisor.html("/announcements")
    assert "&lt;b&gt;" in shown
    assert fa("showing_shown") in shown
    assert fa("weight_important") in shown
    assert fa("by", name="نرگس حسینی") in shown


async def test_days_are_persian_hours_tehrans_and_no_hour_is_the_whole_day(supervisor, kept):
    today = tehran_date(datetime.now(UTC))
    first, last = jalali(today + timedelta(days=1)), jalali(today + timedelta(days=2))
    page = await written(supervisor, from_day=first, from_time="۸:۳۰", until_day=last)
    [row] = await kept()
    assert row["showing"] == "coming"
    begins, until = (row[name].astimezone(TEHRAN) for name in ("shown_from", "shown_until"))
    assert (begins.date(), begins.strftime("%H:%M")) == (today + timedelta(days=1), "08:30")
    assert (until.date(), until.strftime("%H:%M")) == (today + timedelta(days=3), "00:00")
    form = await supervisor.html(page)
    assert re.search(r'name="from_time"[^>]* value="۰۸:۳۰"', form)
    assert fa("showing_coming") in await supervisor.html("/announcements")


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"title_fa": " "}, "title_fa", "typed.missing"),
        ({"title_fa": "x" * 121}, "title_fa", "typed.long"),
        ({"body_fa": ""}, "body_fa", "typed.missing"),
        ({"body_fa": "x" * 4_001}, "body_fa", "typed.long"),
        ({"title_en": "Closed"}, "body_en", "announcements.english_both"),
        ({"body_en": "Closed"}, "title_en", "announcements.english_both"),
        ({"from_day": "فردا"}, "from_day", "typed.date"),
        ({"from_day": "۱۴۰۵/۹/۲", "from_time": "۲۵"}, "from_time", "typed.time"),
        ({"from_time": "۸"}, "from_day", "announcements.day_missing"),
        ({"from_day": "۱۴۰۵/۹/۲", "until_day": "۱۴۰۵/۹/۱"}, "until_day", "announcements.order"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field_and_the_rest_is_kept(
    supervisor, kept, wrong: dict, field: str, sentence: str
):
    refused = await supervisor.fill("/announcements/new", 422, **{**NEWS, **wrong})
    told = re.search(rf'id="{field}-fault">(?:<svg.*?</svg>)?([^<]+)', refused.text, re.DOTALL)[1]
    assert told == say("fa", sentence)
    assert "پاسخ‌گو نیستیم" in refused.text or "body_fa" in wrong
    assert await kept() == []


async def test_a_double_click_publishes_once(supervisor, kept):
    await written(supervisor)
    await supervisor.fill("/announcements/new", **NEWS)
    assert len(await kept()) == 1


async def test_of_two_who_change_one_the_second_sees_both_and_keeps_what_they_typed(supervisor, kept):
    page = await written(supervisor)
    version = version_of(await supervisor.html(page))
    await supervisor.fill(page, **NEWS | {"title_fa": "عنوان دوم", "version": version})
    stale = await supervisor.fill(page, 412, **NEWS | {"title_fa": "عنوان سوم", "version": version})
    assert fa("changed_form") in stale.text
    assert "عنوان دوم" in stale.text
    assert 'value="عنوان سوم"' in stale.text
    [row] = await kept()
    assert row["title_fa"] == "عنوان دوم"
    begun = row["shown_from"]
    await supervisor.fill(page, **NEWS | {"title_fa": "عنوان سوم", "version": version_of(stale.text)})
    [row] = await kept()
    assert (row["title_fa"], row["shown_from"]) == ("عنوان سوم", begun)


async def test_one_is_ended_unless_a_colleague_has_just_changed_it(supervisor, store, kept):
    page = await written(supervisor)
    [row] = await kept()
    await store.handlers.announcements.change(service(), row["id"], {"title_fa": "دیگر"}, None)
    stale = await supervisor.fill(f"{page}/end", 412, version=row["version"])
    assert fa("changed_meanwhile") in stale.text
    await supervisor.fill(f"{page}/end", version=version_of(stale.text))
    shown = await supervisor.html("/announcements")
    assert fa("showing_ended") in shown
    assert f'action="{page}/end"' not in shown


async def test_others_read_but_find_no_way_to_write_and_none_by_force(sign_in, supervisor, kept):
    page = await written(supervisor)
    agent = await sign_in("agent")
    shown = await agent.html("/announcements")
    assert "تعطیلی سامانه" in shown
    assert page not in shown
    assert "/announcements/new" not in shown
    assert 'href="/announcements"' not in await agent.html("/queues")
    await agent.fill("/announcements/new", 403, **NEWS)
    await agent.fill(f"{page}/end", 403, version="1")
    assert 'href="/announcements"' in await supervisor.html("/queues")
    assert len(await kept()) == 1


async def test_the_audit_trail_says_it_in_words(sign_in, supervisor):
    await written(supervisor)
    auditor = await sign_in("auditor")
    assert say("fa", "audit.actions.announcement_written") in await auditor.html("/audit")


async def test_the_list_goes_on_page_by_page(supervisor, store):
    for number in range(22):
        now = datetime.now(UTC)
        fields = {"title_fa": f"خبر {number}", "body_fa": "متن", "weight": "info", "shown_from": now}
        await store.handlers.announcements.write(service(), fields)
    first = await supervisor.html("/announcements")
    assert first.count("data-row") == 20
    more = re.search(r'href="(/announcements\?cursor=[^"]+)"', first)[1]
    assert (await supervisor.html(more)).count("data-row") == 2
