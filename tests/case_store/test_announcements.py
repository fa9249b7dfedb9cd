"""Announcements: shown by themselves in their time, written by whoever may, changed by one at a time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from case_store.staffing import Role
from tests.case_store.conftest import Store
from tests.case_store.desks import Member, Office, opened

WORDS = {"title_fa": "تعطیلی سامانه", "body_fa": "جمعه از ۶ تا ۸ صبح پاسخ‌گو نیستیم.\n\nببخشید."}
ENGLISH = {"title_en": "System closed", "body_en": "Friday, six to eight."}
NOW = datetime.now(UTC)


def at(**away: float) -> str:
    return (NOW + timedelta(**away)).isoformat()


@pytest.fixture
async def office(store: Store):
    async with opened(store) as office:
        yield office


@pytest.fixture
async def writer(office: Office) -> Member:
    return await office.member(Role.SUPERVISOR, name="ناظر")


async def written(writer: Member, **other: object) -> dict[str, Any]:
    return await writer.ok("POST", "/announcements", json={**WORDS, **other})


async def shown(office: Office) -> list[str]:
    told = await office.service().ok("GET", "/announcements", params={"at": "now"})
    assert told["next_cursor"] is None
    return [one["title_fa"] for one in told["announcements"]]


async def test_one_is_shown_at_once_and_until_somebody_ends_it(office: Office, writer: Member):
    one = await written(writer, **ENGLISH)
    assert {name: one[name] for name in (*WORDS, *ENGLISH)} == WORDS | ENGLISH
    assert (one["weight"], one["showing"], one["until"]) == ("info", "shown", None)
    assert (one["written_by"], one["changed_by"]) == ("ناظر", None)
    assert await shown(office) == [WORDS["title_fa"]]
    ended = await writer.ok("POST", f"/announcements/{one['id']}/end")
    assert (ended["showing"], ended["changed_by"]) == ("ended", "ناظر")
    assert await shown(office) == []
    again = await writer.ok("POST", f"/announcements/{one['id']}/end")
    assert again == ended


@pytest.mark.parametrize(
    ("span", "showing"),
    [
        ({"from": at(days=-2), "until": at(days=1)}, "shown"),
        ({"from": at(days=-2), "until": at(days=-1)}, "ended"),
        ({"from": at(days=1)}, "coming"),
        ({"from": at(days=1), "until": at(days=1)}, "ended"),
    ],
)
async def test_it_is_shown_in_its_time_alone(office: Office, writer: Member, span: dict, showing: str):
    assert (await written(writer, **span))["showing"] == showing
    assert await shown(office) == ([WORDS["title_fa"]] if showing == "shown" else [])


async def test_one_that_is_ended_before_it_begins_never_begins(office: Office, writer: Member):
    one = await written(writer, **{"from": at(days=1), "until": at(days=3)})
    ended = await writer.ok("POST", f"/announcements/{one['id']}/end")
    assert ended["showing"] == "ended"
    assert datetime.fromisoformat(ended["until"]) == datetime.fromisoformat(ended["from"])


async def test_the_important_come_first_and_of_each_the_newest(office: Office, writer: Member):
    for title, weight, hours in (
        ("الف", "info", 4),
        ("ب", "important", 3),
        ("پ", "info", 2),
        ("ت", "important", 1),
    ):
        await written(writer, title_fa=title, weight=weight, **{"from": at(hours=-hours)})
    assert await shown(office) == ["ت", "ب", "پ", "الف"]


async def test_all_there_are_come_in_pages_with_what_is_to_come_first(office: Office, writer: Member):
    for number, hours in enumerate((-3, -1, 5, 0)):
        await written(writer, title_fa=f"خبر {number}", **{"from": at(hours=hours)})
    agent, told, cursor = await office.member(Role.AGENT), [], None
    while cursor is not None or not told:
        params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = await agent.ok("GET", "/announcements", params=params)
        told += [one["title_fa"] for one in page["announcements"]]
        cursor = page["next_cursor"]
    assert told == ["خبر 2", "خبر 3", "خبر 1", "خبر 0"]


async def test_of_two_who_change_one_at_once_the_second_is_told(writer: Member):
    one = await written(writer)
    path, read = f"/announcements/{one['id']}", {"If-Match": '"1"'}
    shown = await writer.get(path)
    assert shown.headers["etag"] == '"1"'
    changed = await writer.ok("PATCH", path, json={"weight": "important", "until": at(days=1)}, headers=read)
    assert (changed["weight"], changed["version"], changed["changed_by"]) == ("important", 2, "ناظر")
    assert changed["title_fa"] == WORDS["title_fa"]
    for method, tail, body in (("PATCH", "", {"weight": "info"}), ("POST", "/end", None)):
        late = await writer.request(method, path + tail, json=body, headers=read)
        assert late.status_code == 412
    assert (await writer.ok("GET", path))["version"] == 2


async def test_what_is_the_same_changes_nothing(writer: Member):
    one = await written(writer)
    same = await writer.ok("PATCH", f"/announcements/{one['id']}", json={"title_fa": WORDS["title_fa"]})
    assert same == one


async def test_what_is_taken_away_is_gone_and_a_later_end_shows_it_again(office: Office, writer: Member):
    one = await written(writer, **ENGLISH, until=at(hours=-1), **{"from": at(hours=-2)})
    assert await shown(office) == []
    told = {"title_en": None, "body_en": None, "until": None}
    changed = await writer.ok("PATCH", f"/announcements/{one['id']}", json=told)
    assert (changed["title_en"], changed["until"], changed["showing"]) == (None, None, "shown")


@pytest.mark.parametrize(
    "wrong",
    [
        {"title_fa": ""},
        {"title_fa": "x" * 121},
        {"title_fa": "دو\nخط"},
        {"body_fa": " "},
        {"body_fa": "x" * 4_001},
        {"title_en": "alone"},
        {"body_en": "alone"},
        {"weight": "urgent"},
        {"from": "2026-11-22T08:00:00"},
        {"from": at(days=1), "until": at(days=0)},
        {"colour": "red"},
        {"title_fa": "a\0b"},
    ],
)
async def test_what_makes_no_sense_is_refused(office: Office, writer: Member, wrong: dict):
    refused = await writer.post("/announcements", json={**WORDS, **wrong})
    assert refused.status_code == 422
    assert await shown(office) == []


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 422),
        ({"title_fa": None}, 422),
        ({"from": None}, 422),
        ({"weight": None}, 422),
        ({"until": at(days=-1)}, 409),
        ({"title_en": "alone"}, 409),
    ],
)
async def test_a_change_that_leaves_nonsense_is_refused(writer: Member, change: dict, status: int):
    one = await written(writer, **{"from": at()})
    path = f"/announcements/{one['id']}"
    assert (await writer.patch(path, json=change)).status_code == status
    assert await writer.ok("GET", path) == one


@pytest.mark.parametrize("role", [Role.AGENT, Role.EXPERT, Role.LIAISON, Role.AUDITOR])
async def test_others_read_and_do_not_write(office: Office, writer: Member, role: Role):
    one, other = await written(writer), await office.member(role)
    assert len((await other.ok("GET", "/announcements"))["announcements"]) == 1
    path = f"/announcements/{one['id']}"
    for method, to, body in (
        ("POST", "/announcements", WORDS),
        ("PATCH", path, {"weight": "important"}),
        ("POST", f"{path}/end", None),
    ):
        assert (await other.request(method, to, json=body)).status_code == 403


async def test_there_is_no_other(writer: Member):
    nowhere = "/announcements/00000000-0000-0000-0000-000000000000"
    for method, path, body in (("GET", "", None), ("PATCH", "", {"weight": "info"}), ("POST", "/end", None)):
        assert (await writer.request(method, nowhere + path, json=body)).status_code == 404


async def test_the_audit_says_who_told_everybody_what_was_changed_but_not_the_words(
    store: Store, writer: Member
):
    one = await written(writer)
    path = f"/announcements/{one['id']}"
    await writer.ok("PATCH", path, json={"weight": "important", "body_fa": "دیگر"})
    await writer.ok("POST", f"{path}/end")
    rows = await store.rows(
        "SELECT action, actor, detail::text FROM audit_entry WHERE subject LIKE 'announcement:%' ORDER BY seq"
    )
    assert [row["action"] for row in rows] == [
        f"announcement_{word}" for word in ("written", "changed", "ended")
    ]
    assert {row["actor"] for row in rows} == {"ناظر"}
    assert '"body_fa", "weight"' in rows[1]["detail"]
    assert "دیگر" not in str(rows)
