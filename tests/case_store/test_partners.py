"""Other organisations' services and their keys: told once, kept by their hash, good until they end."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from pydantic import SecretStr

from case_store.handlers.access import build_access
from case_store.schemas.partners import Scope
from case_store.settings import AccessSettings
from case_store.staffing import Role
from gateway_portal.model import Scope as GatewayScope
from tests.case_store.calling import calling
from tests.case_store.conftest import KEY, Store
from tests.case_store.desks import Member, Office, opened
from tests.case_store.one_api import Api

PARTNER = {"id": "tamin-man", "name": "تأمین من"}
KEYS = "/partners/tamin-man/keys"
LIVE = {"label": "اپ موبایل", "scopes": ["cases:read", "messages:write"]}
DEVELOPERS_KEY = "a-key-that-developers-share-0123456789"


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    async with opened(store) as office:
        yield office


@pytest.fixture
async def admin(office: Office) -> Member:
    admin = await office.member(Role.ADMINISTRATOR, units=())
    await admin.ok("POST", "/partners", json=PARTNER)
    return admin


async def book(office: Office) -> list[dict[str, Any]]:
    """As the gateway reads it."""
    found: list[dict[str, Any]] = (await office.service().ok("GET", "/partners/book"))["partners"]
    return found


def later(**time: float) -> str:
    return (datetime.now(UTC) + timedelta(**time)).isoformat()


def test_the_store_and_the_gateway_know_the_same_scopes():
    assert [*Scope] == [str(scope) for scope in GatewayScope]


async def test_a_partner_begins_with_the_quotas_of_everybody_and_no_key(admin: Member):
    made = await admin.ok("GET", "/partners/tamin-man")
    told = {name: made[name] for name in ("name", "state", "per_minute", "per_day", "good_keys", "version")}
    assert told == {
        "name": "تأمین من",
        "state": "active",
        "per_minute": 600,
        "per_day": 100_000,
        "good_keys": 0,
        "version": 1,
    }
    assert made["last_submitted_at"] is None
    assert [one["id"] for one in (await admin.ok("GET", "/partners"))["partners"]] == ["tamin-man"]


async def test_an_id_is_given_once(admin: Member):
    again = await admin.post("/partners", json=PARTNER | {"name": "دیگری"})
    assert (again.status_code, again.json()["detail"]) == (409, "this id is taken")
    assert (await admin.ok("GET", "/partners/tamin-man"))["name"] == "تأمین من"


@pytest.mark.parametrize("wrong", ["", "A", "a", "1a", "a b", "a_b", "ت", "a" * 41, "a/b", "-a"])
async def test_an_id_is_what_may_stand_on_a_message(admin: Member, wrong: str):
    assert (await admin.post("/partners", json={"id": wrong, "name": "x"})).status_code == 422


async def test_a_change_wants_the_version_that_was_read(admin: Member):
    read = await admin.get("/partners/tamin-man")
    tag = {"If-Match": read.headers["etag"]}
    changed = await admin.patch("/partners/tamin-man", json={"per_minute": 5}, headers=tag)
    assert (changed.status_code, changed.json()["version"], changed.headers["etag"]) == (200, 2, '"2"')
    late = await admin.patch("/partners/tamin-man", json={"name": "دیگری"}, headers=tag)
    assert late.status_code == 412
    kept = await admin.ok("GET", "/partners/tamin-man")
    assert (kept["name"], kept["per_minute"], kept["per_day"]) == ("تأمین من", 5, 100_000)


async def test_of_two_who_change_a_partner_at_once_one_wins(admin: Member):
    asked = [
        admin.patch("/partners/tamin-man", json={"per_minute": n}, headers={"If-Match": '"1"'})
        for n in range(10, 14)
    ]
    assert sorted(one.status_code for one in await asyncio.gather(*asked)) == [200, 412, 412, 412]


async def test_nobody_is_changed_who_is_not_there(admin: Member):
    for method, path in (("GET", ""), ("PATCH", ""), ("GET", "/keys")):
        answer = await admin.request(
            method, f"/partners/nobody{path}", json={} if method == "PATCH" else None
        )
        assert answer.status_code == 404
    assert (await admin.post("/partners/nobody/keys", json=LIVE)).status_code == 404


@pytest.mark.parametrize(("sandbox", "prefix"), [(False, "payam_live_"), (True, "payam_test_")])
async def test_a_key_is_told_this_once_and_only_its_hash_is_kept(
    store: Store, office: Office, admin: Member, prefix: str, *, sandbox: bool
):
    answer = await admin.post(KEYS, json=LIVE | {"sandbox": sandbox})
    made = answer.json()
    key = made["key"]
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    assert key.startswith(prefix)
    assert len(key) == len(prefix) + 43
    assert made["hint"] == key[: len(prefix) + 4] + "…"
    [row] = await store.rows("SELECT * FROM partner_key")
    assert bytes(row["hash"]) == sha256(key.encode()).digest()
    [partner] = await book(office)
    [known] = partner["keys"]
    assert known == {
        "id": made["id"],
        "sha256": sha256(key.encode()).hexdigest(),
        "scopes": ["messages:write", "cases:read"],
        "sandbox": sandbox,
        "expires_at": None,
    }
    [listed] = (await admin.ok("GET", KEYS))["keys"]
    assert "key" not in listed
    assert (await admin.ok("GET", "/partners/tamin-man"))["good_keys"] == 1
    for table in ("partner_key", "audit_entry", "idempotency_key"):
        assert key[len(prefix) :] not in str(await store.rows(f"SELECT * FROM {table}"))  # noqa: S608


async def test_a_key_that_was_asked_for_with_an_idempotency_key_is_not_kept_for_it(store: Store):
    async with calling(Api(store)) as service:
        await service.post("/partners", json=PARTNER)
        named = {"Idempotency-Key": "one"}
        first, second = [await service.post(KEYS, json=LIVE, headers=named) for _ in range(2)]
    assert first.json()["key"] != second.json()["key"]
    assert first.json()["key"] not in str(await store.rows("SELECT * FROM idempotency_key"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": ["everything"]},
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"expires_at": "2099-01-01T00:00:00"},
        {"expires_at": "9999-12-31T23:59:59-23:59"},
        {"label": ""},
        {"key": "mine"},
    ],
)
async def test_a_key_that_makes_no_sense_is_not_given(admin: Member, wrong: dict[str, Any]):
    assert (await admin.post(KEYS, json=LIVE | wrong)).status_code == 422
    assert (await admin.ok("GET", KEYS))["keys"] == []


async def test_a_key_taken_back_now_is_in_no_book(office: Office, admin: Member):
    made = await admin.ok("POST", KEYS, json=LIVE)
    revoked = await admin.ok("POST", f"{KEYS}/{made['id']}/revocation")
    assert revoked["good"] is False
    assert [one["keys"] for one in await book(office)] == [[]]
    assert (await admin.ok("POST", f"{KEYS}/{made['id']}/revocation")) == revoked
    again = await admin.post(f"{KEYS}/{made['id']}/revocation", json={"at": later(days=1)})
    assert again.status_code == 409


async def test_a_key_taken_back_for_later_is_good_till_then_beside_the_new_one(office: Office, admin: Member):
    old, new = [await admin.ok("POST", KEYS, json=LIVE) for _ in range(2)]
    revoked = await admin.ok("POST", f"{KEYS}/{old['id']}/revocation", json={"at": later(hours=24)})
    assert revoked["good"] is True
    ends = {key["id"]: key["expires_at"] for key in (await book(office))[0]["keys"]}
    assert ends == {old["id"]: revoked["revoked_at"], new["id"]: None}
    sooner = await admin.ok("POST", f"{KEYS}/{old['id']}/revocation", json={"at": later(hours=1)})
    assert sooner["revoked_at"] < revoked["revoked_at"]


async def test_a_key_is_taken_back_by_its_own_partner_s_page_alone(admin: Member):
    await admin.ok("POST", "/partners", json={"id": "other", "name": "دیگری"})
    made = await admin.ok("POST", KEYS, json=LIVE)
    assert (await admin.post(f"/partners/other/keys/{made['id']}/revocation")).status_code == 404
    assert (await admin.ok("GET", KEYS))["keys"][0]["good"] is True


async def test_a_key_that_expires_is_told_with_its_end_and_then_is_gone(
    store: Store, office: Office, admin: Member
):
    made = await admin.ok("POST", KEYS, json=LIVE | {"expires_at": later(hours=1)})
    assert (await book(office))[0]["keys"][0]["expires_at"] == made["expires_at"]
    await store.rows("UPDATE partner_key SET expires_at = now() - interval '1 second'")
    assert (await book(office))[0]["keys"] == []
    assert (await admin.ok("GET", KEYS))["keys"][0]["good"] is False


async def test_a_suspended_partner_is_in_no_book_until_it_may_again(office: Office, admin: Member):
    await admin.ok("POST", KEYS, json=LIVE)
    await admin.ok("PATCH", "/partners/tamin-man", json={"state": "suspended"})
    assert await book(office) == []
    await admin.ok("PATCH", "/partners/tamin-man", json={"state": "active"})
    assert len((await book(office))[0]["keys"]) == 1


async def test_the_book_is_given_again_only_when_it_has_changed(office: Office, admin: Member):
    gateway = office.service()
    first = await gateway.get("/partners/book")
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    known = await gateway.get("/partners/book", headers={"If-None-Match": tag})
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
    await admin.ok("POST", KEYS, json=LIVE)
    changed = await gateway.get("/partners/book", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


async def test_the_book_is_not_for_administrators(admin: Member):
    assert (await admin.get("/partners/book")).status_code == 403


async def test_every_change_is_in_the_audit_and_no_key_is(store: Store, admin: Member):
    made = await admin.ok("POST", KEYS, json=LIVE)
    await admin.ok("POST", f"{KEYS}/{made['id']}/revocation", json={"at": later(days=1)})
    await admin.ok("PATCH", "/partners/tamin-man", json={"state": "suspended", "name": "نام تازه"})
    rows = await store.rows(
        "SELECT action, actor, detail::text FROM audit_entry WHERE subject = 'partner:tamin-man' ORDER BY seq"
    )
    assert [row["action"] for row in rows] == [
        "partner_made",
        "partner_key_given",
        "partner_key_revoked",
        "partner_changed",
    ]
    assert {row["actor"] for row in rows} == {admin.actor.name}
    assert json.loads(rows[3]["detail"]) == {"state": "suspended", "name": "changed"}
    assert made["key"] not in str(rows)


def access_with(store: Store, key: str | None) -> Any:  # noqa: ANN401  (what the store is built of)
    settings = AccessSettings(partner_api_key=SecretStr(key) if key else None)
    return build_access(store.database, settings, KEY)


async def found(store: Store, key: str | None) -> None:
    """Start the store with this key."""
    founding = access_with(store, key).parts[1]
    await founding._do()


async def test_the_developers_partner_is_made_once_with_the_key_that_was_set(store: Store, office: Office):
    await asyncio.gather(*(found(store, DEVELOPERS_KEY) for _ in range(4)))
    [partner] = await book(office)
    assert (partner["id"], partner["name"]) == ("development", "سرویس آزمایشی توسعه")
    [key] = partner["keys"]
    assert key["sha256"] == sha256(DEVELOPERS_KEY.encode()).hexdigest()
    assert (key["scopes"], key["sandbox"]) == ([*Scope], False)
    await found(store, "another-key-that-came-too-late-0123456789")
    assert (await book(office))[0]["keys"] == [key]


async def test_without_a_key_no_partner_is_made(store: Store, office: Office):
    await found(store, None)
    assert await book(office) == []


async def test_a_developers_key_that_was_taken_back_stays_so(store: Store, office: Office):
    await found(store, DEVELOPERS_KEY)
    [key] = (await office.service().ok("GET", "/partners/development/keys"))["keys"]
    await office.service().ok("POST", f"/partners/development/keys/{key['id']}/revocation")
    await found(store, DEVELOPERS_KEY)
    assert (await book(office))[0]["keys"] == []


def test_a_short_developers_key_is_refused_and_not_told():
    with pytest.raises(ValueError, match="at least 32") as refused:
        AccessSettings(partner_api_key=SecretStr("too-short"))
    assert "too-short" not in str(refused.value)


@pytest.fixture
def app(store: Store) -> Api:
    return Api(store)
