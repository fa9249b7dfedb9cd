"""A telephone call or a visit taken down: whose it is, what case it makes, and that a retry makes one."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from case_store.staffing import Role
from envelope import topics
from envelope.models import OutboundMessage
from envelope.tracking import is_valid, mint
from tests.case_store.conftest import KEY, Store, routed
from tests.case_store.desks import Office, opened

CALL = {
    "channel": "phone",
    "address": "۰۹۱۲ ۰۰۰ ۰۰۰۱",
    "text": "می‌پرسد مستمری این ماه کی واریز می‌شود.",
    "topic": "pension_payment",
    "kind": "question",
    "audience": "pensioner",
    "province": "یزد",
}
VISIT = {key: value for key, value in CALL.items() if key != "address"} | {"channel": "in_person"}
NATIONAL_ID, ANOTHER_ID = "0013542419", "0012345679"
CODE = mint(300, KEY)


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    async with opened(store) as office:
        yield office


async def taken(member, body: dict, **headers: str) -> dict:
    return await member.ok("POST", "/cases", json=body, headers=headers)


async def test_a_call_makes_a_case_as_any_message_does(office: Office):
    agent = await office.member(name="مهسا")
    case = await taken(agent, CALL | {"name": "علی رضایی", "national_id": "۰۰۱۳۵۴۲۴۱۹"})
    assert is_valid(case["tracking_code"])
    assert (
        case
        | {
            "state": "new",
            "channel": "phone",
            "line": "1420",
            "desk": "retirement",
            "section": "retirement",
            "topic": "pension_payment",
            "audience": "pensioner",
            "province": "یزد",
            "assignee": None,
            "similar": [],
        }
        == case
    )
    assert case["due_at"] is not None
    (said,) = case["messages"]
    assert (said["text"], said["provider"], said["confidence"]) == (CALL["text"], "desk", 1)
    assert said["declared"]["topic"] == "pension_payment"
    assert case["person"]["addresses"] == [{"kind": "msisdn", "value": "+989120000001", "wrong_at": None}]
    assert (case["person"]["name"], case["person"]["national_id"]) == ("علی رضایی", NATIONAL_ID)
    assert [(event["type"], event["actor"]) for event in case["events"]] == [("case_opened", "مهسا")]
    assert case["outbound_messages"] == []
    audit = await office.store.rows("SELECT actor, action, subject, detail FROM audit_entry")
    assert [(row["actor"], row["action"], row["subject"]) for row in audit] == [
        ("مهسا", "case_opened", case["tracking_code"])
    ]
    assert "رضایی" not in str(audit)


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_retry_makes_one_case(office: Office, *, at_once: bool):
    agent = await office.member()
    body = VISIT | {"answer": "امروز", "close": True}
    if at_once:
        answers = await asyncio.gather(*(taken(agent, body, **{"Idempotency-Key": "k-1"}) for _ in range(6)))
    else:
        answers = [await taken(agent, body, **{"Idempotency-Key": "k-1"}) for _ in range(3)]
    assert len({answer["tracking_code"] for answer in answers}) == 1
    assert await office.store.count("cases") == 1
    assert await office.store.count("message") == 1
    assert await office.store.count("contact") == 1
    assert len(answers[0]["outbound_messages"]) == 1
    assert await office.store.count("case_event") == 3


async def test_a_key_for_other_words_is_refused_and_another_members_key_is_another(office: Office):
    agent, colleague = await office.member(), await office.member()
    await taken(agent, CALL, **{"Idempotency-Key": "k-1"})
    other = await agent.post("/cases", json=CALL | {"text": "چیز دیگری"}, headers={"Idempotency-Key": "k-1"})
    assert other.status_code == 422
    await taken(colleague, CALL, **{"Idempotency-Key": "k-1"})
    assert await office.store.count("cases") == 2


async def test_what_is_taken_down_without_a_key_is_taken_down_each_time(office: Office):
    agent = await office.member()
    codes = {(await taken(agent, CALL))["tracking_code"] for _ in range(2)}
    assert len(codes) == 2


async def test_an_answer_on_the_spot_is_kept_as_said_and_nothing_is_sent(office: Office):
    agent = await office.member(name="سمیه")
    case = await taken(agent, CALL | {"answer": "امروز واریز شده است."})
    assert (case["state"], case["due_at"]) == ("answered", None)
    (said,) = case["outbound_messages"]
    assert (
        said
        | {
            "text": "امروز واریز شده است.",
            "channel": "phone",
            "state": "delivered",
            "author": "سمیه",
            "stuck": False,
        }
        == said
    )
    await office.store.publish_all()
    assert office.store.bus.of(topics.OUTBOUND_SMS) == []
    assert [event["type"] for event in case["events"]] == ["case_opened", "case_replied"]


async def test_what_was_answered_can_be_closed_at_once(office: Office):
    agent = await office.member()
    case = await taken(agent, CALL | {"answer": "امروز", "close": True})
    assert (case["state"], case["due_at"]) == ("closed", None)
    assert case["closed_at"]
    assert [event["type"] for event in case["events"]] == ["case_opened", "case_replied", "case_closed"]
    assert all(clock["stopped_at"] for clock in case["clocks"])
    assert (await agent.post("/cases", json=CALL | {"close": True})).status_code == 422


async def test_the_code_is_sent_if_wanted_and_only_to_a_phone(office: Office):
    agent = await office.member()
    case = await taken(agent, CALL | {"notify": True})
    await office.store.publish_all()
    (record,) = office.store.bus.of(topics.OUTBOUND_SMS)
    sent = OutboundMessage.from_json(record.value)
    assert (sent.to.value, sent.purpose) == ("+989120000001", "acknowledgement")
    assert case["outbound_messages"][0]["id"] == str(sent.id)
    refused = await agent.post("/cases", json=VISIT | {"notify": True})
    assert refused.status_code == 409
    assert await office.store.count("cases") == 1


async def test_a_visitor_without_a_number_is_a_person_all_the_same(office: Office):
    agent = await office.member()
    first, second = await taken(agent, VISIT), await taken(agent, VISIT)
    assert first["line"] == "counter"
    assert first["person"]["addresses"] == []
    assert first["contact_id"] != second["contact_id"]
    assert (
        await agent.post(f"/cases/{first['tracking_code']}/replies", json={"text": "x"})
    ).status_code == 409


async def test_a_known_number_is_the_person_it_was(office: Office):
    await office.store.file(routed(code=CODE))
    agent = await office.member()
    before = await agent.ok("GET", f"/cases/{CODE}")
    case = await taken(
        agent, CALL | {"topic": "survivor_pension", "name": "زهرا", "national_id": NATIONAL_ID}
    )
    assert case["contact_id"] == before["contact_id"]
    assert case["tracking_code"] != CODE
    assert [one["tracking_code"] for one in case["similar"]] == [CODE]
    assert [one["tracking_code"] for one in case["other_cases"]] == [CODE]
    assert (case["person"]["name"], case["person"]["national_id"]) == ("زهرا", NATIONAL_ID)


async def test_whoever_is_there_with_their_number_is_answered_there_again(office: Office):
    await office.store.file(routed(code=CODE))
    agent = await office.member()
    await agent.ok("POST", f"/cases/{CODE}/call-back/tries", json={"result": "wrong_number"})
    assert (await agent.ok("GET", f"/cases/{CODE}"))["reach"] == "none"
    await taken(agent, CALL)
    assert (await agent.ok("GET", f"/cases/{CODE}"))["reach"] == "sms"


async def test_a_national_id_finds_the_person_whatever_they_call_from(office: Office):
    agent = await office.member()
    first = await taken(agent, CALL | {"national_id": NATIONAL_ID, "name": "زهرا"})
    at_counter = await taken(agent, VISIT | {"national_id": "1354241-9", "name": "کس دیگر"})
    from_elsewhere = await taken(
        agent, CALL | {"national_id": NATIONAL_ID, "address": "02122222222", "notify": True}
    )
    assert first["contact_id"] == at_counter["contact_id"] == from_elsewhere["contact_id"]
    assert at_counter["person"]["name"] == "زهرا"
    assert [one["value"] for one in from_elsewhere["person"]["addresses"]] == [
        "+989120000001",
        "+982122222222",
    ]
    reply = await agent.ok("POST", f"/cases/{at_counter['tracking_code']}/replies", json={"text": "سلام"})
    assert reply["state"] == "pending"


async def test_two_people_who_share_a_telephone_stay_two(office: Office):
    agent = await office.member()
    mother = await taken(agent, CALL | {"national_id": NATIONAL_ID})
    son = await taken(agent, CALL | {"national_id": ANOTHER_ID})
    again = await taken(agent, CALL | {"national_id": ANOTHER_ID, "text": "دوباره"})
    assert mother["contact_id"] != son["contact_id"] == again["contact_id"]
    assert mother["person"]["national_id"] == NATIONAL_ID
    assert son["similar"] == []
    sent = await agent.ok("POST", f"/cases/{son['tracking_code']}/replies", json={"text": "سلام"})
    rows = await office.store.rows("SELECT to_value FROM outbound_message WHERE id::text = $1", sent["id"])
    assert rows == [{"to_value": "+989120000001"}]


async def test_two_calls_with_one_new_national_id_at_once_make_one_person(office: Office):
    agent = await office.member()
    bodies = [CALL | {"national_id": NATIONAL_ID, "address": f"0912000010{n}"} for n in range(5)]
    cases = await asyncio.gather(*(taken(agent, body) for body in bodies))
    assert len({case["contact_id"] for case in cases}) == 1
    assert len(await office.store.rows("SELECT FROM contact WHERE national_id IS NOT NULL")) == 1


async def test_more_on_an_open_case_joins_it(office: Office):
    await office.store.file(routed(code=CODE))
    agent = await office.member()
    await agent.ok("POST", f"/cases/{CODE}/replies", json={"text": "واریز شد"})
    case = await taken(agent, VISIT | {"case": CODE, "text": "می‌گوید واریز نشده است."})
    assert (case["tracking_code"], case["state"]) == (CODE, "open")
    assert case["due_at"] is not None
    assert [said["channel"] for said in case["messages"]] == ["sms", "in_person"]
    assert case["events"][-1]["type"] == "message_received"
    answered = await taken(agent, VISIT | {"case": CODE, "answer": "فردا", "text": "باز هم پرسید."})
    assert answered["state"] == "answered"
    assert answered["version"] == (await agent.ok("GET", f"/cases/{CODE}"))["version"]
    assert await office.store.count("cases") == 1


@pytest.mark.parametrize("why", ["closed", "out_of_reach", "nothing"])
async def test_more_is_added_only_to_an_open_case_within_reach(office: Office, why: str):
    await office.store.file(routed(code=CODE))
    agent = await office.member(units=("treatment",) if why == "out_of_reach" else ("retirement",))
    if why == "closed":
        await agent.ok("POST", f"/cases/{CODE}/close", json={"reason": "x"})
    code = mint(999, KEY) if why == "nothing" else CODE
    answer = await agent.post("/cases", json=VISIT | {"case": code})
    assert answer.status_code == (409 if why == "closed" else 404)
    assert await office.store.count("message") == 1


async def test_a_matter_of_another_desk_is_taken_down_and_shown_once(office: Office):
    agent = await office.member(units=("treatment",))
    case = await taken(agent, CALL)
    assert case["desk"] == "retirement"
    assert (await agent.get(f"/cases/{case['tracking_code']}")).status_code == 404


async def test_an_accident_at_night_can_go_to_a_desk_by_name(office: Office):
    agent = await office.member()
    assert (await taken(agent, CALL | {"desk": "general"}))["desk"] == "general"
    refused = await agent.post("/cases", json=CALL | {"desk": "nowhere"})
    assert refused.status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "12"},
        {"address": "علی"},
        {"national_id": "0013542418"},
        {"national_id": "1111111111"},
        {"channel": "sms"},
        {"topic": "weather"},
        {"text": " "},
        {"text": "a\0b"},
    ],
    ids=str,
)
async def test_what_makes_no_sense_is_refused_and_not_told_back(office: Office, wrong: dict):
    agent = await office.member()
    answer = await agent.post("/cases", json=CALL | wrong)
    assert answer.status_code == 422
    (value,) = wrong.values()
    assert value.strip() == "" or value == "sms" or f'"{value}"' not in answer.text
    assert await office.store.count("cases") == 0


@pytest.mark.parametrize("role", [Role.LIAISON, Role.AUDITOR, Role.ADMINISTRATOR])
async def test_only_who_answers_takes_calls_down(office: Office, role: Role):
    member = await office.member(role)
    assert (await member.post("/cases", json=CALL)).status_code == 403
    assert await office.store.count("cases") == 0
