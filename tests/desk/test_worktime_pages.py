"""The calendar, the weekly patterns and the allowances at the desk, by the Persian calendar."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from desk.reading.days import typed_day
from persian.dates import tehran_date
from tests.desk.conftest import CODE, routed


def tomorrow() -> date:
    return tehran_date(datetime.now(UTC)) + timedelta(days=1)


def closed(**told: str) -> dict[str, str]:
    day = {"date": typed_day(tomorrow()), "how": "closed", "reason": "آلودگی هوا", "version": "0"}
    return day | told


@pytest.fixture
async def administrator(sign_in, store):
    await store.clocks.refresh()
    return await sign_in("administrator", units=[])


def version_of(html: str, form: str) -> str:
    within = html[html.index(f'action="{form}"') :]
    return re.search(r'name="version" value="(\d*)"', within)[1]


async def test_a_month_shows_its_holidays_and_marks_the_estimated_ones(administrator):
    nowruz = await administrator.html("/calendar?month=1406-01")
    assert "جشن نوروز" in nowruz or "نوروز" in nowruz
    assert "فروردین ۱۴۰۶" in nowruz
    assert "day-estimated" in nowruz  # Fitr of 1406 is a lunar holiday that nobody has seen yet


async def test_a_province_is_closed_tomorrow_and_others_are_not(administrator):
    entered = await administrator.fill("/calendar", 200, **closed(province="تهران"))
    assert "آلودگی هوا" in entered.text
    assert "آلودگی هوا" in shown_days(await administrator.html(f"/calendar?day={tomorrow()}&province=تهران"))
    assert "آلودگی هوا" not in shown_days(
        await administrator.html(f"/calendar?day={tomorrow()}&province=یزد")
    )


def shown_days(html: str) -> str:
    return html[html.index('class="grid"') : html.index("</table>")]


async def test_other_hours_may_be_split(administrator, store):
    told = closed(how="hours", hours="۸ تا ۱۰ و ۱۱:۳۰ تا ۱۴", other_reason="سرما")
    entered = await administrator.fill("/calendar", 200, **told)
    assert "۰۸:۰۰ تا ۱۰:۰۰ و ۱۱:۳۰ تا ۱۴:۰۰" in entered.text
    [row] = await store.rows("SELECT reason FROM calendar_day")
    assert row["reason"] == "سرما"


async def test_a_closure_tells_which_deadlines_it_moves(sign_in, store):
    await store.clocks.refresh()
    both = await sign_in("administrator", "supervisor")
    await store.file(routed(code=CODE))
    day, told = tomorrow(), []
    for _ in range(7):  # a week of closures moves any deadline of working days
        told.append((await both.fill("/calendar", 200, **closed(date=typed_day(day)))).text)
        day += timedelta(days=1)
    assert any("نزدیک‌ترین مهلت‌هایی که جابه‌جا شد" in page and f"/cases/{CODE}" in page for page in told)


async def test_two_who_enter_the_same_day_lose_no_word(administrator):
    await administrator.fill("/calendar", 200, **closed())
    second = await administrator.fill("/calendar", 412, **closed(reason="", other_reason="علت من"))
    assert "علت من" in second.text
    assert "در همین میان تغییر کرد" in second.text
    version = version_of(second.text, "/calendar/remove")
    await administrator.fill("/calendar/remove", day=str(tomorrow()), province="", version=version)
    assert "آلودگی هوا" not in shown_days(await administrator.html(f"/calendar?day={tomorrow()}"))


@pytest.mark.parametrize(
    ("change", "field"),
    [({"date": "فردا"}, "date"), ({"reason": ""}, "reason"), ({"how": "hours", "hours": "8"}, "hours")],
)
async def test_what_is_wrong_with_a_day_is_said_beside_its_field(administrator, store, change, field):
    refused = await administrator.fill("/calendar", 422, **closed(**change))
    assert f'id="{field}-fault"' in refused.text
    assert await store.count("calendar_day") == 0


async def test_a_week_with_split_shifts_is_entered_and_edited(administrator, store):
    week = {
        "valid_from": "1406/01/05",
        "saturday": "۷:۳۰ تا ۱۲ و ۱۴ تا ۱۷",
        "sunday": "8-12",
        "province": "یزد",
    }
    await administrator.fill("/calendar/weeks/new", key="w1", **week)
    shown = await administrator.html("/calendar/weeks")
    assert "۰۷:۳۰ تا ۱۲:۰۰ و ۱۴:۰۰ تا ۱۷:۰۰" in shown
    rows = await store.rows("SELECT id FROM working_week WHERE province = 'یزد'")
    page = f"/calendar/weeks/{rows[0]['id']}"
    edit = await administrator.html(page)
    version = version_of(edit, page)
    await administrator.fill(page, **week | {"sunday": "8-13", "version": version})
    stale = await administrator.fill(page, 412, **week | {"sunday": "9-11", "version": version})
    assert "9-11" in stale.text


@pytest.mark.parametrize(
    ("change", "field"),
    [({"saturday": "12-8"}, "saturday"), ({"saturday": ""}, "saturday"), ({"valid_from": ""}, "valid_from")],
)
async def test_a_week_that_makes_no_sense_is_refused(administrator, change, field):
    week = {"valid_from": "1406/01/05", "saturday": "8-12"} | change
    assert f'id="{field}-fault"' in (await administrator.fill("/calendar/weeks/new", 422, **week)).text


async def test_an_allowance_is_added_changed_and_removed(administrator, store):
    row = {"tier": "agent", "topic": "unemployment", "allowance": "۲", "unit": "working_days", "warn": "۸۰"}
    await administrator.fill("/allowances/new", key="o1", **row)
    [kept] = await store.rows("SELECT id, allowance, warn_share FROM ola WHERE topic = 'unemployment'")
    assert (kept["allowance"], kept["warn_share"]) == (2, 0.8)
    page = f"/allowances/{kept['id']}"
    version = version_of(await administrator.html(page), page)
    await administrator.fill(page, **row | {"allowance": "4", "version": version})
    stale = await administrator.fill(page, 412, **row | {"allowance": "9", "version": version})
    assert "۴ روز کاری" in stale.text
    assert 'value="9"' in stale.text
    await administrator.fill(f"{page}/remove", version=version_of(stale.text, page))
    assert await store.rows("SELECT FROM ola WHERE topic = 'unemployment' AND active") == []


async def test_an_allowance_out_of_bounds_is_refused(administrator):
    row = {"tier": "agent", "allowance": "400", "unit": "working_days", "warn": "75"}
    assert 'id="allowance-fault"' in (await administrator.fill("/allowances/new", 422, **row)).text


async def test_who_may_not_configure_sees_and_changes_nothing(sign_in, store):
    await store.clocks.refresh()
    agent = await sign_in("agent")
    assert 'method="post" action="/calendar"' not in await agent.html("/calendar")
    await agent.fill("/calendar", 403, **closed())
