"""What a person sees of their own: what was said, what happened; nothing of the inside, nothing of others."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import event

from case_store.repository import citizen
from case_store.staffing import Role, service
from case_store.verification import parse_verification
from envelope.models import Attachment, Channel, Intent
from envelope.taxonomy import Topic
from envelope.tracking import mint, spaced
from tests.case_store.calling import calling
from tests.case_store.conftest import KEY, TEXT, Store, routed
from tests.case_store.desks import Member, Office, opened
from tests.case_store.one_api import Api

ANNE, BERT, NOBODY = "+989120000001", "+989120000002", "+989120000009"
CODES = [mint(number, KEY) for number in range(500, 540)]
CODE, OTHER, UNUSED = CODES[0], CODES[1], mint(999, KEY)
HIDDEN = "نهان"
"""Stands in everything that must not get out."""
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(2_000)
HASH = sha256(JPEG).hexdigest()
PICTURE = Attachment(uri="x", sha256=HASH, media_type="image/jpeg", size=len(JPEG))
DENIED = {"title", "status", "detail", "type", "instance"}


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    async with opened(store) as office:
        yield office


@pytest.fixture
def portal(office: Office) -> Member:
    """The service that speaks for people."""
    return office.service()


async def own(portal: Member, code: str = CODE, msisdn: str = ANNE) -> dict[str, Any]:
    return await portal.ok("POST", "/citizen/case", json={"msisdn": msisdn, "code": code})


async def pages(portal: Member, msisdn: str = ANNE, limit: int = 20) -> list[list[dict[str, Any]]]:
    found, cursor = [], None
    while True:
        body = {"msisdn": msisdn, "limit": limit, "cursor": cursor}
        page = await portal.ok("POST", "/citizen/cases", json=body)
        found.append(page["cases"])
        cursor = page["next_cursor"]
        if cursor is None:
            return found


async def busy(office: Office) -> None:
    """A case with everything that there can be around one."""
    await office.store.file(routed(code=CODE), routed(code=OTHER, sender=BERT))
    boss = await office.member(Role.SUPERVISOR, name=f"{HIDDEN} رئیس")
    liaison = await office.member(Role.LIAISON, units=["pensions_office"], name=f"{HIDDEN} رابط")
    url = f"/cases/{CODE}"
    await boss.ok("POST", f"{url}/claim")
    await boss.ok("POST", f"{url}/notes", json={"text": f"{HIDDEN} یادداشت"})
    await boss.ok("PUT", f"{url}/draft", json={"text": f"{HIDDEN} پیش‌نویس"})
    await boss.ok("POST", f"{url}/attachments", files={"file": (f"{HIDDEN}.jpg", JPEG, "image/jpeg")})
    await boss.ok("POST", f"{url}/links", json={"other_code": OTHER, "relation": "related"})
    for way, said in (("answer", "text"), ("return", "reason")):
        ask = {"tier": "liaison", "unit_id": "pensions_office", "question": f"{HIDDEN} پرسش"}
        asked = await boss.ok("POST", f"{url}/referrals", json=ask)
        await liaison.ok("POST", f"/referrals/{asked['id']}/{way}", json={said: f"{HIDDEN} پاسخ"})
    sorting = {"topic": "survivor_pension", "kind": "complaint", "audience": "survivor"}
    await boss.ok("POST", f"{url}/reclassification", json=sorting)
    for text, reason in (("نامهٔ درست", None), (f"{HIDDEN} نامه", f"{HIDDEN} دلیل")):
        letter = await boss.ok("POST", f"{url}/official-replies", json={"text": text})
        if reason:
            await boss.ok("POST", f"/official-replies/{letter['id']}/revoke", json={"reason": reason})
    await boss.ok("POST", f"{url}/replies", json={"text": "فردا واریز می‌شود."})
    await boss.ok("POST", f"{url}/close", json={"reason": f"{HIDDEN} دلیل", "notify": True})
    await boss.ok("POST", f"{url}/reopen", json={"reason": f"{HIDDEN} دلیل"})
    await office.store.file(routed("پیگیری", intent=Intent.STATUS, cites=(CODE,)))
    await boss.ok("POST", f"{url}/replies", json={"text": "واریز شد؟", "awaits_citizen": True})


VIEWS: dict[str, dict[str, Any]] = {"cases": {}, "case": {"code": CODE}, "export": {}}


async def test_what_is_inside_stays_inside(office: Office, portal: Member):
    await busy(office)
    seen = await office.store.case(CODE)
    assert str(seen).count(HIDDEN) > 10, "there must be something to hide"
    ids = await office.store.rows(
        "SELECT id::text FROM cases UNION SELECT id::text FROM contact UNION SELECT id::text FROM staff "
        "UNION SELECT id::text FROM referral UNION SELECT message_id::text FROM message "
        "UNION SELECT id::text FROM outbound_message UNION SELECT id::text FROM case_event"
    )
    inside = [HIDDEN, OTHER, BERT, "pensions_office", "رابط", "رئیس", *(row["id"] for row in ids)]
    for view, body in VIEWS.items():
        given = await portal.ok("POST", f"/citizen/{view}", json={"msisdn": ANNE} | body)
        told = json.dumps(given, ensure_ascii=False)
        assert CODE in told
        assert [mark for mark in inside if mark in told] == [], view


async def test_a_case_tells_what_was_said_and_what_happened(office: Office, portal: Member):
    await busy(office)
    case = await own(portal)
    assert [(one["from"], one["channel"], one["text"]) for one in case["entries"]] == [
        ("you", "sms", TEXT),
        ("us", "portal", "نامهٔ درست"),
        ("us", "portal", ""),
        ("us", "sms", "فردا واریز می‌شود."),
        ("us", "sms", "واریز شد؟"),
    ]
    letters = [one["official"] for one in case["entries"] if one["official"]]
    assert [letter["revoked"] for letter in letters] == [False, True]
    assert all(parse_verification(letter["code"]) for letter in letters)
    assert [step["what"] for step in case["steps"]] == [
        "opened", "referred", "referred", "reclassified", "official_reply_issued", "official_reply_issued",
        "official_reply_revoked", "answered", "closed", "reopened", "answered", "waiting",
    ]  # fmt: skip
    expected = {
        "tracking_code": CODE,
        "state": "answered",
        "topic": "survivor_pension",
        "section": "retirement",
        "kind": "complaint",
        "closed_at": None,
        "reopen_until": None,
        "awaits_person": True,
        "rating": None,
        "aliases": [],
    }
    assert case | expected == case
    summaries = await pages(portal)
    assert summaries == [[{name: case[name] for name in summaries[0][0]}]]


async def test_the_answers_are_never_kept_on_the_way(office: Office, portal: Member):
    await office.store.file(routed(code=CODE))
    async with calling(Api(office.store)) as client:
        for view, body in VIEWS.items():
            answer = await client.post(
                f"/citizen/{view}", json={"msisdn": ANNE} | body, headers={"Idempotency-Key": view}
            )
            assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
    assert await office.store.count("idempotency_key") == 0
    assert await office.store.count("audit_entry") == 0


@pytest.mark.parametrize("view", ["case", "file"])
@pytest.mark.parametrize("code", [OTHER, UNUSED, "1234567890", "سلام"])
@pytest.mark.parametrize("msisdn", [ANNE, NOBODY])
async def test_another_persons_case_is_as_unknown_as_one_that_there_is_none_of(
    office: Office, portal: Member, view: str, code: str, msisdn: str
):
    await office.store.file(routed(code=CODE), routed(code=OTHER, sender=BERT, attachments=(PICTURE,)))
    await office.store.objects.put(HASH, io.BytesIO(JPEG))
    body = {"msisdn": msisdn, "code": code} | ({"sha256": HASH} if view == "file" else {})
    refused = await portal.post(f"/citizen/{view}", json=body)
    assert refused.status_code == 404
    unknown = await portal.post(f"/citizen/{view}", json=body | {"code": UNUSED})
    assert refused.json() == unknown.json()
    assert refused.json().keys() <= DENIED


async def test_a_number_that_never_wrote_has_nothing(office: Office, portal: Member):
    await office.store.file(routed(code=CODE))
    assert await pages(portal, NOBODY) == [[]]
    given = await portal.ok("POST", "/citizen/export", json={"msisdn": NOBODY})
    assert given == {"person": None, "cases": [], "ratings": [], "messages": [], "complete": True}


async def test_an_account_of_the_same_name_is_not_the_number(office: Office, portal: Member):
    await office.store.file(
        routed(code=CODE, sender=ANNE, account=True),
        routed(code=OTHER, sender=f"unproven:{ANNE}", account=True),
    )
    assert await pages(portal) == [[]]
    assert (await portal.post("/citizen/owner", json={"code": CODE})).status_code == 404


@pytest.mark.parametrize("role", Role)
async def test_the_staff_are_refused_whatever_they_are(office: Office, role: Role):
    await office.store.file(routed(code=CODE))
    member = await office.member(role)
    for view, body in {**VIEWS, "file": {"code": CODE, "sha256": HASH}}.items():
        assert (await member.post(f"/citizen/{view}", json={"msisdn": ANNE} | body)).status_code == 403
    assert (await member.post("/citizen/owner", json={"code": CODE})).status_code == 403


@pytest.mark.parametrize("typed", ["۰۹۱۲ ۰۰۰ ۰۰۰۱", "09120000001", "+98 912 000 0001"])
async def test_a_number_and_a_code_are_taken_in_any_spelling(office: Office, portal: Member, typed: str):
    await office.store.file(routed(code=CODE))
    assert (await own(portal, spaced(CODE), typed))["tracking_code"] == CODE


@pytest.mark.parametrize(
    "body",
    [{}, {"msisdn": "1420"}, {"msisdn": "سلام"}, {"msisdn": ANNE, "limit": 0}, {"msisdn": ANNE, "limit": 51},
     {"msisdn": ANNE, "cursor": "!"}, {"msisdn": ANNE, "more": 1}],
)  # fmt: skip
async def test_what_is_no_number_or_no_page_is_refused(portal: Member, body: dict[str, Any]):
    assert (await portal.post("/citizen/cases", json=body)).status_code == 422


async def test_pages_go_from_the_latest_activity_and_leave_nothing_out(office: Office, portal: Member):
    start = datetime.now(UTC) - timedelta(days=2)
    topics = [topic for topic in Topic if topic is not Topic.OTHER][:9]
    for n, topic in enumerate(topics):
        # Two by two at one moment, so that the page ends among equals.
        await office.store.file(
            routed(code=CODES[n], topic=topic, chosen=True, at=start + timedelta(hours=n // 2))
        )
    await office.store.file(routed("بیشتر", cites=(CODES[2],)))
    whole = [case["tracking_code"] for case in (await pages(portal))[0]]
    assert (whole[0], sorted(whole)) == (CODES[2], sorted(CODES[:9]))
    small = await pages(portal, limit=2)
    assert [len(page) for page in small] == [2, 2, 2, 2, 1]
    assert [case["tracking_code"] for page in small for case in page] == whole
    moments = [case["last_activity_at"] for page in small for case in page]
    assert moments == sorted(moments, reverse=True)


async def test_merged_people_see_the_cases_of_both_and_parted_ones_their_own(office: Office, portal: Member):
    store = office.store
    await store.file(routed(code=CODE), routed(code=OTHER, sender=BERT))
    anne, bert = [
        (await store.rows("SELECT contact_id AS id FROM contact_address WHERE value = $1", one))[0]["id"]
        for one in (ANNE, BERT)
    ]
    merge = await store.consulting.merging.merge(service(), anne, bert, "یک نفر")
    for number in (ANNE, BERT):
        [page] = await pages(portal, number)
        assert {case["tracking_code"] for case in page} == {CODE, OTHER}
        assert (await own(portal, OTHER, number))["tracking_code"] == OTHER
    # Meanwhile each of them writes in the case that the other had, and both are answered there.
    await store.file(routed("راز آنه", cites=(OTHER,)), routed("راز برت", sender=BERT, cites=(OTHER,)))
    await store.staff.reply(service(), OTHER, "پاسخ به برت", None, key=None, version=None)
    await store.file(routed("باز هم آنه", cites=(OTHER,)))
    await store.staff.reply(service(), OTHER, "پاسخ به آنه", None, key=None, version=None)
    await store.consulting.merging.undo(service(), merge)
    [page] = await pages(portal, ANNE)
    assert [case["tracking_code"] for case in page] == [CODE]
    refused = await portal.post("/citizen/case", json={"msisdn": ANNE, "code": OTHER})
    assert refused.status_code == 404
    said = [entry["text"] for entry in (await own(portal, OTHER, BERT))["entries"]]
    assert said == [TEXT, "راز برت", "پاسخ به برت"]
    export = await portal.ok("POST", "/citizen/export", json={"msisdn": BERT})
    assert "آنه" not in json.dumps(export, ensure_ascii=False)


async def test_a_further_number_of_a_person_is_theirs_too(office: Office, portal: Member):
    await office.store.file(routed(code=CODE))
    [row] = await office.store.rows("SELECT contact_id AS id FROM contact_address")
    await office.store.consulting.people.add_address(service(), row["id"], BERT, None)
    assert (await own(portal, CODE, BERT))["tracking_code"] == CODE


async def test_the_owner_is_reached_where_they_last_wrote_from(office: Office, portal: Member):
    store = office.store
    await store.file(routed(code=CODE, at=datetime.now(UTC) - timedelta(hours=2)))
    [row] = await store.rows("SELECT contact_id AS id FROM contact_address")
    await store.consulting.people.add_address(service(), row["id"], "+982188880000", None)
    await store.consulting.people.add_address(service(), row["id"], BERT, None)

    async def reached() -> str:
        return (await portal.ok("POST", "/citizen/owner", json={"code": spaced(CODE)}))["msisdn"]

    assert await reached() == ANNE
    await store.file(routed("بیشتر", sender=BERT, cites=(CODE,)))
    assert await reached() == BERT
    await store.file(routed("بیشتر", sender="+982188880000", cites=(CODE,)))
    assert await reached() == BERT


@pytest.mark.parametrize("case", ["unknown", "no code", "landline", "account"])
async def test_an_unknown_code_and_a_person_without_a_mobile_are_alike(
    office: Office, portal: Member, case: str
):
    await office.store.file(
        routed(code=CODE, sender="+982188880000"), routed(code=OTHER, sender="login-1", account=True)
    )
    typed = {"unknown": UNUSED, "no code": "سلام", "landline": CODE, "account": OTHER}[case]
    refused = await portal.post("/citizen/owner", json={"code": typed})
    assert (refused.status_code, refused.json()["detail"]) == (404, "no case has this tracking code")


async def test_a_call_shows_the_question_before_the_answer_that_was_given(office: Office, portal: Member):
    agent = await office.member(name=HIDDEN)
    call = {
        "channel": "phone",
        "address": ANNE,
        "text": "کی واریز می‌شود؟",
        "topic": "pension_payment",
        "kind": "question",
        "answer": "امروز.",
        "close": True,
    }
    taken = await agent.ok("POST", "/cases", json=call)
    case = await own(portal, taken["tracking_code"])
    assert [(one["from"], one["channel"], one["text"]) for one in case["entries"]] == [
        ("you", "phone", "کی واریز می‌شود؟"),
        ("us", "phone", "امروز."),
    ]
    assert (case["state"], case["awaits_person"], case["due_at"]) == ("closed", False, None)
    closed, until = (datetime.fromisoformat(case[name]) for name in ("closed_at", "reopen_until"))
    assert until - closed == timedelta(days=14)
    assert HIDDEN not in json.dumps(case)


async def test_the_deadline_shown_is_the_cases_own_not_a_referrals(office: Office, portal: Member):
    await office.store.file(routed(code=CODE))
    before = await own(portal)
    assert (before["due_at"] is None, before["awaits_person"], before["state"]) == (False, False, "new")
    agent = await office.member()
    ask = {"tier": "liaison", "unit_id": "pensions_office", "question": "چرا؟"}
    await agent.ok("POST", f"/cases/{CODE}/referrals", json=ask)
    early = datetime.fromisoformat(before["due_at"]) - timedelta(hours=1)
    await office.store.rows("UPDATE clock SET due_at = $1 WHERE referral_id IS NOT NULL", early)
    await office.store.rows("UPDATE cases SET due_at = $1", early)
    assert (await own(portal))["due_at"] == before["due_at"]
    await agent.ok("POST", f"/cases/{CODE}/replies", json={"text": "کد ملی؟", "awaits_citizen": True})
    waiting = await own(portal)
    assert (waiting["state"], waiting["awaits_person"]) == ("referred", True)


async def test_a_code_that_was_shown_and_joined_is_an_alias(office: Office, portal: Member):
    await office.store.file(routed(code=CODE))
    await office.store.file(routed("بیشتر", code=CODES[5]))
    case = await own(portal, CODES[5])
    assert (case["tracking_code"], case["aliases"]) == (CODE, [CODES[5]])
    assert [entry["text"] for entry in case["entries"]] == [TEXT, "بیشتر"]


async def test_a_file_is_given_back_to_who_sent_it_and_nothing_that_staff_added(
    office: Office, portal: Member
):
    store, agent = office.store, await office.member()
    recording = Attachment(uri="x", sha256="ab" * 32, media_type="audio/wav", size=9, seconds=2.5)
    await store.file(routed(code=CODE, attachments=(PICTURE, recording)))
    await store.objects.put(HASH, io.BytesIO(JPEG))
    added = await agent.ok(
        "POST", f"/cases/{CODE}/attachments", files={"file": ("a.txt", b"words", "text/plain")}
    )
    [entry] = (await own(portal))["entries"]
    assert entry["attachments"] == [
        {"sha256": HASH, "media_type": "image/jpeg", "size": len(JPEG), "seconds": None},
        {"sha256": "ab" * 32, "media_type": "audio/wav", "size": 9, "seconds": 2.5},
    ]
    asked = {"msisdn": ANNE, "code": CODE, "sha256": HASH}
    given = await portal.post("/citizen/file", json=asked)
    assert (given.content, given.headers["content-type"]) == (JPEG, "image/jpeg")
    assert given.headers["x-content-type-options"] == "nosniff"
    assert given.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert given.headers["cache-control"] == "private, no-store"
    assert given.headers["content-disposition"].startswith(f'attachment; filename="{HASH[:12]}.jpg"')
    for sha in (added["sha256"], "ab" * 32, "00" * 32):
        missing = await portal.post("/citizen/file", json=asked | {"sha256": sha})
        assert (missing.status_code, missing.json()["detail"]) == (404, "the case has no such file")


async def test_an_export_is_everything_that_a_person_may_see(office: Office, portal: Member):
    store = office.store
    await store.file(routed("راهنما", intent=Intent.HELP), routed(code=CODE), routed(code=OTHER, sender=BERT))
    await store.file(routed("پیگیری", intent=Intent.STATUS, cites=(CODE,)))
    await store.file(routed("عالی بود", intent=Intent.RATING, stars=4, refers_to=CODE, cites=(CODE,)))
    [row] = await store.rows("SELECT contact_id AS id FROM contact_address WHERE value = $1", ANNE)
    who = {"name": "آنه", "national_id": "0013542419"}
    await store.consulting.people.change(service(), row["id"], who, None)
    await store.consulting.people.add_address(service(), row["id"], NOBODY, None)
    export = await portal.ok("POST", "/citizen/export", json={"msisdn": ANNE})
    assert export["person"] | {"name": "آنه", "national_id": "•••••••419"} == export["person"]
    assert [one["value"] for one in export["person"]["addresses"]] == [ANNE, "+98912***0009"]
    assert [case["tracking_code"] for case in export["cases"]] == [CODE]
    assert [one["text"] for one in export["cases"][0]["entries"]] == [TEXT, "پیگیری", "عالی بود"]
    assert [(one["tracking_code"], one["stars"], one["words"]) for one in export["ratings"]] == [
        (CODE, 4, "عالی بود")
    ]
    assert [(one["from"], one["text"]) for one in export["messages"]] == [("you", "راهنما")]
    assert export["complete"] is True


async def test_an_export_that_is_cut_off_says_so(office: Office, portal: Member, monkeypatch):
    monkeypatch.setattr(citizen, "MOST_SAID", 3)
    await office.store.file(routed(code=CODE))
    for text in ("یک", "دو", "سه"):
        assert (await portal.ok("POST", "/citizen/export", json={"msisdn": ANNE}))["complete"] is (
            text != "سه"
        )
        await office.store.file(routed(text, cites=(CODE,)))
    assert [one["text"] for one in (await own(portal))["entries"]] == ["یک", "دو", "سه"]
    monkeypatch.setattr(citizen, "MOST_SAID", 500)
    assert (await portal.ok("POST", "/citizen/export", json={"msisdn": ANNE}))["complete"] is True
    monkeypatch.setattr("case_store.handlers.citizen._MOST_CASES", 1)
    await office.store.file(routed(code=OTHER, topic=Topic.E_PRESCRIPTION, chosen=True))
    export = await portal.ok("POST", "/citizen/export", json={"msisdn": ANNE})
    assert ([case["tracking_code"] for case in export["cases"]], export["complete"]) == ([OTHER], False)


async def statements(store: Store, act: Callable[[], Awaitable[object]]) -> list[str]:
    """What PostgreSQL was asked meanwhile."""
    asked: list[str] = []

    def heard(query: Any) -> None:  # noqa: ANN401  (asyncpg's)
        asked.append(query.query)

    def listen(connection: Any, *_: object) -> None:  # noqa: ANN401  (SQLAlchemy's)
        connection.driver_connection.add_query_logger(heard)

    def leave(connection: Any, *_: object) -> None:  # noqa: ANN401  (SQLAlchemy's)
        connection.driver_connection.remove_query_logger(heard)

    pool = store.database.engine.sync_engine
    event.listen(pool, "checkout", listen)
    event.listen(pool, "checkin", leave)
    try:
        await act()
        await asyncio.sleep(0.05)
    finally:
        event.remove(pool, "checkout", listen)
        event.remove(pool, "checkin", leave)
    return asked


async def test_the_number_of_statements_does_not_grow_with_what_there_is(store: Store):
    views: dict[str, tuple[Callable[[], Awaitable[object]], int]] = {
        "owner": (lambda: store.citizens.owner(CODE), 1),
        "page": (lambda: store.citizens.page(ANNE, None, 50), 1),
        "case": (lambda: store.citizens.case(ANNE, CODE), 6),
        "export": (lambda: store.citizens.export(ANNE), 11),
    }
    topics = [topic for topic in Topic if topic is not Topic.OTHER]
    for round_ in range(2):
        await store.file(
            *(routed(code=CODES[round_ * 10 + n], topic=topics[n], chosen=True) for n in range(9))
        )
        await store.file(*(routed(f"بیشتر {n}", cites=(CODES[n],), code=CODES[30 + n]) for n in range(9)))
        for n in range(9):
            await store.staff.reply(service(), CODES[n], "پاسخ", None, key=None, version=None)
        for view, (act, most) in views.items():
            asked = await statements(store, act)
            assert 1 <= len(asked) <= most, (view, asked)


async def test_no_statement_reads_a_table_from_end_to_end(store: Store):
    await store.file(routed(code=CODE, attachments=(PICTURE,)), routed("راهنما", intent=Intent.HELP))
    [row] = await store.rows("SELECT id, contact_id FROM cases")
    who, which = row["contact_id"], [row["id"]]
    asked: list[tuple[str, tuple[object, ...]]] = [
        (citizen._OWNER, (CODE,)),
        (citizen._PERSON, (ANNE,)),
        (citizen._PAGE, (ANNE, None, None, 20)),
        (citizen._FIND, (ANNE, CODE)),
        (citizen._SAID, (which, who, ["message"], 500)),
        (citizen._ANSWERED, (which, who, 500)),
        (citizen._OFFICIAL, (which, 500)),
        (citizen._HAPPENED, (which, ["case_opened"], 500)),
        (citizen._ALIASES, ([CODE], which)),
        (citizen._RATED, (which, who)),
        (citizen._BESIDE_CASES, (who, 500)),
        (citizen._ABOUT, (who,)),
        (citizen._ADDRESSES, (who,)),
        (citizen._BROUGHT, (row["id"], who, json.dumps([{"sha256": HASH}]), HASH)),
    ]
    await store.rows("ANALYZE")
    for query, values in asked:
        plan = "\n".join(line["QUERY PLAN"] for line in await store.rows(f"EXPLAIN {query}", *values))
        assert "Index" in plan, plan
        assert "Seq Scan" not in plan, plan


async def test_a_message_without_a_case_on_another_channel_is_shown_with_its_door(
    office: Office, portal: Member
):
    await office.store.file(routed("راهنما", intent=Intent.HELP, channel=Channel.USSD))
    export = await portal.ok("POST", "/citizen/export", json={"msisdn": ANNE})
    assert [(one["channel"], one["text"]) for one in export["messages"]] == [("ussd", "راهنما")]
