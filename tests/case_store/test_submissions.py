"""What partners handed in: filed with its case, seen by its own partner alone, taken back; the sandbox."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from case_store.staffing import Role
from envelope.models import Channel, RoutedMessage
from envelope.taxonomy import Kind, Topic
from envelope.tracking import mint, spaced
from tests.case_store.conftest import KEY, Store, routed
from tests.case_store.desks import Member, Office, opened

CODES = [mint(number, KEY) for number in range(700, 740)]
CODE, OTHER, THIRD, UNUSED = CODES[0], CODES[1], CODES[2], mint(999, KEY)
ANNE = "+989120000001"
ACCOUNT = "tamin-man:7f31"
MINE = {"partner_id": "tamin-man", "sandbox": False}
THEIRS = {"partner_id": "melli-bime", "sandbox": False}


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    async with opened(store) as office:
        yield office


@pytest.fixture
def gateway(office: Office) -> Member:
    """The service that speaks for partners."""
    return office.service()


@pytest.fixture
async def agent(office: Office) -> Member:
    return await office.member(Role.SUPERVISOR)


def handed_in(code: str = CODE, sender: str = ANNE, partner: str = "tamin-man", **more: Any) -> RoutedMessage:  # noqa: ANN401
    """By a partner; a sender without `+` is one of its accounts."""
    account = not sender.startswith("+")
    return routed(code=code, sender=sender, account=account, partner=partner, **more)


async def case(gateway: Member, code: str = CODE, **who: Any) -> dict[str, Any]:  # noqa: ANN401
    return await gateway.ok("POST", "/partner/case", json={**MINE, "code": code, **who})


async def status(gateway: Member, path: str, **body: Any) -> int:  # noqa: ANN401
    return (await gateway.post(path, json={**MINE, **body})).status_code


async def pages(gateway: Member, **asked: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = await gateway.ok("POST", "/partner/submissions", json={**MINE, **asked, "cursor": cursor})
        found += page["submissions"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


async def replied(agent: Member, code: str = CODE, **more: Any) -> Mapping[str, Any]:  # noqa: ANN401
    return await agent.ok("POST", f"/cases/{code}/replies", json={"text": "پاسخ ما", **more})


async def test_a_reference_that_no_database_can_hold_costs_no_message(store: Store, gateway: Member):
    await store.file(handed_in(reference="12\0"))
    assert (await case(gateway))["reference"] == "12\ufffd"


async def test_what_was_handed_in_is_an_open_submission_with_its_case(store: Store, gateway: Member):
    message = handed_in(reference="ت-۱۲", topic=Topic.PENSION_PAYMENT, kind=Kind.COMPLAINT)
    await store.file(message)
    found = await case(gateway, spaced(CODE))
    assert found == {
        "message_id": str(message.envelope.message_id),
        "tracking_code": CODE,
        "case_code": CODE,
        "opened": True,
        "reference": "ت-۱۲",
        "state": "open",
        "topic": "pension_payment",
        "kind": "complaint",
        "submitted_at": found["submitted_at"],
        "last_activity_at": found["submitted_at"],
        "version": 1,
        "section": "retirement",
        "due_at": found["due_at"],
        "closed_at": None,
        "answers": [],
    }
    assert datetime.fromisoformat(found["submitted_at"]) == message.envelope.received_at
    assert found["due_at"] > found["submitted_at"]


async def test_a_submission_becomes_an_ordinary_case_at_its_desk(store: Store, agent: Member):
    await store.file(handed_in())
    shown = await agent.ok("GET", f"/cases/{CODE}")
    assert (shown["channel"], shown["state"]) == ("api", "new")


async def test_it_is_answered_and_the_answer_is_for_whoever_opened_the_case(
    store: Store, gateway: Member, agent: Member
):
    await store.file(handed_in())
    before = await case(gateway)
    await replied(agent)
    found = await case(gateway)
    assert (found["state"], [one["text"] for one in found["answers"]]) == ("answered", ["پاسخ ما"])
    assert found["answers"][0]["official"] is None
    assert found["version"] > before["version"]
    await agent.ok("POST", f"/cases/{CODE}/close", json={"reason": "تمام"})
    closed = await case(gateway)
    assert closed["state"] == "closed"
    assert closed["closed_at"] is not None
    await agent.ok("POST", f"/cases/{CODE}/reopen", json={"reason": "نه"})
    assert (await case(gateway))["state"] == "open"


async def test_it_waits_while_the_person_was_asked_something(store: Store, gateway: Member, agent: Member):
    await store.file(handed_in())
    await replied(agent, awaits_citizen=True)
    assert (await case(gateway))["state"] == "waiting"


async def test_an_official_answer_comes_with_its_code_and_a_void_one_without_its_words(
    store: Store, gateway: Member, agent: Member
):
    await store.file(handed_in())
    letter = await agent.ok("POST", f"/cases/{CODE}/official-replies", json={"text": "نامهٔ رسمی"})
    [given] = (await case(gateway))["answers"]
    assert given["text"] == "نامهٔ رسمی"
    assert given["official"] == {"code": letter["verification_code"], "revoked": False}
    await agent.ok("POST", f"/official-replies/{letter['id']}/revoke", json={"reason": "اشتباه"})
    [void] = (await case(gateway))["answers"]
    assert (void["text"], void["official"]["revoked"]) == ("", True)


async def test_where_it_joined_a_person_s_case_only_how_that_stands_is_told(
    store: Store, gateway: Member, agent: Member
):
    at = datetime.now(UTC)
    await store.file(routed(code=OTHER, at=at - timedelta(minutes=9)))
    await store.file(handed_in(at=at, kind=Kind.REQUEST))
    await replied(agent, OTHER)
    found = await case(gateway)
    assert (found["opened"], found["case_code"], found["tracking_code"]) == (False, OTHER, CODE)
    assert (found["state"], found["answers"]) == ("answered", [])
    assert (found["due_at"], found["closed_at"], found["kind"]) == (None, None, "request")
    assert found["last_activity_at"] == found["submitted_at"]
    await agent.ok("POST", f"/cases/{OTHER}/official-replies", json={"text": "نامه"})
    assert (await case(gateway))["answers"] == []


async def test_a_second_submission_of_the_same_partner_sees_what_the_first_one_may(
    store: Store, gateway: Member, agent: Member
):
    at = datetime.now(UTC)
    await store.file(handed_in(at=at - timedelta(minutes=1)), handed_in(OTHER, at=at))
    await replied(agent)
    second = await case(gateway, OTHER)
    assert (second["opened"], second["case_code"], len(second["answers"])) == (False, CODE, 1)


@pytest.mark.parametrize("asked", ["case", "withdrawal"])
async def test_another_partner_s_is_not_there_nor_one_of_the_other_world(
    store: Store, gateway: Member, asked: str
):
    await store.file(handed_in(), routed(code=THIRD, sender="+989120000003"))
    for wrong in (THEIRS, {"sandbox": True}, {"code": UNUSED}, {"code": THIRD}, {"code": "نه"}):
        assert await status(gateway, f"/partner/{asked}", **{"code": CODE, **wrong}) == 404
    assert (await case(gateway))["state"] == "open"
    assert await pages(gateway, **THEIRS) == []
    assert await pages(gateway, sandbox=True) == []


async def test_two_partners_in_one_case_see_their_own_part_of_it(
    store: Store, gateway: Member, agent: Member
):
    at = datetime.now(UTC)
    await store.file(handed_in(at=at - timedelta(minutes=1)))
    await store.file(handed_in(OTHER, partner="melli-bime", at=at))
    await replied(agent)
    assert len((await case(gateway))["answers"]) == 1
    joined = await case(gateway, OTHER, **THEIRS)
    assert (joined["case_code"], joined["answers"]) == (CODE, [])


async def test_the_list_has_each_once_the_newest_first_and_by_the_partner_s_own_name(
    store: Store, gateway: Member
):
    at = datetime.now(UTC) - timedelta(hours=1)
    for n in range(7):
        reference = "دو" if n % 3 == 2 else f"r{n}"
        number, when = f"+98912000{n:04}", at + timedelta(seconds=n // 2)
        await store.file(handed_in(CODES[n], number, at=when, reference=reference))
    for limit in (1, 2, 3, 200):
        found = await pages(gateway, limit=limit)
        assert [one["tracking_code"] for one in found[-1:]] + [len(found)] in ([CODES[0], 7], [CODES[1], 7])
        assert len({one["message_id"] for one in found}) == 7
        moments = [one["submitted_at"] for one in found]
        assert moments == sorted(moments, reverse=True)
    named = await pages(gateway, limit=1, reference="دو")
    assert [one["tracking_code"] for one in named] == [CODES[5], CODES[2]]


async def test_a_list_can_begin_in_the_past(store: Store, gateway: Member):
    at = datetime.now(UTC) - timedelta(hours=1)
    for n in range(4):
        await store.file(handed_in(CODES[n], f"+98912000{n:04}", at=at + timedelta(seconds=n)))
    for limit in (1, 2, 200):
        found = await pages(gateway, limit=limit, until=(at + timedelta(seconds=2)).isoformat())
        assert [one["tracking_code"] for one in found] == [CODES[2], CODES[1], CODES[0]]
    assert await pages(gateway, until=(at - timedelta(seconds=1)).isoformat()) == []
    no_moment = {"sandbox": False, "until": "0001-01-01T00:00:00+14:00"}
    assert await status(gateway, "/partner/submissions", **no_moment) == 422


async def test_a_copy_of_a_submission_does_nothing(store: Store, gateway: Member):
    message = handed_in(provider_id="k1")
    for _ in range(3):
        await store.file(message, message)
    assert await store.count("submission") == await store.count("message") == 1
    assert len(await pages(gateway)) == 1


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_code_that_a_copy_was_given_leads_to_the_case_of_the_first(
    store: Store, gateway: Member, office: Office, *, at_once: bool
):
    """Redis forgot the idempotency key: the gateway showed a second code for the same message."""
    first, second = (handed_in(code, provider_id="k1") for code in (CODE, OTHER))
    if at_once:
        await store.file(first, second)
    else:
        await store.file(first)
        await store.file(second)
    found = [await case(gateway, code) for code in (CODE, OTHER)]
    assert found[0] == found[1]
    assert await store.count("cases") == await store.count("submission") == 1
    person = {"msisdn": ANNE, "code": OTHER}
    assert (await office.service().ok("POST", "/citizen/case", json=person))["state"] == "new"


async def test_copies_that_come_at_the_same_moment_make_one_case_to_which_every_code_leads(
    store: Store, gateway: Member
):
    copies = [handed_in(code, provider_id="k1") for code in CODES[:8]]
    await asyncio.gather(*(store.file(copy) for copy in copies))
    assert await store.count("cases") == await store.count("submission") == 1
    ids = {(await case(gateway, code))["message_id"] for code in CODES[:8]}
    assert ids == {str(copies[0].envelope.message_id)}


async def test_a_code_that_leads_elsewhere_already_is_left_there(store: Store, agent: Member):
    await store.file(handed_in(OTHER, "+989120000002"))
    await store.file(handed_in(provider_id="k1"))
    await store.file(handed_in(OTHER, provider_id="k1"))
    assert (await agent.ok("GET", f"/cases/{OTHER}"))["tracking_code"] == OTHER


async def test_a_copy_of_a_text_message_brings_no_code_of_its_own(store: Store):
    """What gateway-sms mints for each push is shown to nobody."""
    await store.file(routed(code=CODE, provider_id="k1"))
    await store.file(routed(code=OTHER, provider_id="k1"))
    assert [row["code"] for row in await store.rows("SELECT code FROM tracking_code")] == [CODE]


async def test_what_is_taken_back_is_closed_without_a_word_to_the_person(
    store: Store, gateway: Member, agent: Member
):
    await store.file(handed_in())
    sent = await store.count("outbound_message")
    taken = await gateway.ok("POST", "/partner/withdrawal", json={**MINE, "code": CODE})
    assert (taken["state"], taken["answers"]) == ("withdrawn", [])
    assert await case(gateway) == taken
    assert [one["state"] for one in await pages(gateway)] == ["withdrawn"]
    assert await store.count("outbound_message") == sent
    shown = await agent.ok("GET", f"/cases/{CODE}")
    assert (shown["state"], shown["due_at"]) == ("closed", None)
    closing = shown["events"][-1]
    assert (closing["type"], closing["actor"]) == ("case_closed", "partner:tamin-man")
    [told] = await store.rows(
        "SELECT actor, subject, detail::text FROM audit_entry WHERE action = 'case_closed'"
    )
    assert (told["actor"], told["subject"], told["detail"]) == (
        "partner:tamin-man",
        CODE,
        '{"withdrawn": true}',
    )


async def test_taking_back_again_changes_nothing(store: Store, gateway: Member):
    await store.file(handed_in())
    first = await gateway.ok("POST", "/partner/withdrawal", json={**MINE, "code": CODE})
    again = await gateway.ok("POST", "/partner/withdrawal", json={**MINE, "code": CODE, "version": 1})
    assert again == first
    assert len(await store.rows("SELECT FROM audit_entry WHERE action = 'case_closed'")) == 1


async def test_of_many_who_take_the_same_back_at_once_one_does(store: Store, gateway: Member):
    await store.file(handed_in())
    asked = [gateway.post("/partner/withdrawal", json={**MINE, "code": CODE}) for _ in range(6)]
    assert {answer.status_code for answer in await asyncio.gather(*asked)} == {200}
    assert len(await store.rows("SELECT FROM case_event WHERE type = 'case_closed'")) == 1


async def test_a_case_that_was_opened_again_counts_as_taken_back_no_more(
    store: Store, gateway: Member, agent: Member
):
    await store.file(handed_in())
    await gateway.ok("POST", "/partner/withdrawal", json={**MINE, "code": CODE})
    await agent.ok("POST", f"/cases/{CODE}/reopen", json={"reason": "باز"})
    assert (await case(gateway))["state"] == "open"
    await agent.ok("POST", f"/cases/{CODE}/close", json={"reason": "تمام"})
    assert (await case(gateway))["state"] == "closed"


async def test_what_has_changed_since_it_was_read_is_not_taken_back(
    store: Store, gateway: Member, agent: Member
):
    await store.file(handed_in())
    read = (await case(gateway))["version"]
    await agent.ok("POST", f"/cases/{CODE}/claim")
    assert await status(gateway, "/partner/withdrawal", code=CODE, version=read) == 412
    assert (await case(gateway))["state"] == "open"
    assert await status(gateway, "/partner/withdrawal", code=CODE, version=read + 1) == 200


@pytest.mark.parametrize("verb", ["replies", "close", "referrals"])
async def test_it_is_too_late_to_take_back_what_was_answered_closed_or_passed_on(
    store: Store, gateway: Member, agent: Member, verb: str
):
    await store.file(handed_in())
    ask = {"tier": "liaison", "unit_id": "pensions_office", "question": "پرسش"}
    body = {"replies": {"text": "پاسخ"}, "close": {"reason": "تمام"}, "referrals": ask}[verb]
    await agent.ok("POST", f"/cases/{CODE}/{verb}", json=body)
    before = await case(gateway)
    assert await status(gateway, "/partner/withdrawal", code=CODE) == 409
    assert await case(gateway) == before


async def test_a_person_s_case_is_not_the_partner_s_to_take_back(
    store: Store, gateway: Member, agent: Member
):
    at = datetime.now(UTC)
    await store.file(routed(code=OTHER, at=at - timedelta(minutes=9)))
    await store.file(handed_in(at=at))
    refused = await gateway.post("/partner/withdrawal", json={**MINE, "code": CODE})
    assert (refused.status_code, "it joined a case" in refused.json()["detail"]) == (409, True)
    assert (await agent.ok("GET", f"/cases/{OTHER}"))["state"] == "new"


async def test_a_case_that_the_person_has_written_to_stays(store: Store, gateway: Member, agent: Member):
    at = datetime.now(UTC)
    await store.file(handed_in(at=at - timedelta(minutes=9)))
    await store.file(routed("و یک چیز دیگر", at=at, cites=(CODE,)))
    assert await status(gateway, "/partner/withdrawal", code=CODE) == 409
    assert (await agent.ok("GET", f"/cases/{CODE}"))["state"] == "new"


async def test_nothing_is_asked_of_it_by_anybody_but_a_service(office: Office):
    everybody = await office.member(*Role)
    for path in ("submissions", "case", "withdrawal"):
        assert (await everybody.post(f"/partner/{path}", json={**MINE, "code": CODE})).status_code == 403


async def test_no_answer_is_kept_on_the_way(store: Store, gateway: Member):
    await store.file(handed_in())
    answer = await gateway.post("/partner/case", json={**MINE, "code": CODE})
    assert answer.headers["cache-control"] == "private, no-store"


class TestPersonsWhomAPartnerAloneReaches:
    """They gave no number: what we answer waits for their partner."""

    async def pending(self, store: Store) -> list[dict[str, Any]]:
        return await store.rows(
            "SELECT channel, state, to_kind, to_value, line, purpose, redrive_at FROM outbound_message"
        )

    async def test_an_answer_waits_and_is_sent_by_nobody(self, store: Store, agent: Member):
        await store.file(handed_in(sender=ACCOUNT))
        sent = await replied(agent)
        assert (sent["channel"], sent["state"], sent["stuck"]) == ("api", "pending", False)
        assert await self.pending(store) == [
            {
                "channel": "api",
                "state": "pending",
                "to_kind": "account",
                "to_value": ACCOUNT,
                "line": "api",
                "purpose": "reply",
                "redrive_at": None,
            }
        ]
        await store.outbox.redrive()
        await store.publish_all()
        assert [record.topic for record in store.bus.records if "outbound" in record.topic] == []

    async def test_it_is_not_counted_among_what_is_stuck(self, store: Store, agent: Member, gateway: Member):
        await store.file(handed_in(sender=ACCOUNT))
        await replied(agent)
        assert (await gateway.ok("GET", "/stats"))["outbound_stuck"] == 0

    async def test_it_is_delivered_when_the_partner_reads_it(
        self, store: Store, gateway: Member, agent: Member
    ):
        await store.file(handed_in(sender=ACCOUNT))
        await replied(agent)
        await pages(gateway)
        assert [row["state"] for row in await self.pending(store)] == ["pending"]
        assert len((await case(gateway))["answers"]) == 1
        assert [row["state"] for row in await self.pending(store)] == ["delivered"]
        shown = await agent.ok("GET", f"/cases/{CODE}")
        assert [one["state"] for one in shown["outbound_messages"]] == ["delivered"]

    async def test_another_partner_that_reads_how_it_stands_has_not_got_the_answer(
        self, store: Store, gateway: Member, agent: Member
    ):
        await store.file(handed_in(sender=ACCOUNT))
        await store.file(handed_in(OTHER, partner="melli-bime", sender=ACCOUNT))
        await replied(agent)
        assert (await case(gateway, OTHER, **THEIRS))["answers"] == []
        assert [row["state"] for row in await self.pending(store)] == ["pending"]

    async def test_that_it_was_closed_their_partner_sees_by_itself(
        self, store: Store, gateway: Member, agent: Member
    ):
        await store.file(handed_in(sender=ACCOUNT))
        await agent.ok("POST", f"/cases/{CODE}/close", json={"reason": "تمام", "notify": True})
        assert await self.pending(store) == []
        assert (await case(gateway))["state"] == "closed"

    async def test_a_person_with_a_number_is_written_to_there(
        self, store: Store, gateway: Member, agent: Member
    ):
        await store.file(handed_in())
        await replied(agent)
        await case(gateway)
        rows = [row for row in await self.pending(store) if row["purpose"] == "reply"]
        assert [(row["channel"], row["state"], row["to_value"]) for row in rows] == [("sms", "pending", ANNE)]

    async def test_whoever_is_reached_by_nobody_still_cannot_be_written_to(self, store: Store, agent: Member):
        await store.file(routed(code=CODE, sender="bank", account=True, channel=Channel.PORTAL))
        answer = await agent.post(f"/cases/{CODE}/replies", json={"text": "پاسخ"})
        assert answer.status_code == 409


class TestSandbox:
    """Nothing that is tried out reaches a desk, and it lives by itself."""

    def tried(self, code: str = CODE, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        return {
            "partner_id": "tamin-man",
            "message_id": str(uuid4()),
            "tracking_code": code,
            "reference": "ت-۱",
            "topic": "pension_payment",
            "kind": "complaint",
            "submitted_at": datetime.now(UTC).isoformat(),
            **more,
        }

    def earlier(self, seconds: float) -> str:
        return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()

    async def test_it_is_open_at_once(self, gateway: Member):
        body = self.tried()
        answer = await gateway.post("/partner/sandbox", json=body)
        made = answer.json()
        assert answer.status_code == 201
        assert (made["state"], made["opened"], made["case_code"], made["version"]) == ("open", True, CODE, 1)
        assert (made["message_id"], made["reference"]) == (body["message_id"], "ت-۱")
        found = await case(gateway, sandbox=True)
        assert {name: found[name] for name in made} == made
        assert (found["section"], found["answers"], found["closed_at"]) == ("retirement", [], None)

    async def test_it_is_answered_after_five_seconds_by_itself(self, gateway: Member):
        await gateway.ok("POST", "/partner/sandbox", json=self.tried(submitted_at=self.earlier(4.5)))
        assert (await case(gateway, sandbox=True))["state"] == "open"
        await gateway.ok("POST", "/partner/sandbox", json=self.tried(OTHER, submitted_at=self.earlier(5.1)))
        answered = await case(gateway, OTHER, sandbox=True)
        assert (answered["state"], answered["version"], len(answered["answers"])) == ("answered", 2, 1)
        assert "آزمایش" in answered["answers"][0]["text"]

    async def test_it_is_seen_nowhere_else(
        self, store: Store, office: Office, gateway: Member, agent: Member
    ):
        await gateway.ok("POST", "/partner/sandbox", json=self.tried())
        for table in ("cases", "message", "tracking_code", "contact", "case_event", "search_pending"):
            assert await store.count(table) == 0
        assert (await agent.get(f"/cases/{CODE}")).status_code == 404
        assert await pages(gateway) == []
        assert await status(gateway, "/partner/case", code=CODE) == 404
        assert [one["tracking_code"] for one in await pages(gateway, sandbox=True)] == [CODE]
        admin = await office.member(Role.ADMINISTRATOR)
        await admin.ok("POST", "/partners", json={"id": "tamin-man", "name": "تأمین من"})
        assert (await admin.ok("GET", "/partners/tamin-man"))["last_submitted_at"] is None

    async def test_a_copy_is_the_same_and_another_partner_s_is_not_shown(self, store: Store, gateway: Member):
        body = self.tried()
        first = await gateway.ok("POST", "/partner/sandbox", json=body)
        again = await gateway.ok("POST", "/partner/sandbox", json=body | {"tracking_code": OTHER})
        assert again == first
        assert await store.count("submission") == 1
        answer = await gateway.post("/partner/sandbox", json=body | {"partner_id": "melli-bime"})
        assert answer.status_code == 404

    async def test_it_is_taken_back_until_it_is_answered(self, gateway: Member):
        await gateway.ok("POST", "/partner/sandbox", json=self.tried())
        take = {"code": CODE, "sandbox": True}
        assert await status(gateway, "/partner/withdrawal", **take, version=2) == 412
        taken = await gateway.ok("POST", "/partner/withdrawal", json={**MINE, **take, "version": 1})
        assert (taken["state"], taken["version"]) == ("withdrawn", 2)
        assert await gateway.ok("POST", "/partner/withdrawal", json={**MINE, **take}) == taken
        await gateway.ok("POST", "/partner/sandbox", json=self.tried(OTHER, submitted_at=self.earlier(6)))
        assert await status(gateway, "/partner/withdrawal", code=OTHER, sandbox=True) == 409

    async def test_its_steps_are_told_once_to_its_sandbox_endpoints_alone(
        self, store: Store, office: Office, gateway: Member
    ):
        admin = await office.member(Role.ADMINISTRATOR)
        await admin.ok("POST", "/partners", json={"id": "tamin-man", "name": "تأمین من"})
        for sandbox in (True, False):
            url = f"https://hooks.example/{sandbox}"
            body = {"url": url, "types": [], "sandbox": sandbox}
            await admin.ok("POST", "/partners/tamin-man/webhooks", json=body)
        await gateway.ok("POST", "/partner/sandbox", json=self.tried())
        await asyncio.gather(*(store.submissions.move_sandbox() for _ in range(4)))
        assert await self.told(store) == [("ir.payam.case.opened", True, "open")]
        await store.rows("UPDATE submission SET due_at = now()")
        await asyncio.gather(*(store.submissions.move_sandbox() for _ in range(4)))
        await store.submissions.move_sandbox()
        assert await self.told(store) == [
            ("ir.payam.case.opened", True, "open"),
            ("ir.payam.case.answered", True, "answered"),
        ]

    async def test_what_was_taken_back_is_answered_no_more(self, store: Store, gateway: Member):
        await gateway.ok("POST", "/partner/sandbox", json=self.tried())
        await gateway.ok("POST", "/partner/withdrawal", json={**MINE, "code": CODE, "sandbox": True})
        assert await store.rows("SELECT FROM submission WHERE due_at IS NOT NULL") == []

    async def told(self, store: Store) -> list[tuple[str, bool, str]]:
        rows = await store.rows(
            """
            SELECT webhook_delivery.type, webhook.sandbox, webhook_delivery.standing FROM webhook_delivery
            JOIN webhook ON webhook.id = webhook_id ORDER BY webhook_delivery.occurred_at
            """
        )
        return [(row["type"], row["sandbox"], row["standing"]) for row in rows]


async def test_what_is_real_is_not_held_up_by_what_was_tried_out_under_the_same_id(
    store: Store, gateway: Member
):
    message = handed_in(provider_id="k1")
    body = TestSandbox().tried(OTHER, message_id=str(message.envelope.message_id))
    await gateway.ok("POST", "/partner/sandbox", json=body)
    await store.file(message)
    assert (await case(gateway))["state"] == "open"
    assert await pages(gateway, sandbox=True) == []
    assert (await gateway.post("/partner/sandbox", json=body)).status_code == 404
