"""Calendar, patterns, allowances and deadlines over HTTP: who may, what is refused, and that edits tell."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from case_store.staffing import Role
from envelope.tracking import mint
from persian.dates import TEHRAN
from tests.case_store.conftest import KEY, Store, routed
from tests.case_store.one_api import TOKEN, Api

CODE = mint(950, KEY)
NOBODYS = UUID("0197a1b2-0000-7000-8000-000000000950")
OFFICE = [["07:30", "15:30"]]
SNOW = {"intervals": None, "reason": "برف و یخبندان", "province": "یزد"}
OLA = {"tier": "agent", "topic": "unemployment", "allowance": 90, "unit": "working_minutes"}


@pytest.fixture
async def api(store: Store) -> AsyncIterator[httpx.AsyncClient]:
    await store.clocks.start()
    app = Api(store, routes=True)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://test/api/v1",
        headers={"Authorization": f"Bearer {TOKEN}"},
    ) as client:
        yield client


async def day(api: httpx.AsyncClient, date: str, **parameters: str) -> dict[str, Any]:
    answer = await api.get("/calendar", params={"from": date, "to": date, **parameters})
    assert answer.status_code == 200, answer.text
    [found] = answer.json()["days"]
    return found


async def audited(store: Store) -> list[tuple[str, str]]:
    rows = await store.rows("SELECT action, subject FROM audit_entry ORDER BY seq")
    return [(row["action"], row["subject"]) for row in rows]


async def test_the_calendar_says_what_is_worked_and_why(api: httpx.AsyncClient):
    assert await day(api, "2026-11-22") == {
        "date": "2026-11-22",
        "open": True,
        "intervals": OFFICE,
        "why": "pattern",
        "words": "ساعت اداری، شنبه تا چهارشنبه",
        "words_en": "",
        "estimated": False,
        "holiday": "",
        "entered": None,
    }
    moon = await day(api, "2027-03-10")
    assert (moon["open"], moon["why"], moon["estimated"]) == (False, "holiday", True)
    assert moon["words"] == "عید سعید فطر (تخمینی)"
    assert "(estimated)" in moon["words_en"]
    thirty_one = (await api.get("/calendar")).json()["days"]
    assert len(thirty_one) == 31
    assert thirty_one[0]["date"] == datetime.now(TEHRAN).date().isoformat()


async def test_a_day_is_entered_changed_and_taken_back_each_by_its_version(api, store: Store):
    url = "/calendar/days/2026-11-22"
    first = await api.put(url, json=SNOW, headers={"If-Match": '"0"'})
    assert (first.status_code, first.headers["ETag"]) == (200, '"1"')
    shown = await day(api, "2026-11-22", province="یزد")
    assert (shown["open"], shown["why"], shown["words"]) == (False, "entered_for_province", SNOW["reason"])
    assert shown["entered"]["version"] == 1
    assert (await day(api, "2026-11-22"))["open"] is True
    stale = await api.put(url, json=SNOW, headers={"If-Match": '"0"'})
    assert stale.status_code == 412
    hours = {**SNOW, "intervals": [["10:00", "12:00"], ["12:00", "13:00"]]}
    second = await api.put(url, json=hours, headers={"If-Match": '"1"'})
    assert second.json()["intervals"] == [["10:00", "13:00"]]
    assert (await api.delete(url, params={"province": "یزد"}, headers={"If-Match": '"1"'})).status_code == 412
    assert (await api.delete(url, params={"province": "یزد"}, headers={"If-Match": '"2"'})).status_code == 204
    assert (await api.delete(url, params={"province": "یزد"})).status_code == 404
    assert (await day(api, "2026-11-22", province="یزد"))["why"] == "pattern"
    subject = "calendar:2026-11-22"
    entered, removed = ("calendar_day_entered", subject), ("calendar_day_removed", subject)
    assert await audited(store) == [entered, entered, removed]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/calendar/days/2026-11-22", {**SNOW, "province": "تگزاس"}),
        ("PUT", "/calendar/days/2026-11-22", {**SNOW, "intervals": [["12:00", "10:00"]]}),
        ("PUT", "/calendar/days/2026-11-22", {**SNOW, "intervals": [["25:00", "26:00"]]}),
        ("PUT", "/calendar/days/2026-11-22", {**SNOW, "reason": " "}),
        ("PUT", "/calendar/days/2026-02-30", SNOW),
        ("POST", "/working-weeks", {"valid_from": "2027-01-01", "days": {}}),
        ("POST", "/working-weeks", {"valid_from": "2027-01-01", "days": {"someday": OFFICE}}),
        ("POST", "/olas", {**OLA, "allowance": 0}),
        ("POST", "/olas", {**OLA, "unit": "working_days", "allowance": 400}),
        ("POST", "/olas", {**OLA, "section": "treatment"}),
        ("POST", "/olas", {**OLA, "warn_share": 1.5}),
        ("GET", "/calendar?from=2026-11-22&to=2026-11-21", None),
        ("GET", "/calendar?from=2026-11-22&to=2029-11-21", None),
        ("GET", "/calendar/open?at=2126-11-22T10:00:00Z", None),
        ("GET", "/calendar/open?at=2026-11-22T10:00:00", None),
    ],
)
async def test_what_makes_no_sense_is_refused_and_changes_nothing(api, store: Store, method, path, body):
    before = store.clocks.timekeeping.version
    answer = await api.request(method, path, json=body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert store.clocks.timekeeping.version == before


@pytest.mark.parametrize(
    ("at", "is_open", "until", "opens"),
    [
        ("2026-11-22T09:00:00+03:30", True, "2026-11-22T12:00:00Z", "2026-11-22T05:30:00Z"),
        ("2026-11-22T16:00:00+03:30", False, None, "2026-11-23T04:00:00Z"),
        ("2026-11-25T16:00:00+03:30", False, None, "2026-11-28T04:00:00Z"),
    ],
)
async def test_whether_it_is_worked_at_a_moment(api, at, is_open, until, opens):
    found = (await api.get("/calendar/open", params={"at": at})).json()
    assert (found["open"], found["until"]) == (is_open, until)
    assert datetime.fromisoformat(found["next_opening"]) == datetime.fromisoformat(opens)


async def test_a_weekly_pattern_is_added_changed_and_taken_away(api, store: Store):
    body = {"valid_from": "2027-06-01", "days": {"saturday": OFFICE, "thursday": [["08:00", "12:00"]]}}
    added = await api.post("/working-weeks", json=body)
    assert added.status_code == 201
    week = added.json()
    assert (await day(api, "2027-06-03"))["intervals"] == [["08:00", "12:00"]]
    assert (await api.post("/working-weeks", json=body)).status_code == 409
    url = f"/working-weeks/{week['id']}"
    changed = await api.put(url, json={**body, "days": {"friday": OFFICE}}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert (await day(api, "2027-06-03"))["open"] is False
    assert (await api.put(url, json=body, headers={"If-Match": '"1"'})).status_code == 412
    assert [row["valid_from"] for row in (await api.get("/working-weeks")).json()] == [
        "2027-06-01",
        "2000-01-01",
    ]
    assert (await api.delete(url)).status_code == 204
    assert (await api.delete(url)).status_code == 404
    assert (await day(api, "2027-06-03"))["open"] is False
    actions = ["working_week_set", "working_week_set", "working_week_removed"]
    assert [action for action, _ in await audited(store)] == actions


async def test_the_country_is_never_left_without_a_pattern(api):
    [week] = (await api.get("/working-weeks")).json()
    later = {"valid_from": "2030-01-01", "days": {"saturday": OFFICE}}
    for answer in (
        await api.delete(f"/working-weeks/{week['id']}"),
        await api.put(f"/working-weeks/{week['id']}", json=later),
    ):
        assert answer.status_code == 409
    assert (await day(api, "2026-11-22"))["open"] is True


async def test_an_allowance_is_added_changed_and_taken_away(api, store: Store):
    added = await api.post("/olas", json=OLA)
    assert added.status_code == 201
    assert (await api.post("/olas", json=OLA)).status_code == 409
    assert (await api.post("/olas", json={**OLA, "active": False})).status_code == 201
    url = f"/olas/{added.json()['id']}"
    changed = await api.put(url, json={**OLA, "allowance": 60}, headers={"If-Match": '"1"'})
    assert (changed.json()["allowance"], changed.headers["ETag"]) == (60, '"2"')
    assert (await api.put(url, json=OLA, headers={"If-Match": '"1"'})).status_code == 412
    assert (await api.delete(url, headers={"If-Match": '"2"'})).status_code == 204
    assert (await api.put(f"/olas/{uuid4()}", json=OLA)).status_code == 404
    assert len((await api.get("/olas")).json()) > 10
    assert [action for action, _ in await audited(store)][-2:] == ["ola_set", "ola_removed"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/calendar/days/2026-11-22", SNOW),
        ("DELETE", "/calendar/days/2026-11-22", None),
        ("POST", "/working-weeks", {"valid_from": "2027-06-01", "days": {"saturday": OFFICE}}),
        ("PUT", f"/working-weeks/{NOBODYS}", {"valid_from": "2027-06-01", "days": {"saturday": OFFICE}}),
        ("DELETE", f"/working-weeks/{NOBODYS}", None),
        ("POST", "/olas", OLA),
        ("PUT", f"/olas/{NOBODYS}", OLA),
        ("DELETE", f"/olas/{NOBODYS}", None),
    ],
)
async def test_only_who_may_configure_changes_working_time(api, store: Store, method, path, body):
    for role, status in ((Role.SUPERVISOR, {403}), (Role.ADMINISTRATOR, {200, 201, 204, 404})):
        _, token = await store.a_member([role])
        answer = await api.request(method, path, json=body, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code in status, answer.text


async def test_a_case_tells_its_deadlines_day_by_day_to_whoever_reaches_it(api, store: Store):
    await store.file(routed(code=CODE, at=datetime(2026, 11, 21, 6, tzinfo=UTC)))
    found = (await api.get(f"/cases/{CODE}/deadlines")).json()
    assert found["due_at"] == "2026-11-24T12:00:00Z"
    [clock] = found["clocks"]
    assert (clock["tier"], clock["allowance"], clock["unit"]) == ("agent", 3, "working_days")
    told = clock["explanation"]
    assert (told["due_at"], told["by_law"], told["current"]) == (found["due_at"], False, True)
    assert [(item["date"][-2:], item["counted"], item["days"]) for item in told["days"]] == [
        ("21", "received", 0),
        ("22", "counted", 1),
        ("23", "counted", 1),
        ("24", "counted", 1),
    ]
    for units, status in ((("retirement",), 200), (("treatment",), 404)):
        _, token = await store.a_member(units=units)
        answer = await api.get(f"/cases/{CODE}/deadlines", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status
    assert (await api.get(f"/cases/{mint(951, KEY)}/deadlines")).status_code == 404


async def test_a_stopped_clock_says_when_the_calendar_has_changed_since(api, store: Store):
    await store.file(routed(code=CODE, at=datetime.now(UTC) - timedelta(hours=1)))
    async with store.database.transaction() as tx:
        await tx.raw.execute("UPDATE clock SET stopped_at = now()")
    tomorrow = datetime.now(TEHRAN).date() + timedelta(days=1)
    for number in range(9):
        url = f"/calendar/days/{tomorrow + timedelta(days=number)}"
        assert (await api.put(url, json={"intervals": None, "reason": "تعطیل"})).status_code == 200
    await store.time.deadlines.sweep()
    [clock] = (await api.get(f"/cases/{CODE}/deadlines")).json()["clocks"]
    assert clock["explanation"]["current"] is False
    assert clock["explanation"]["due_at"] > clock["due_at"]
