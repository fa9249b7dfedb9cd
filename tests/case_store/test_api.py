"""The HTTP API: who may, what it answers, and that pages, keys and versions keep their word."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from bus.dead_letters import DeadLetter
from case_store.model import Rules
from case_store.repository.database import Database
from envelope import topics
from envelope.models import Channel, OutboundMessage
from envelope.taxonomy import Topic
from envelope.tracking import mint, spaced
from tests.case_store.calling import calling
from tests.case_store.conftest import KEY, LINE, TEXT, Store, routed
from tests.case_store.one_api import TOKEN, Api, made

CODE, OTHER_CODE, THIRD_CODE = mint(100, KEY), mint(101, KEY), mint(102, KEY)
BEGAN = datetime(2026, 11, 20, 8, tzinfo=UTC)
WAYS_IN = {"/api/v1/sessions", "/api/v1/sessions/sso", "/api/v1/sessions/sso/begin"}
REPLY = {"text": "می‌رسد 🙏 تا فردا", "author": "agent-7"}


@pytest.fixture
async def api(store: Store) -> AsyncIterator[httpx.AsyncClient]:
    app = Api(store, routes=True)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://test/api/v1",
        headers={"Authorization": f"Bearer {TOKEN}"},
    ) as client:
        client.app = app  # type: ignore[attr-defined]
        yield client


async def test_every_route_wants_the_token(api: httpx.AsyncClient):
    described = api.app.openapi()["paths"]  # type: ignore[attr-defined]
    paths = [path for path in described if path.startswith("/api/v1") and path not in WAYS_IN]
    assert len(paths) >= 40
    async with httpx.AsyncClient(transport=api._transport, base_url="http://test") as stranger:
        for path in paths:
            for method in described[path]:
                target = re.sub(r"{\w+}", CODE, path)
                for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
                    answer = await stranger.request(method, target, headers=headers, json={})
                    assert answer.status_code == 401, (method, path)
                    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_case_is_shown_whole(api: httpx.AsyncClient, store: Store):
    await store.file(routed(code=CODE), routed(code=OTHER_CODE))
    answer = await api.get(f"/cases/{CODE}")
    assert answer.status_code == 200
    case = answer.json()
    assert case["tracking_code"] == CODE
    assert case["aliases"] == [OTHER_CODE]
    assert [said["text"] for said in case["messages"]] == [TEXT, TEXT]
    assert [sent["state"] for sent in case["outbound_messages"]] == ["pending"]
    assert [event["type"] for event in case["events"]] == ["case_opened", "message_received"]
    assert case["person"]["addresses"] == [{"kind": "msisdn", "value": "+989120000001", "wrong_at": None}]
    assert answer.headers["ETag"] == f'"{case["version"]}"'


@pytest.mark.parametrize(
    "typed", [spaced(CODE), CODE.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")), OTHER_CODE]
)
async def test_a_code_is_found_however_it_is_typed_and_by_alias(
    api: httpx.AsyncClient, store: Store, typed: str
):
    await store.file(routed(code=CODE), routed(code=OTHER_CODE))
    assert (await api.get(f"/cases/{typed}")).json()["tracking_code"] == CODE


@pytest.mark.parametrize("code", [CODE, "1234567890", "abc", "0", "%00"])
async def test_a_code_that_leads_nowhere_is_a_404_problem(api: httpx.AsyncClient, code: str):
    answer = await api.get(f"/cases/{code}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "no case has this tracking code",
    }


async def test_what_is_wrong_is_told_without_the_words_that_came(api: httpx.AsyncClient, store: Store):
    await store.file(routed(code=CODE))
    secret = "رازی که نباید برگردد"
    answer = await api.post(
        f"/cases/{CODE}/replies", json={"text": secret * 100, "author": secret, "more": secret}
    )
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert {error["pointer"] for error in problem["errors"]} == {"/body/text", "/body/more"}
    assert "900" in str(problem["errors"])
    assert secret not in answer.text


async def fill(store: Store, count: int) -> list[str]:
    codes = [mint(1000 + n, KEY) for n in range(count)]
    await store.file(
        *(
            routed(sender=f"+98912000{n:04d}", code=code, at=BEGAN + timedelta(minutes=n // 3))
            for n, code in enumerate(codes)
        )
    )
    return codes


async def test_pages_show_each_case_once_while_cases_are_added(api: httpx.AsyncClient, store: Store):
    codes = await fill(store, 25)
    seen, cursor, added = [], None, 0
    while True:
        parameters = {"limit": 4} | ({"cursor": cursor} if cursor else {})
        page = (await api.get("/cases", params=parameters)).json()
        seen += [case["tracking_code"] for case in page["cases"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        added += 1
        await store.file(routed(sender=f"+98913000{added:04d}", code=mint(5000 + added, KEY)))
    assert len(seen) == len(set(seen)) == 25
    assert set(seen) == set(codes)
    times = [(await store.case(code))["opened_at"] for code in seen]
    assert times == sorted(times, reverse=True)


async def test_a_page_that_is_just_full_is_the_last(api: httpx.AsyncClient, store: Store):
    await fill(store, 4)
    assert (await api.get("/cases", params={"limit": 4})).json()["next_cursor"] is None


@pytest.mark.parametrize("cursor", ["x", "AAAA", "ی", "A" * 32, "////////////////////////////////", "-" * 32])
async def test_a_cursor_of_somebody_elses_making_is_refused(api: httpx.AsyncClient, cursor: str):
    assert (await api.get("/cases", params={"cursor": cursor})).status_code in {200, 422}
    assert (await api.get("/cases", params={"cursor": "x"})).status_code == 422


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"state": "new"}, {CODE, OTHER_CODE}),
        ({"state": "triage"}, {THIRD_CODE}),
        ({"desk": "treatment"}, {OTHER_CODE}),
        ({"topic": "pension_payment"}, {CODE}),
        ({"section": "general"}, {THIRD_CODE}),
        ({"channel": "ussd"}, {OTHER_CODE}),
        ({"kind": "complaint"}, set()),
        ({"state": "new", "desk": "retirement"}, {CODE}),
        ({"created_after": "2026-11-20T08:01:00Z"}, {OTHER_CODE, THIRD_CODE}),
        ({"created_before": "2026-11-20T11:31:00+03:30"}, {CODE}),
    ],
    ids=lambda given: str(sorted(given) if isinstance(given, set) else given),
)
async def test_a_list_is_narrowed(api: httpx.AsyncClient, store: Store, wanted, found):
    await store.file(
        routed(code=CODE, at=BEGAN),
        routed(
            code=OTHER_CODE,
            topic=Topic.E_PRESCRIPTION,
            sender="+989120000002",
            channel=Channel.USSD,
            at=BEGAN + timedelta(minutes=1),
        ),
        routed(
            code=THIRD_CODE,
            topic=Topic.OTHER,
            desk="triage",
            sender="+989120000003",
            at=BEGAN + timedelta(minutes=2),
        ),
    )
    page = (await api.get("/cases", params=wanted)).json()
    assert {case["tracking_code"] for case in page["cases"]} == found


@pytest.mark.parametrize(
    "wrong",
    [{"state": "lost"}, {"limit": 0}, {"limit": 1000}, {"contact": "x"}, {"created_after": "2026-11-20"}],
)
async def test_a_filter_that_makes_no_sense_is_refused(api: httpx.AsyncClient, wrong):
    assert (await api.get("/cases", params=wrong)).status_code == 422


@pytest.mark.parametrize("spelling", ["09120000001", "+98 912 000 0001", "۰۹۱۲۰۰۰۰۰۰۱", "989120000001"])
async def test_a_person_is_found_by_any_spelling_of_the_number(
    api: httpx.AsyncClient, store: Store, spelling: str
):
    await store.file(routed(code=CODE), routed(sender="+989120000002"))
    found = (await api.post("/contacts/search", json={"address": spelling})).json()
    assert found["addresses"] == [{"kind": "msisdn", "value": "+989120000001", "wrong_at": None}]
    assert (await api.get(f"/contacts/{found['id']}")).json() == found
    page = (await api.get("/cases", params={"contact": found["id"]})).json()
    assert [case["tracking_code"] for case in page["cases"]] == [CODE]


async def test_a_person_nobody_knows_is_not_found(api: httpx.AsyncClient):
    assert (await api.post("/contacts/search", json={"address": "09120000001"})).status_code == 404
    assert (await api.get(f"/contacts/{uuid4()}")).status_code == 404


async def test_a_reply_goes_to_the_phone_the_person_wrote_from(api: httpx.AsyncClient, store: Store):
    message = routed(code=CODE)
    await store.file(message)
    answer = await api.post(f"/cases/{CODE}/replies", json=REPLY)
    assert answer.status_code == 201
    assert answer.json()["text"] == REPLY["text"]
    assert answer.json()["state"] == "pending"
    await store.publish_all()
    sent = OutboundMessage.from_json(store.bus.of(topics.OUTBOUND_SMS)[-1].value)
    assert (sent.purpose, sent.lane, sent.line) == ("reply", "priority", LINE)
    assert sent.to == message.envelope.sender
    assert sent.text.encode() == REPLY["text"].encode()
    assert str(sent.id) == answer.json()["id"]
    case = (await api.get(f"/cases/{CODE}")).json()
    assert case["state"] == "answered"
    assert case["events"][-1]["type"] == "case_replied"
    assert case["events"][-1]["actor"] == "agent-7"


@pytest.mark.parametrize("by", ["reply_id", "header"])
async def test_a_double_click_sends_once(api: httpx.AsyncClient, store: Store, by: str):
    await store.file(routed(code=CODE))
    key = str(uuid4())
    body = REPLY | ({"reply_id": key} if by == "reply_id" else {})
    headers = {"Idempotency-Key": f'"{key}"'} if by == "header" else {}
    posts = [api.post(f"/cases/{CODE}/replies", json=body, headers=headers) for _ in range(10)]
    answers = await asyncio.gather(*posts)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await store.rows("SELECT id FROM outbound_message WHERE purpose = 'reply'")) == 1
    assert len(await store.rows("SELECT id FROM case_event WHERE type = 'case_replied'")) == 1


@pytest.mark.parametrize("changed", ["text", "author", "case"])
async def test_the_same_key_for_something_else_is_refused(api: httpx.AsyncClient, store: Store, changed: str):
    await store.file(routed(code=CODE), routed(code=OTHER_CODE, sender="+989120000002"))
    headers = {"Idempotency-Key": "one"}
    await api.post(f"/cases/{CODE}/replies", json=REPLY, headers=headers)
    code = OTHER_CODE if changed == "case" else CODE
    body = REPLY if changed == "case" else REPLY | {changed: "another"}
    answer = await api.post(f"/cases/{code}/replies", json=body, headers=headers)
    assert answer.status_code == 422
    assert "idempotency key" in answer.json()["detail"]


async def test_a_service_that_names_nobody_speaks_for_itself(api: httpx.AsyncClient, store: Store):
    await store.file(routed(code=CODE))
    sent = await api.post(f"/cases/{CODE}/replies", json={"text": "سلام"})
    assert sent.json()["author"] == "service"


async def test_two_replies_without_a_key_are_two(api: httpx.AsyncClient, store: Store):
    await store.file(routed(code=CODE))
    for _ in range(2):
        await api.post(f"/cases/{CODE}/replies", json=REPLY)
    assert len(await store.rows("SELECT id FROM outbound_message WHERE purpose = 'reply'")) == 2


@pytest.mark.parametrize(
    "body",
    [
        {"text": "", "author": "a"},
        {"text": " \n ", "author": "a"},
        {"text": "آ" * 901, "author": "a"},
        {"text": "a\0b", "author": "a"},
        {"author": "a"},
        {"text": "a", "author": "a", "reply_id": "no uuid"},
        {"text": "a", "author": "a", "answer_id": "00000000-0000-0000-0000-000000001420"},
    ],
    ids=range(7),
)
async def test_a_reply_that_cannot_be_sent_is_refused(api: httpx.AsyncClient, store: Store, body):
    await store.file(routed(code=CODE))
    assert (await api.post(f"/cases/{CODE}/replies", json=body)).status_code == 422
    assert await store.count("outbound_message") == 1


async def test_a_reply_of_900_letters_is_taken(api: httpx.AsyncClient, store: Store):
    await store.file(routed(code=CODE))
    answer = await api.post(f"/cases/{CODE}/replies", json={"text": "آ" * 900, "author": "a"})
    assert answer.status_code == 201


async def test_who_has_no_phone_cannot_be_replied_to_by_sms(api: httpx.AsyncClient, store: Store):
    await store.file(routed(code=CODE, sender="login-1", account=True, channel=Channel.PORTAL))
    answer = await api.post(f"/cases/{CODE}/replies", json=REPLY)
    assert answer.status_code == 409
    assert "phone number" in answer.json()["detail"]
    assert (await api.get(f"/cases/{CODE}")).json()["state"] == "new"


async def test_closing_is_told_once_and_to_the_person_if_wanted(api: httpx.AsyncClient, store: Store):
    await store.file(routed(code=CODE))
    body = {"reason": "answered", "author": "agent-7", "notify": True}
    closed = [(await api.post(f"/cases/{CODE}/close", json=body)).json() for _ in range(2)]
    assert [case["state"] for case in closed] == ["closed", "closed"]
    assert closed[0]["version"] == closed[1]["version"]
    assert closed[0]["events"][-1]["note"] == "answered"
    assert [sent["purpose"] for sent in closed[1]["outbound_messages"]] == ["acknowledgement", "closed"]


async def test_a_close_in_silence_costs_nothing(api: httpx.AsyncClient, store: Store):
    await store.file(routed(code=CODE))
    case = (await api.post(f"/cases/{CODE}/close", json={"reason": "spam", "author": "agent-7"})).json()
    assert [sent["purpose"] for sent in case["outbound_messages"]] == ["acknowledgement"]


@pytest.mark.parametrize("verb", ["close", "replies"])
async def test_a_case_that_changed_since_it_was_read_is_left_alone(
    api: httpx.AsyncClient, store: Store, verb: str
):
    await store.file(routed(code=CODE))
    etag = (await api.get(f"/cases/{CODE}")).headers["ETag"]
    await store.file(routed())
    body = REPLY if verb == "replies" else {"reason": "answered", "author": "agent-7"}
    stale = await api.post(f"/cases/{CODE}/{verb}", json=body, headers={"If-Match": etag})
    assert stale.status_code == 412
    fresh = (await api.get(f"/cases/{CODE}")).headers["ETag"]
    assert (await api.post(f"/cases/{CODE}/{verb}", json=body, headers={"If-Match": fresh})).is_success


async def test_leases_never_overlap(api: httpx.AsyncClient, store: Store):
    sizes = [1, 100_000, 7, 1000, 1, 50] * 3
    leases = await asyncio.gather(*(api.post("/tracking-code-leases", json={"size": size}) for size in sizes))
    await store.codes.mint(3)
    spans = sorted((lease.json()["first"], lease.json()["last"]) for lease in leases)
    assert {lease.status_code for lease in leases} == {201}
    assert sorted(last - first + 1 for first, last in spans) == sorted(sizes)
    assert all(before[1] < after[0] for before, after in pairwise(spans))
    assert await store.count("tracking_code_lease") == len(sizes) + 1


async def test_when_every_code_is_leased_it_is_said(api: httpx.AsyncClient, store: Store):
    await store.rows("SELECT setval('tracking_sequence', 899999990)")
    assert (await api.post("/tracking-code-leases", json={"size": 9})).json() == {
        "first": 899999991,
        "last": 899999999,
    }
    assert (await api.post("/tracking-code-leases", json={"size": 1})).status_code == 507


async def test_dead_letters_are_listed_shown_and_sent_again(api: httpx.AsyncClient, store: Store):
    letters = [
        DeadLetter(
            topic=topics.ROUTED,
            partition=0,
            offset=n,
            key=b"k",
            value=b"\xff",
            reason="ValidationError",
            failed_at=BEGAN + timedelta(seconds=n),
        )
        for n in range(3)
    ]
    await store.dead_letters.keep(letters)
    first = (await api.get("/dead-letters", params={"limit": 2, "topic": topics.ROUTED})).json()
    rest = (await api.get("/dead-letters", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [item["offset"] for item in first["items"] + rest["items"]] == [2, 1, 0]
    newest = first["items"][0]["id"]
    assert (await api.get(f"/dead-letters/{newest}")).json()["value"] == "/w=="
    replayed = (await api.post(f"/dead-letters/{newest}/replay")).json()
    assert (replayed["state"], replayed["replays"][0]["actor"]) == ("replayed", "operator")
    body = {"topic": topics.ROUTED, "actor": "ops-1"}
    assert (await api.post("/dead-letters/replay", json=body)).json() == {"replayed": 2}
    assert (await api.get("/dead-letters", params={"state": "waiting"})).json()["items"] == []
    assert (await api.get(f"/dead-letters/{uuid4()}")).status_code == 404


async def test_the_board_gets_its_counts(api: httpx.AsyncClient, store: Store):
    await store.file(routed(code=CODE), routed(sender="+989120000002", desk="triage", topic=Topic.OTHER))
    stats = (await api.get("/stats")).json()
    assert stats["cases"] == {"new": 1, "triage": 1, "open": 0, "referred": 0, "answered": 0, "closed": 0}
    assert stats["outbox"]["depth"] == 4
    assert 0 <= stats["outbox"]["oldest_seconds"] < 60
    assert (stats["outbound_stuck"], stats["dead_letters_waiting"]) == (0, 0)


async def test_the_description_of_the_api_tells_every_route_and_field(api: httpx.AsyncClient):
    document = api.app.openapi()  # type: ignore[attr-defined]
    for path, verbs in document["paths"].items():
        if path.startswith("/api/v1"):
            assert all(verb["summary"] and verb["description"] for verb in verbs.values())
    ours = [
        model for name, model in document["components"]["schemas"].items() if "ValidationError" not in name
    ]
    described = [field for model in ours for field in model.get("properties", {}).values()]
    assert all("description" in field or "$ref" in str(field) for field in described)
    assert document["components"]["schemas"]["ReplyRequest"]["examples"]


async def test_every_call_stands_in_the_docs(api: httpx.AsyncClient):
    told = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
    for path, verbs in api.app.openapi()["paths"].items():  # type: ignore[attr-defined]
        if path.startswith("/api/v1"):
            short = re.sub(r"{(\w*_)?(id|code|day)}", r"{\2}", path.removeprefix("/api/v1"))
            short = short.replace("/links/{code}", "/links/{other_code}")
            last = short.rsplit("/", 1)[1]
            assert f"{short}`" in told or f"`/{last}`" in told, path
            assert all(f"{verb.upper()} " in told for verb in verbs)


async def test_the_api_that_the_tests_share_is_made_as_the_apps_and_serves_each_its_own_store(store: Store):
    assert Api(store).openapi() == made(store.handlers).openapi()
    away = Store(Database("postgresql://nobody@127.0.0.1:9/nowhere"), Rules())
    async with calling(Api(store)) as here, calling(Api(away)) as there:
        answers = await asyncio.gather(*(each.get("/stats") for each in (here, there, here, there)))
    assert [answer.status_code for answer in answers] == [200, 503, 200, 503]
