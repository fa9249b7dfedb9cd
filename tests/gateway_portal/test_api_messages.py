"""Other services hand in for people: safe once it is answered, once for each key, no more than agreed."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bus.errors import NotAcceptedError
from bus.intake import Intake
from envelope.addresses import AddressKind
from envelope.models import Channel, message_id_of
from envelope.taxonomy import Audience, Kind, Topic
from envelope.tracking import is_valid
from gateway_portal.repository import once as once_module
from minting.mint import CodeMint
from tests.gateway_portal.conftest import LIVE_KEY, PARTNER, SANDBOX_KEY, a_key, a_partner

MESSAGES = "/api/v1/messages"
TEXT = "دو سال از سابقهٔ من ثبت نشده است."
TOLD = {"text": TEXT, "person": {"mobile": "09121234567"}}
WRONG = [
    ({"text": ""}, "/body/text"),
    ({"text": " \n\u00a0"}, "/body/text"),
    ({"text": "a\0b"}, "/body/text"),
    ({"text": "x" * 4_001}, "/body/text"),
    ({"text": 5}, "/body/text"),
    ({"text": None}, "/body/text"),
    ({"person": {}}, "/body/person/account"),
    ({"person": "09121234567"}, "/body/person"),
    ({"person": {"mobile": "09121234567", "account": "x"}}, "/body/person/account"),
    ({"person": {"mobile": "02112345678"}}, "/body/person/mobile"),
    ({"person": {"mobile": "۰۹۱۲۱۲۳۴۵۶۷"}}, "/body/person/mobile"),
    ({"person": {"mobile": "09121234567\n"}}, "/body/person/mobile"),
    ({"person": {"account": ""}}, "/body/person/account"),
    ({"person": {"account": "a b"}}, "/body/person/account"),
    ({"person": {"account": "a\r\nb"}}, "/body/person/account"),
    ({"person": {"account": "x" * 101}}, "/body/person/account"),
    ({"topic": "pensions"}, "/body/topic"),
    ({"kind": "status_inquiry"}, "/body/kind"),
    ({"audience": "everybody"}, "/body/audience"),
    ({"province": "Yazd"}, "/body/province"),
    ({"tracking_code": "1234567890"}, "/body/tracking_code"),
    ({"reference": ""}, "/body/reference"),
    ({"reference": " a"}, "/body/reference"),
    ({"reference": "a\nb"}, "/body/reference"),
    ({"reference": "x" * 101}, "/body/reference"),
    ({"occurred_at": "2026-11-20T10:00:00"}, "/body/occurred_at"),
    ({"occurred_at": "1763632800"}, "/body/occurred_at"),
    ({"occurred_at": 1_763_632_800}, "/body/occurred_at"),
    ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "/body/occurred_at"),
    ({"sender": "x"}, "/body/sender"),
]
KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


async def hand_in(portal, told=None, key=KEY, api_key=LIVE_KEY, **headers):
    headers = {"Idempotency-Key": key, **headers} if key else headers
    async with portal.partner(api_key) as service:
        return await service.post(MESSAGES, json=TOLD if told is None else told, headers=headers)


def problem(answer: httpx.Response, status: int, kind: str) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["type"] == f"urn:payam:problem:{kind}"
    assert told["status"] == status
    return told


async def test_what_is_answered_is_safe_and_has_its_code(portal):
    told = {
        **TOLD,
        "topic": "contribution_record",
        "kind": "complaint",
        "audience": "insured",
        "province": "یزد",
        "tracking_code": "۱۲۳ ۴۵۶ ۷۸۹۴",
        "reference": "ticket-4711",
        "occurred_at": "2026-11-20T10:00:00+03:30",
    }
    answer = await hand_in(portal, told)
    assert answer.status_code == 201
    receipt = answer.json()
    [envelope] = portal.envelopes
    assert receipt["message_id"] == str(envelope.message_id)
    assert envelope.message_id == message_id_of(Channel.API, "api", PARTNER, KEY)
    assert receipt["tracking_code"] == envelope.tracking_code
    assert is_valid(envelope.tracking_code)
    assert receipt["state"] == "received"
    assert datetime.fromisoformat(receipt["accepted_at"]) == envelope.received_at
    assert receipt["links"]["case"] == answer.headers["location"] == f"/api/v1/cases/{envelope.tracking_code}"
    assert (envelope.channel, envelope.line) == (Channel.API, "api")
    assert (envelope.provider, envelope.provider_message_id) == (PARTNER, KEY)
    assert (envelope.sender.kind, envelope.sender.value) == (AddressKind.MSISDN, "+989121234567")
    assert envelope.text == TEXT
    assert envelope.declared.topic is Topic.CONTRIBUTION_RECORD
    assert envelope.declared.kind is Kind.COMPLAINT
    assert envelope.declared.audience is Audience.INSURED
    assert envelope.declared.province == "یزد"
    assert envelope.refers_to == "1234567894"
    assert envelope.reference == "ticket-4711"
    assert envelope.occurred_at == datetime(2026, 11, 20, 6, 30, tzinfo=UTC)


async def test_an_account_is_a_person_of_that_partner_alone(portal):
    await hand_in(portal, {"text": TEXT, "person": {"account": "user-71f3"}})
    [envelope] = portal.envelopes
    assert (envelope.sender.kind, envelope.sender.value) == (AddressKind.ACCOUNT, f"{PARTNER}:user-71f3")
    assert envelope.declared is None


@pytest.mark.parametrize(
    "mobile", ["09121234567", "+989121234567", "00989121234567", "989121234567", "9121234567"]
)
async def test_one_number_is_one_person_however_it_is_written(portal, mobile):
    await hand_in(portal, {"text": TEXT, "person": {"mobile": mobile}})
    assert portal.envelopes[0].sender.value == "+989121234567"


async def test_the_same_key_is_the_same_message_and_the_same_answer(portal):
    first, second = await hand_in(portal), await hand_in(portal)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second.headers["location"] == first.headers["location"]
    assert second.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert len(portal.envelopes) == 1


async def test_a_key_is_the_same_quoted_or_not(portal):
    first, second = await hand_in(portal), await hand_in(portal, key=f'"{KEY}"')
    assert second.content == first.content


async def test_fifty_copies_at_once_are_one_message(portal):
    answers = await asyncio.gather(*(hand_in(portal) for _ in range(50)))
    by_status = {status: [a for a in answers if a.status_code == status] for status in (201, 409)}
    assert sum(map(len, by_status.values())) == 50
    assert len({answer.content for answer in by_status[201]}) == 1
    for answer in by_status[409]:
        problem(answer, 409, "under-way")
        assert answer.headers["retry-after"] == "1"
    assert len(portal.envelopes) == 1


async def test_a_key_under_way_is_taken_over_when_whoever_had_it_is_gone(portal, redis, monkeypatch):
    async def never(_intake, _envelope):
        await asyncio.sleep(60)

    with monkeypatch.context() as patched:
        patched.setattr(Intake, "accept", never)
        lost = asyncio.create_task(hand_in(portal))
        await asyncio.sleep(0.2)
        lost.cancel()
    problem(await hand_in(portal), 409, "under-way")
    with redis.client() as client:
        [name] = client.keys("payam:api:once:*")
        assert 0 < client.ttl(name) <= 30
        client.delete(name)
    assert (await hand_in(portal)).status_code == 201


async def test_another_payload_under_the_same_key_is_refused(portal):
    await hand_in(portal)
    answer = await hand_in(portal, {**TOLD, "text": "چیز دیگری"})
    problem(answer, 422, "idempotency-key-reused")
    assert len(portal.envelopes) == 1


async def test_two_partners_may_choose_the_same_key(portal, behind):
    other = "payam_live_" + "o" * 43
    behind.partners = [*behind.partners, a_partner(a_key(other), id="other-one")]
    await portal.app.state.book.refresh()
    first, second = await hand_in(portal), await hand_in(portal, api_key=other)
    assert first.json()["message_id"] != second.json()["message_id"]
    assert {envelope.provider for envelope in portal.envelopes} == {PARTNER, "other-one"}


async def test_a_message_needs_a_key_that_can_be_read(portal):
    for key in (None, "", " ", '"', '""', "a b", 'a"b', '"a\\b"', "x" * 201, "ü"):
        headers = [(b"Idempotency-Key", key.encode("latin-1"))] if key is not None else []
        async with portal.partner() as service:
            answer = await service.post(MESSAGES, json=TOLD, headers=headers)
        problem(answer, 400, "idempotency-key")
    assert portal.envelopes == []


async def test_two_keys_are_none(portal):
    async with portal.partner() as service:
        headers = [("Idempotency-Key", "one"), ("Idempotency-Key", "two")]
        problem(await service.post(MESSAGES, json=TOLD, headers=headers), 400, "idempotency-key")


async def test_what_is_wrong_is_told_with_its_place_and_never_said_again(portal):
    for change, pointer in WRONG:
        told = problem(await hand_in(portal, {**TOLD, **change}), 422, "invalid")
        assert pointer in {fault["pointer"] for fault in told["errors"]}
        for value in change.values():
            if isinstance(value, str) and len(value.strip()) > 4:
                assert value not in json.dumps(told, ensure_ascii=False)
    assert portal.envelopes == []
    # Nothing has happened, so the key is as good as new.
    assert (await hand_in(portal)).status_code == 201


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff", b'{"text":"\\ud800","person":{"account":"a"}}']
)
async def test_a_body_that_is_no_message_is_refused(portal, body):
    async with portal.partner() as service:
        headers = {"Idempotency-Key": KEY, "Content-Type": "application/json"}
        problem(await service.post(MESSAGES, content=body, headers=headers), 422, "invalid")


async def test_only_json_is_read(portal):
    async with portal.partner() as service:
        answer = await service.post(MESSAGES, data={"text": "x"}, headers={"Idempotency-Key": KEY})
    assert answer.status_code == 415
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_without_end_is_not_read_to_its_end(portal, declared):
    read = 0

    async def endless():
        nonlocal read
        for _ in range(1_000):
            read += 1
            yield b" " * 8_192

    headers = {"Idempotency-Key": KEY, "Content-Type": "application/json"}
    headers |= {"Content-Length": str(1_000 * 8_192)} if declared else {}
    async with portal.partner() as service:
        answer = await service.post(MESSAGES, content=endless(), headers=headers)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert read <= 10


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer x", f"Basic {LIVE_KEY}", f"Bearer {LIVE_KEY}x"]
)
async def test_without_a_good_key_nothing_is_told(portal, authorization):
    async with portal.partner() as service:
        headers = {"Authorization": authorization, "Idempotency-Key": KEY}
        answer = await service.post(MESSAGES, json=TOLD, headers=headers)
    problem(answer, 401, "key-refused")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "ratelimit" not in answer.headers
    assert portal.envelopes == []


@pytest.mark.parametrize(
    ("scopes", "status"),
    [
        (["cases:read", "messages:vouch"], 403),
        (["messages:write"], 403),
        (["messages:write", "messages:vouch"], 201),
    ],
)
async def test_a_number_is_vouched_for_by_a_key_that_may(portal, behind, scopes, status):
    limited = "payam_live_" + "l" * 43
    behind.partners = [a_partner(a_key(limited, *scopes))]
    await portal.app.state.book.refresh()
    answer = await hand_in(portal, api_key=limited)
    assert answer.status_code == status
    if status == 403:
        problem(answer, 403, "scope-missing")
        assert portal.envelopes == []


async def test_what_could_not_be_kept_has_not_happened(portal, monkeypatch):
    async def refused(_intake, _envelope):
        raise NotAcceptedError("neither took it")

    with monkeypatch.context() as patched:
        patched.setattr(Intake, "accept", refused)
        answer = await hand_in(portal)
        problem(answer, 503, "not-accepted")
        assert answer.headers["retry-after"] == "5"
        left = answer.headers["ratelimit"]
    assert "r=100000;" in left.split("day")[1]
    again = await hand_in(portal)
    assert again.status_code == 201
    assert "idempotency-replayed" not in again.headers


async def test_without_a_code_to_give_it_is_not_taken(portal, monkeypatch):
    monkeypatch.setattr(CodeMint, "take", lambda _mint: None)
    problem(await hand_in(portal), 503, "not-accepted")
    assert portal.envelopes == []


async def test_with_the_store_away_messages_are_taken_all_the_same(portal, behind):
    behind.away = True
    assert (await hand_in(portal)).status_code == 201


async def test_with_kafka_away_messages_are_taken_all_the_same(portal):
    portal.bus.down = True
    assert (await hand_in(portal)).status_code == 201


async def test_every_answer_tells_what_is_left(portal):
    answer = await hand_in(portal)
    assert answer.headers["ratelimit-policy"] == '"minute";q=600;w=60, "day";q=100000;w=86400'
    minute, day = answer.headers["ratelimit"].split(", ")
    assert minute.startswith('"minute";r=599;t=')
    assert 1 <= int(minute.rpartition("=")[2]) <= 61
    assert day.startswith('"day";r=99999;t=')
    again = await hand_in(portal)
    assert '"minute";r=598' in again.headers["ratelimit"]
    assert '"day";r=99999' in again.headers["ratelimit"]
    wrong = await hand_in(portal, {})
    assert wrong.status_code == 422
    assert '"minute";r=597' in wrong.headers["ratelimit"]


async def test_more_than_agreed_for_a_minute_waits_for_the_next(portal, behind):
    behind.partners = [a_partner(a_key(LIVE_KEY), per_minute=2)]
    await portal.app.state.book.refresh()
    assert [(await hand_in(portal, key=f"k{n}")).status_code for n in range(3)] == [201, 201, 429]
    answer = await hand_in(portal, key="k4")
    assert problem(answer, 429, "quota")["quota"] == "minute"
    assert 1 <= int(answer.headers["retry-after"]) <= 61
    assert '"minute";r=0' in answer.headers["ratelimit"]
    assert len(portal.envelopes) == 2


async def test_more_than_agreed_for_a_day_waits_for_tehrans_midnight(portal, behind):
    behind.partners = [a_partner(a_key(LIVE_KEY), per_day=1)]
    await portal.app.state.book.refresh()
    assert (await hand_in(portal)).status_code == 201
    answer = await hand_in(portal, key="another")
    assert problem(answer, 429, "quota")["quota"] == "day"
    assert (await hand_in(portal)).headers["idempotency-replayed"] == "true"
    tehran = datetime.now(UTC) + timedelta(hours=3, minutes=30)
    midnight = (tehran + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    assert abs(int(answer.headers["retry-after"]) - (midnight - tehran).total_seconds()) < 5


async def test_trying_out_uses_nothing_up(portal, behind):
    behind.partners = [a_partner(a_key(LIVE_KEY), a_key(SANDBOX_KEY, sandbox=True), per_minute=1)]
    behind.answers["/partner/sandbox"] = submission
    await portal.app.state.book.refresh()
    assert (await hand_in(portal, api_key=SANDBOX_KEY)).status_code == 201
    assert (await hand_in(portal)).status_code == 201


def submission(body):
    return httpx.Response(
        201,
        json={
            **{name: body[name] for name in ("message_id", "tracking_code", "reference", "submitted_at")},
            "state": "open",
            "last_activity_at": body["submitted_at"],
            "version": 1,
        },
    )


async def test_what_is_tried_out_reaches_no_desk(portal, behind):
    behind.answers["/partner/sandbox"] = submission
    told = {**TOLD, "topic": "pension_payment", "kind": "request", "reference": "t-1"}
    answer = await hand_in(portal, told, api_key=SANDBOX_KEY)
    assert answer.status_code == 201
    assert portal.envelopes == []
    [(_, _, body)] = behind.asked
    assert body.pop("submitted_at")
    assert body == {
        "partner_id": PARTNER,
        "message_id": str(message_id_of(Channel.API, "sandbox", PARTNER, KEY)),
        "tracking_code": answer.json()["tracking_code"],
        "reference": "t-1",
        "topic": "pension_payment",
        "kind": "request",
    }
    again = await hand_in(portal, told, api_key=SANDBOX_KEY)
    assert again.content == answer.content
    assert len(behind.asked) == 1
    assert (await hand_in(portal, told)).json()["message_id"] != answer.json()["message_id"]


async def test_the_sandbox_is_away_with_the_store(portal, behind):
    behind.away = True
    problem(await hand_in(portal, api_key=SANDBOX_KEY), 503, "away")
    behind.away = False
    behind.answers["/partner/sandbox"] = submission
    assert (await hand_in(portal, api_key=SANDBOX_KEY)).status_code == 201


async def test_nothing_of_anybody_stands_in_redis_or_in_the_log(portal, redis, capsys):
    await hand_in(portal, {**TOLD, "reference": "ticket-4711"}, key="ali-ahmadi-0012345678")
    with redis.client() as client:
        names = client.keys("*")
        kept = b" ".join(names + [client.get(name) for name in names])
    assert b"payam:api:once:" in kept
    log = capsys.readouterr().out.encode()
    for secret in ("ali-ahmadi", "9121234567", TEXT, LIVE_KEY):
        assert secret.encode() not in kept
        assert secret.encode() not in log


class TestWithoutRedis:
    """Messages are taken, once for each key as far as one process can tell, and counted by it alone."""

    async def test_messages_are_taken_and_told_once(self, started, mortal_redis):
        async with started(redis=mortal_redis) as portal:
            mortal_redis.stop()
            first, second = await hand_in(portal), await hand_in(portal)
            assert (first.status_code, second.status_code) == (201, 201)
            assert second.content == first.content
            assert second.headers["idempotency-replayed"] == "true"
            assert '"minute";r=598' in second.headers["ratelimit"]
            problem(await hand_in(portal, {**TOLD, "text": "جز آن"}), 422, "idempotency-key-reused")
            assert len(portal.envelopes) == 1

    async def test_quotas_hold_for_one_process(self, started, mortal_redis, behind):
        behind.partners = [a_partner(a_key(LIVE_KEY), per_minute=5, per_day=2)]
        async with started(redis=mortal_redis) as portal:
            mortal_redis.stop()
            found = [(await hand_in(portal, key=f"k{n}")).status_code for n in range(3)]
            assert found == [201, 201, 429]
            day = await hand_in(portal, key="k4")
            assert problem(day, 429, "quota")["quota"] == "day"
            await hand_in(portal, key="k5")
            minute = await hand_in(portal, key="k6")
            assert problem(minute, 429, "quota")["quota"] == "minute"

    async def test_what_was_taken_then_is_known_when_redis_is_back(self, started, mortal_redis, monkeypatch):
        monkeypatch.setattr(once_module, "_PAUSE", 0)
        async with started(redis=mortal_redis) as portal:
            mortal_redis.stop()
            first = await hand_in(portal)
            mortal_redis.start()
            assert (await hand_in(portal, key="another")).status_code == 201
            assert (await hand_in(portal)).content == first.content
            assert len(portal.envelopes) == 2

    async def test_a_redis_that_hangs_is_asked_seldom(self, started, mortal_redis):
        async with started(redis=mortal_redis) as portal:
            mortal_redis.hang()
            begun = asyncio.get_running_loop().time()
            for number in range(5):
                assert (await hand_in(portal, key=f"k{number}")).status_code == 201
            assert asyncio.get_running_loop().time() - begun < 4
            mortal_redis.go_on()


async def test_one_call_serves_all_who_wait(portal, monkeypatch):
    calls = 0
    script = portal.app.state.once._redis.script

    async def counting(source, keys, told):
        nonlocal calls
        calls += 1
        return await script(source, keys, told)

    monkeypatch.setattr(portal.app.state.once._redis, "script", counting)
    answers = await asyncio.gather(*(hand_in(portal, key=f"k{n}") for n in range(40)))
    assert {answer.status_code for answer in answers} == {201}
    assert len(portal.envelopes) == 40
    assert calls < 20
