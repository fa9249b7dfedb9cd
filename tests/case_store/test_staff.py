"""Sessions, staff, units and desks over HTTP: who may, what is told, and that nobody locks everybody out."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pyotp
import pytest
from pydantic import SecretStr

from case_store.handlers.access import build_access
from case_store.handlers.founding import Founding
from case_store.settings import AccessSettings
from case_store.staffing import RIGHTS_OF, Role
from envelope.tracking import mint
from tests.case_store.calling import calling
from tests.case_store.conftest import KEY, Store, routed
from tests.case_store.one_api import Api

NEW = {"username": "Z.Karimi", "name": "زهرا کریمی", "roles": ["agent", "agent"], "units": ["retirement"]}
CODE, OTHER_CODE = mint(100, KEY), mint(101, KEY)
PASSWORD = "an entirely new 1420"


@pytest.fixture
def app(store: Store) -> Api:
    return Api(store)


@pytest.fixture
async def administrator(store: Store, app: Api) -> AsyncIterator[httpx.AsyncClient]:
    _, token = await store.a_member(roles=[Role.ADMINISTRATOR], units=[])
    async with calling(app, token) as client:
        yield client


async def hired(administrator: httpx.AsyncClient, **more: object) -> tuple[dict, str]:
    answer = await administrator.post("/staff", json=NEW | more)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()["staff"], answer.json()["password"]


async def test_somebody_is_employed_signs_in_changes_the_password_and_works(app, administrator):
    staff, first = await hired(administrator)
    assert (staff["username"], staff["roles"], staff["desks"]) == ("z.karimi", ["agent"], ["retirement"])
    async with calling(app, None) as stranger:
        begun = await stranger.post("/sessions", json={"username": "Z.KARIMI", "password": first})
        assert begun.status_code == 201
        assert begun.headers["cache-control"] == "no-store"
        assert begun.json()["staff"]["must_change_password"] is True
    async with calling(app, begun.json()["token"]) as zahra:
        assert (await zahra.get("/cases")).status_code == 403
        weak = await zahra.post("/sessions/current/password", json={"current": first, "new": "short"})
        assert weak.status_code == 422
        wrong = await zahra.post("/sessions/current/password", json={"current": "x", "new": PASSWORD})
        assert wrong.status_code == 403
        done = await zahra.post("/sessions/current/password", json={"current": first, "new": PASSWORD})
        assert done.status_code == 204
        assert (await zahra.get("/cases")).status_code == 200
        current = (await zahra.get("/sessions/current")).json()
        assert set(current["staff"]["rights"]) == set(RIGHTS_OF[Role.AGENT])
        assert current["expires_at"] == begun.json()["expires_at"]
        assert (await zahra.delete("/sessions/current")).status_code == 204
        assert (await zahra.get("/sessions/current")).status_code == 401


async def test_a_missing_code_is_told_apart_by_its_type_and_everything_else_is_not(app, administrator):
    _, first = await hired(administrator)
    credentials = {"username": "z.karimi", "password": first}
    async with calling(app, None) as stranger:
        token = (await stranger.post("/sessions", json=credentials)).json()["token"]
        async with calling(app, token) as zahra:
            change = {"current": first, "new": PASSWORD}
            await zahra.post("/sessions/current/password", json=change)
            begun = await zahra.post("/sessions/current/second-factor")
            assert begun.headers["cache-control"] == "no-store"
            totp = pyotp.TOTP(begun.json()["secret"])
            code = {"code": totp.now()}
            assert (await zahra.put("/sessions/current/second-factor", json=code)).status_code == 204
            again = await zahra.request("DELETE", "/sessions/current/second-factor", json=code)
            assert again.status_code == 403
        credentials["password"] = PASSWORD
        needed = await stranger.post("/sessions", json=credentials)
        assert (needed.status_code, needed.json()["type"]) == (401, "/problems/second-factor-needed")
        wrong = await stranger.post("/sessions", json=credentials | {"code": "1"})
        unknown = await stranger.post("/sessions", json={"username": "nobody", "password": "x"})
        assert wrong.status_code == unknown.status_code == 401
        assert wrong.json() == unknown.json()
        assert needed.headers["www-authenticate"] == wrong.headers["www-authenticate"] == "Bearer"


async def test_sessions_are_listed_without_their_tokens_and_the_others_ended(store: Store, app):
    actor, token = await store.a_member()
    async with store.database.transaction() as tx:
        other, _ = await store.access.sessions.begin(tx, actor.staff_id, datetime.now(UTC))
    async with calling(app, token) as client:
        listed = (await client.get("/sessions")).json()["sessions"]
        assert sorted(one["current"] for one in listed) == [False, True]
        assert token not in str(listed)
        assert (await client.delete("/sessions/others")).json() == {"ended": 1}
    async with calling(app, other) as client:
        assert (await client.get("/sessions/current")).status_code == 401


async def test_a_service_has_no_session(app):
    async with calling(app) as client:
        for method, path in (
            ("GET", "/sessions/current"),
            ("DELETE", "/sessions/current"),
            ("GET", "/sessions"),
        ):
            assert (await client.request(method, path)).status_code == 403


async def test_where_single_sign_on_is_not_set_up_it_is_not_there(app):
    async with calling(app, None) as stranger:
        begin = await stranger.post("/sessions/sso/begin", json={"redirect_uri": "https://desk.example/sso"})
        assert begin.status_code == 404


async def test_colleagues_see_names_and_administrators_accounts(store: Store, app, administrator):
    await hired(administrator)
    accounts = (await administrator.get("/staff", params={"unit": "retirement"})).json()["staff"]
    assert [one["username"] for one in accounts] == ["z.karimi"]
    _, token = await store.a_member(units=["treatment"])
    async with calling(app, token) as colleague:
        listed = (await colleague.get("/staff", params={"unit": "retirement"})).json()["staff"]
        assert [set(one) for one in listed] == [{"id", "name", "roles", "units", "desks", "active"}]
        assert (await colleague.get(f"/staff/{listed[0]['id']}")).status_code == 403
        assert (await colleague.post("/staff", json=NEW)).status_code == 403
    for wanted, found in (({"role": "agent"}, 2), ({"role": "liaison"}, 0), ({"active": False}, 0)):
        assert len((await administrator.get("/staff", params=wanted)).json()["staff"]) == found


async def test_a_user_name_is_somebodys_alone_and_a_unit_is_there(administrator):
    await hired(administrator)
    assert (await administrator.post("/staff", json=NEW | {"username": "z.KARIMI"})).status_code == 409
    assert (await administrator.post("/staff", json=NEW | {"username": "b", "units": []})).status_code == 422
    lost = await administrator.post("/staff", json=NEW | {"username": "bb", "units": ["nowhere"]})
    assert lost.status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": "علی"},
        {"roles": []},
        {"roles": ["king"]},
        {"name": " "},
        {"name": "\u200f\u0007"},
        {"x": 1},
    ],
)
async def test_somebody_who_makes_no_sense_is_refused(administrator, wrong):
    assert (await administrator.post("/staff", json=NEW | wrong)).status_code == 422


async def test_whoever_signs_on_elsewhere_gets_no_password(administrator):
    staff, password = await hired(administrator, sso_subject="person-1")
    assert (password, staff["single_sign_on"], staff["password"]) == (None, True, False)


async def test_a_change_of_rights_is_felt_at_once(store: Store, app, administrator):
    actor, token = await store.a_member()
    async with calling(app, token) as colleague:
        assert (await colleague.get("/queues")).status_code == 200
        assert (await colleague.get("/audit")).status_code == 403
        changed = await administrator.patch(f"/staff/{actor.staff_id}", json={"roles": ["auditor"]})
        assert changed.status_code == 200
        assert (await colleague.get("/audit")).status_code == 200
        moved = await administrator.patch(f"/staff/{actor.staff_id}", json={"units": ["general"]})
        assert moved.json()["desks"] == ["general", "triage"]
        await administrator.patch(f"/staff/{actor.staff_id}", json={"active": False})
        assert (await colleague.get("/audit")).status_code == 401
        await administrator.patch(f"/staff/{actor.staff_id}", json={"active": True})
        assert (await colleague.get("/audit")).status_code == 401, "the session has ended for good"


async def test_nobody_changes_their_own_rights_but_everybody_their_language(store: Store, app):
    actor, token = await store.a_member()
    async with calling(app, token) as colleague:
        for change in ({"roles": ["administrator"]}, {"units": ["general"]}, {"language": "en", "name": "x"}):
            assert (await colleague.patch(f"/staff/{actor.staff_id}", json=change)).status_code == 403
        changed = await colleague.patch(f"/staff/{actor.staff_id}", json={"language": "en"})
        assert changed.json()["language"] == "en"
        assert (await colleague.patch(f"/staff/{uuid4()}", json={"language": "en"})).status_code == 403


@pytest.mark.parametrize(
    "change", [{"roles": ["agent"]}, {"active": False}, {"roles": ["agent"], "active": False}]
)
async def test_the_last_administrator_stays(administrator, change):
    own = (await administrator.get("/sessions/current")).json()["staff"]["id"]
    answer = await administrator.patch(f"/staff/{own}", json=change)
    assert (answer.status_code, answer.json()["detail"]) == (409, "nobody would be left to administer")


async def test_two_administrators_who_let_each_other_go_at_once_leave_one(store: Store, app):
    pairs = [await store.a_member(roles=[Role.ADMINISTRATOR]) for _ in range(2)]

    async def let_go(token: str, other: object) -> int:
        async with calling(app, token) as client:
            return (await client.patch(f"/staff/{other}", json={"active": False})).status_code

    (one, one_token), (two, two_token) = pairs
    answers = await asyncio.gather(let_go(one_token, two.staff_id), let_go(two_token, one.staff_id))
    assert min(answers) == 200
    assert max(answers) in {401, 409}
    [left] = await store.rows("SELECT count(*) FROM staff WHERE active AND 'administrator' = ANY(roles)")
    assert left["count"] == 1


async def test_a_change_of_what_was_not_read_is_refused(store: Store, administrator):
    actor, _ = await store.a_member()
    path = f"/staff/{actor.staff_id}"
    etag = (await administrator.get(path)).headers["etag"]
    first = await administrator.patch(path, json={"name": "الف"}, headers={"If-Match": etag})
    assert first.headers["etag"] != etag
    second = await administrator.patch(path, json={"name": "ب"}, headers={"If-Match": etag})
    assert second.status_code == 412
    assert (await administrator.get(path)).json()["name"] == "الف"


async def test_of_two_who_change_the_same_version_at_once_one_is_told(store: Store, administrator):
    actor, _ = await store.a_member()
    path, match = f"/staff/{actor.staff_id}", {"If-Match": '"1"'}
    answers = await asyncio.gather(
        *(administrator.patch(path, json={"name": name}, headers=match) for name in "abcde")
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412]


async def test_somebody_is_helped_back_in(store: Store, app, administrator):
    staff, first = await hired(administrator)
    own = (await administrator.get("/sessions/current")).json()["staff"]["id"]
    assert (await administrator.post(f"/staff/{own}/password-reset")).status_code == 409
    reset = await administrator.post(f"/staff/{staff['id']}/password-reset")
    assert reset.headers["cache-control"] == "no-store"
    async with calling(app, None) as stranger:
        for password, status in ((first, 401), (reset.json()["password"], 201)):
            credentials = {"username": "z.karimi", "password": password}
            assert (await stranger.post("/sessions", json=credentials)).status_code == status
    assert (await administrator.post(f"/staff/{staff['id']}/unlock")).status_code == 204
    assert (await administrator.post(f"/staff/{staff['id']}/sign-out")).json() == {"ended": 1}
    assert (await administrator.post(f"/staff/{uuid4()}/unlock")).status_code == 404
    actions = await store.rows(
        "SELECT action FROM audit_entry WHERE subject = $1 ORDER BY seq", f"staff:{staff['id']}"
    )
    assert [row["action"] for row in actions] == [
        "staff_employed", "password_reset", "signed_in", "staff_unlocked", "staff_signed_out",
    ]  # fmt: skip


async def test_no_password_is_in_the_table_or_the_audit(store: Store, administrator):
    _, password = await hired(administrator)
    kept = str(await store.rows("SELECT * FROM staff")) + str(await store.rows("SELECT * FROM audit_entry"))
    assert password not in kept
    assert "کریمی" not in str(await store.rows("SELECT detail FROM audit_entry"))


# Units and desks


async def test_the_organisation_is_loaded_once_into_an_empty_database(store: Store):
    for _ in range(2):
        await asyncio.gather(*(store.access.organisation.load_defaults() for _ in range(5)))
    assert (await store.count("unit"), await store.count("desk")) == (10, 5)
    await store.rows("UPDATE unit SET name_fa = 'نام تازه' WHERE id = 'general'")
    await store.access.organisation.load_defaults()
    [row] = await store.rows("SELECT name_fa FROM unit WHERE id = 'general'")
    assert row["name_fa"] == "نام تازه"


async def test_the_first_administrator_is_made_once_and_only_where_there_is_nobody(store: Store):
    given = {"desk_admin_user": "Admin", "desk_admin_password": SecretStr("first password 1420")}
    others = [build_access(store.database, AccessSettings(**given), KEY) for _ in range(4)]

    def founding(access, admin) -> Founding:
        return Founding(access.organisation, access.members, access.partners, admin=admin)

    await asyncio.gather(*(founding(access, tuple(given.values())).run() for access in others))
    signed_in = await store.access.sign_in.with_password("admin", "first password 1420", None)
    assert set(signed_in.staff["roles"]) == {"administrator", "supervisor", "agent"}
    assert signed_in.staff["units"] == ["general", "insurance", "retirement", "treatment"]
    assert signed_in.staff["must_change_password"] is False
    await founding(store.access, ("Other", SecretStr("x" * 12))).run()
    assert await store.count("staff") == 1


UNIT = {"kind": "specialised", "name_fa": "حراست", "name_en": "Security"}
DESK = {"unit_id": "general", "name_fa": "میز تازه", "name_en": "New", "position": 7}


async def test_units_and_desks_are_made_and_changed(store: Store, administrator):
    made = await administrator.put("/units/security", json=UNIT)
    assert (made.status_code, made.headers["etag"], made.json()["active"]) == (200, '"1"', True)
    changed = await administrator.put(
        "/units/security", json=UNIT | {"active": False}, headers={"If-Match": '"1"'}
    )
    assert changed.headers["etag"] == '"2"'
    late = await administrator.put("/units/security", json=UNIT, headers={"If-Match": '"1"'})
    assert late.status_code == 412
    assert (await administrator.get("/units/security")).json()["active"] is False
    assert (await administrator.get("/units/nowhere")).status_code == 404
    assert (await administrator.put("/desks/new_desk", json=DESK)).status_code == 200
    assert [one["id"] for one in (await administrator.get("/desks")).json()["desks"]][-1] == "new_desk"
    assert len((await administrator.get("/units")).json()["units"]) == 11
    actions = [row["action"] for row in await store.rows("SELECT action FROM audit_entry ORDER BY seq")]
    assert actions[-3:] == ["unit_made", "unit_changed", "desk_made"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/units/general", UNIT, 409),
        ("/units/general", UNIT | {"kind": "section", "active": False}, 409),
        ("/units/general", UNIT | {"kind": "section"}, 200),
        ("/desks/new_desk", DESK | {"unit_id": "it_office"}, 409),
        ("/desks/new_desk", DESK | {"unit_id": "nowhere"}, 409),
        ("/units/Bad-Id", UNIT, 422),
        ("/units/security", UNIT | {"kind": "office"}, 422),
    ],
)
async def test_desks_belong_to_sections_that_work(administrator, path, body, status):
    assert (await administrator.put(path, json=body)).status_code == status


async def test_everybody_reads_the_organisation_and_administrators_alone_change_it(store: Store, app):
    _, token = await store.a_member(roles=[Role.SUPERVISOR])
    async with calling(app, token) as supervisor:
        assert (await supervisor.get("/units")).status_code == 200
        assert (await supervisor.get("/desks")).status_code == 200
        assert (await supervisor.put("/units/security", json=UNIT)).status_code == 403
        assert (await supervisor.put("/desks/new_desk", json=DESK)).status_code == 403


# The audit over HTTP


async def test_the_audit_is_read_in_pages_and_verified(store: Store, app, administrator):
    for number in range(5):
        await administrator.put(f"/units/unit_{number}", json=UNIT)
    page = (await administrator.get("/audit", params={"limit": 3})).json()
    rest = (await administrator.get("/audit", params={"limit": 3, "cursor": page["next_cursor"]})).json()
    assert [entry["subject"] for entry in page["entries"] + rest["entries"]] == [
        f"unit:unit_{number}" for number in (4, 3, 2, 1, 0)
    ]
    assert rest["next_cursor"] is None
    narrowed = (await administrator.get("/audit", params={"subject": "unit:unit_2"})).json()["entries"]
    assert [entry["seq"] for entry in narrowed] == [3]
    whole = (await administrator.get("/audit/verification")).json()
    assert (whole["whole"], whole["entries"], whole["first_broken"]) == (True, 5, None)
    step = (await administrator.get("/audit/verification", params={"limit": 2})).json()
    place = f"{step['seq']}:{step['seal']}"
    rest = (await administrator.get("/audit/verification", params={"after": place, "known": place})).json()
    assert (rest["whole"], rest["entries"], rest["total"]) == (True, 3, 5)
    assert (await administrator.get("/audit/verification", params={"after": "x"})).status_code == 422


async def test_looking_at_a_case_is_written_down_for_staff_alone(store: Store, app):
    await store.file(routed(code=CODE))
    actor, token = await store.a_member()
    async with calling(app, token) as colleague, calling(app) as service:
        for client in (colleague, service, colleague):
            assert (await client.get(f"/cases/{CODE}")).status_code == 200
        assert (await colleague.get(f"/cases/{OTHER_CODE}")).status_code == 404
        await colleague.post("/search", json={"q": "حقوق بازنشستگی"})
    await store.access.witness.flush()
    rows = await store.rows("SELECT actor_id, action, subject, detail FROM audit_entry ORDER BY seq")
    assert [(row["action"], row["subject"]) for row in rows] == [
        ("case_seen", CODE), ("searched", "search:words"),
    ]  # fmt: skip
    assert {row["actor_id"] for row in rows} == {actor.staff_id}
