"""Partners are told what happened: written with its cause, claimed under a lease, tried for days."""

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from case_store.handlers.signing_secrets import SigningSecrets
from case_store.handlers.telling import pause_after
from case_store.repository import tellings, webhooks
from case_store.schemas.submissions import SubmissionState
from case_store.staffing import Role
from envelope.models import Channel
from envelope.tracking import mint
from tests.case_store.conftest import KEY, Store, routed
from tests.case_store.desks import Member, Office, opened

PARTNER, OTHER = "tamin-man", "dolat"
URL = "https://partner.example/payam?to=us"
CODES = [mint(number, KEY) for number in range(700, 740)]
CODE = CODES[0]
CASE = "ir.payam.case."
HOOKS = f"/partners/{PARTNER}/webhooks"


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    async with opened(store) as office:
        for partner in (PARTNER, OTHER):
            await store.rows(
                "INSERT INTO partner (id, name, per_minute, per_day, created_at, created_by)"
                " VALUES ($1, $1, 600, 1000, now(), 'test')",
                partner,
            )
        yield office


@pytest.fixture
def gateway(office: Office) -> Member:
    return office.service()


async def endpoint(gateway: Member, partner: str = PARTNER, **given: Any) -> dict[str, Any]:  # noqa: ANN401
    return await gateway.ok("POST", f"/partners/{partner}/webhooks", json={"url": URL, **given})


async def submitted(store: Store, code: str = CODE, partner: str = PARTNER, **more: Any) -> UUID:  # noqa: ANN401
    """A case that a partner handed in."""
    message = routed(code=code, partner=partner, **more)
    await store.file(message)
    return message.envelope.message_id


async def claimed(gateway: Member, limit: int = 50, lease_seconds: int = 60) -> list[dict[str, Any]]:
    body = {"limit": limit, "lease_seconds": lease_seconds}
    return list((await gateway.ok("POST", "/webhooks/claims", json=body))["work"])


async def report(gateway: Member, work: dict[str, Any], **how: Any) -> None:  # noqa: ANN401
    result = {"delivery_id": work["delivery_id"], "attempt": work["attempt"], "milliseconds": 7} | how
    await gateway.ok("POST", "/webhooks/results", json={"results": [result]})


async def told(store: Store, partner: str = PARTNER) -> list[tuple[str, str, str]]:
    """What a partner is to be told, in order: type without its prefix, code and state."""
    rows = await store.rows(
        "SELECT webhook_delivery.type, tracking_code, standing FROM webhook_delivery"
        " JOIN webhook ON webhook.id = webhook_id WHERE partner_id = $1 ORDER BY webhook_delivery.created_at",
        partner,
    )
    return [(row["type"].removeprefix(CASE), row["tracking_code"], row["standing"]) for row in rows]


async def log(gateway: Member, hook: dict[str, Any], **query: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    return list((await gateway.ok("GET", f"{HOOKS}/{hook['id']}/deliveries", params=query))["deliveries"])


async def due_now(store: Store) -> None:
    await store.rows("UPDATE webhook_delivery SET next_at = now() - interval '1 s' WHERE state = 'pending'")


# What partners are told of


async def test_every_step_that_may_leave_the_house_is_told_with_the_state_that_it_led_to(
    store: Store, office: Office, gateway: Member
):
    await endpoint(gateway)
    await submitted(store)
    boss = await office.member(Role.SUPERVISOR)
    url = f"/cases/{CODE}"
    await boss.ok("POST", f"{url}/claim")
    await boss.ok("POST", f"{url}/notes", json={"text": "یادداشت"})
    ask = {"tier": "liaison", "unit_id": "pensions_office", "question": "پرسش"}
    asked = await boss.ok("POST", f"{url}/referrals", json=ask)
    await boss.ok("POST", f"/referrals/{asked['id']}/recall", json={"reason": "دلیل"})
    letter = await boss.ok("POST", f"{url}/official-replies", json={"text": "نامه"})
    await boss.ok("POST", f"{url}/replies", json={"text": "واریز شد؟", "awaits_citizen": True})
    await boss.ok("POST", f"{url}/replies", json={"text": "پاسخ"})
    await boss.ok("POST", f"{url}/close", json={"reason": "دلیل"})
    await boss.ok("POST", f"{url}/reopen", json={"reason": "دلیل"})
    await boss.ok("POST", f"/official-replies/{letter['id']}/revoke", json={"reason": "دلیل"})
    assert await told(store) == [
        ("opened", CODE, "open"),
        ("referred", CODE, "open"),
        ("official-reply", CODE, "open"),
        ("answered", CODE, "waiting"),
        ("waiting", CODE, "waiting"),
        ("answered", CODE, "answered"),
        ("closed", CODE, "closed"),
        ("reopened", CODE, "open"),
        ("official-reply", CODE, "open"),
    ]


async def test_a_cloudevent_is_thin_and_of_the_documented_form(store: Store, gateway: Member):
    await endpoint(gateway)
    await submitted(store, reference="پروندهٔ ۷", text="حقوقم واریز نشده و کد ملی من ۰۰۱۳۵۴۲۴۱۹ است")
    [work] = await claimed(gateway)
    event = work["event"]
    assert UUID(event.pop("id"))
    assert event == {
        "specversion": "1.0",
        "source": "/api/v1",
        "type": "ir.payam.case.opened",
        "subject": CODE,
        "time": event["time"],
        "datacontenttype": "application/json",
        "data": {
            "tracking_code": CODE,
            "reference": "پروندهٔ ۷",
            "state": "open",
            "occurred_at": event["time"],
            "sandbox": False,
        },
    }
    assert datetime.fromisoformat(event["time"]).tzinfo is not None


async def test_only_whoever_handed_it_in_is_told_and_only_of_what_they_asked_for(
    store: Store, office: Office, gateway: Member
):
    await endpoint(gateway, types=[f"{CASE}answered"])
    await endpoint(gateway, OTHER)
    await endpoint(gateway, sandbox=True)
    await submitted(store)
    await store.file(routed(code=CODES[1], sender="+989120000008"))
    for code in CODES[:2]:
        await gateway.ok("POST", f"/cases/{code}/replies", json={"text": "پاسخ", "author": "a"})
    assert await told(store) == [("answered", CODE, "answered")]
    assert await told(store, OTHER) == []


async def test_a_withdrawal_is_told_as_one_and_nothing_after_it(store: Store, gateway: Member):
    await endpoint(gateway)
    await submitted(store)
    withdrawal = {"partner_id": PARTNER, "sandbox": False, "code": CODE, "version": None}
    await gateway.ok("POST", "/partner/withdrawal", json=withdrawal)
    await gateway.ok("POST", f"/cases/{CODE}/official-replies", json={"text": "نامه"})
    assert await told(store) == [("opened", CODE, "open"), ("withdrawn", CODE, "withdrawn")]
    await gateway.ok("POST", f"/cases/{CODE}/reopen", json={"reason": "دلیل", "author": "a"})
    assert (await told(store))[2:] == [("reopened", CODE, "open")]


async def test_of_somebody_elses_case_that_a_submission_joined_its_state_alone_is_told(
    store: Store, gateway: Member
):
    await endpoint(gateway)
    await endpoint(gateway, OTHER)
    await store.file(routed(code=CODES[1]))
    await submitted(store, CODES[2])
    await store.file(routed("این هم به همان پرونده", code=CODES[3], partner=PARTNER, cites=(CODES[1],)))
    await gateway.ok("POST", f"/cases/{CODES[1]}/official-replies", json={"text": "نامه"})
    await gateway.ok("POST", f"/cases/{CODES[1]}/replies", json={"text": "پاسخ", "author": "a"})
    assert sorted(await told(store)) == sorted(
        (kind, code, state)
        for kind, state in (("opened", "open"), ("answered", "answered"))
        for code in CODES[2:4]
    )


async def test_two_endpoints_hear_of_one_event_under_one_id_and_two_submissions_under_two(
    store: Store, gateway: Member
):
    await endpoint(gateway)
    await endpoint(gateway, url="https://second.example/")
    await submitted(store)
    await submitted(store, CODES[1])
    await gateway.ok("POST", f"/cases/{CODE}/replies", json={"text": "پاسخ", "author": "a"})
    rows = await store.rows(
        "SELECT event_id, tracking_code FROM webhook_delivery WHERE type LIKE '%answered'"
    )
    assert len(rows) == 4
    assert len({row["event_id"] for row in rows}) == len({row["tracking_code"] for row in rows}) == 2


async def test_a_sandbox_case_tells_sandbox_endpoints_and_no_others(store: Store, gateway: Member):
    live, sandbox = await endpoint(gateway), await endpoint(gateway, sandbox=True)
    async with store.database.transaction() as tx:
        for state in (SubmissionState.OPEN, SubmissionState.ANSWERED):
            await webhooks.tell_sandbox(
                tx, partner_id=PARTNER, tracking_code=CODE, reference="r", state=state, at=datetime.now(UTC)
            )
    assert await log(gateway, live) == []
    work = await claimed(gateway)
    assert [(each["event"]["type"], each["event"]["data"]["state"]) for each in work] == [
        (f"{CASE}opened", "open"),
        (f"{CASE}answered", "answered"),
    ]
    assert all(each["event"]["data"]["sandbox"] is True for each in work)
    assert len(await log(gateway, sandbox)) == 2


async def test_what_is_rolled_back_is_not_told(store: Store, gateway: Member):
    await endpoint(gateway)
    await submitted(store)
    before = await told(store)
    answer = await gateway.post(
        f"/cases/{CODE}/close", json={"reason": "دلیل", "author": "a"}, headers={"If-Match": '"99"'}
    )
    assert answer.status_code == 412
    assert await told(store) == before


async def test_without_endpoints_submissions_are_not_even_looked_at(store: Store, office: Office):
    await submitted(store)
    rows = await store.rows("SELECT case_id FROM submission")
    async with store.database.transaction() as tx:
        plan = await tx.raw.fetch(
            f"EXPLAIN (ANALYZE, FORMAT TEXT) {webhooks._TELL}",
            datetime.now(UTC),
            [rows[0]["case_id"]],
            [f"{CASE}closed"],
            [None],
            [datetime.now(UTC)],
            webhooks._INSIDE,
        )
    lines = "\n".join(row[0] for row in plan)
    assert "never executed" in lines.split("CTE told")[1].split("\n")[1]


async def test_an_endpoint_that_is_taken_away_meanwhile_holds_up_no_case_for_good(
    store: Store, gateway: Member
):
    hook = await endpoint(gateway)
    await submitted(store)
    async with store.database.transaction() as tx:
        await tx.raw.execute("DELETE FROM webhook WHERE id = $1", UUID(hook["id"]))
        reply = asyncio.create_task(
            gateway.post(f"/cases/{CODE}/replies", json={"text": "پاسخ", "author": "a"})
        )
        await asyncio.sleep(0.3)
        assert not reply.done()
    assert (await reply).status_code == 201
    assert await store.count("webhook_delivery") == 0


# Claims


async def test_a_delivery_is_claimed_once_and_again_when_its_lease_has_run_out(store: Store, gateway: Member):
    await endpoint(gateway)
    await submitted(store)
    [first] = await claimed(gateway)
    assert (first["attempt"], first["url"]) == (1, URL)
    assert await claimed(gateway) == []
    await due_now(store)
    [second] = await claimed(gateway)
    assert (second["delivery_id"], second["attempt"]) == (first["delivery_id"], 2)
    assert second["event"] == first["event"]


async def test_a_report_on_an_older_attempt_changes_nothing(store: Store, gateway: Member):
    hook = await endpoint(gateway)
    await submitted(store)
    [first] = await claimed(gateway)
    await due_now(store)
    [second] = await claimed(gateway)
    await report(gateway, first, status=410)
    [delivery] = await log(gateway, hook)
    assert (delivery["state"], delivery["attempts"]) == ("pending", [])
    await report(gateway, second, status=204)
    await report(gateway, second, status=500)
    [delivery] = await log(gateway, hook)
    assert (delivery["state"], len(delivery["attempts"]), delivery["next_at"]) == ("delivered", 1, None)


async def test_five_are_under_way_to_one_endpoint_at_most_and_nobody_waits_behind_it(
    store: Store, gateway: Member
):
    await endpoint(gateway)
    for code in CODES[:12]:
        await submitted(store, code)
    await endpoint(gateway, OTHER, url="https://quick.example/")
    await submitted(store, CODES[20], OTHER)
    first = await claimed(gateway, limit=3)
    assert "https://quick.example/" in {work["url"] for work in first}
    rest = await claimed(gateway)
    assert [work["url"] for work in (*first, *rest)].count(URL) == tellings.AT_ONCE == 5
    assert await claimed(gateway) == []
    [one, *_] = [work for work in first if work["url"] == URL]
    await report(gateway, one, status=200)
    assert len(await claimed(gateway)) == 1


async def test_gateways_that_claim_at_once_share_the_work_and_keep_to_the_five(store: Store, gateway: Member):
    for code in CODES[:30]:
        await submitted(store, code)
    hooks = [await endpoint(gateway, url=f"https://{number}.example/") for number in range(4)]
    for code in CODES[:30]:
        await gateway.ok("POST", f"/cases/{code}/close", json={"reason": "دلیل", "author": "a"})
    claims = await asyncio.gather(*(claimed(gateway, limit=7) for _ in range(12)))
    work = [each for claim in claims for each in claim]
    urls = [each["url"] for each in work]
    assert len({each["delivery_id"] for each in work}) == len(work)
    assert all(urls.count(hook["url"]) <= 5 for hook in hooks)
    assert work


async def test_a_claim_that_is_slow_to_end_is_passed_by(store: Store, gateway: Member):
    await endpoint(gateway)
    await endpoint(gateway, OTHER, url="https://quick.example/")
    await submitted(store)
    now = datetime.now(UTC)
    async with store.database.transaction() as tx:
        assert len(await tellings.claim(tx, now, 1, now + timedelta(minutes=1))) == 1
        await submitted(store, CODES[1], OTHER)
        work = await asyncio.wait_for(claimed(gateway), 3)
    assert [each["url"] for each in work] == ["https://quick.example/"]


async def test_a_suspended_partner_is_told_nothing_until_it_is_back(store: Store, gateway: Member):
    await endpoint(gateway)
    await submitted(store)
    await store.rows("UPDATE partner SET state = 'suspended' WHERE id = $1", PARTNER)
    assert await claimed(gateway) == []
    await store.rows("UPDATE partner SET state = 'active' WHERE id = $1", PARTNER)
    assert len(await claimed(gateway)) == 1


# Results


async def test_it_is_tried_again_for_three_days_and_then_it_is_dead(store: Store, gateway: Member):
    hook = await endpoint(gateway)
    await submitted(store)
    waits = []
    for _ in range(10):
        [work] = await claimed(gateway)
        before = datetime.now(UTC)
        await report(gateway, work, error="timeout")
        [delivery] = await log(gateway, hook)
        if delivery["next_at"]:
            waits.append((datetime.fromisoformat(delivery["next_at"]) - before).total_seconds())
        await due_now(store)
    assert [delivery["state"], len(delivery["attempts"])] == ["dead", 10]
    assert delivery["attempts"][0] | {"at": None} == {
        "at": None,
        "status": None,
        "error": "timeout",
        "milliseconds": 7,
    }
    planned = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
    assert len(waits) == len(planned)
    assert all(0.8 * plan <= wait <= 1.2 * plan + 2 for plan, wait in zip(planned, waits, strict=True))
    assert await claimed(gateway) == []


def test_pauses_are_spread_so_that_not_everybody_comes_back_at_once():
    pauses = {pause_after(2, None) for _ in range(50)}
    assert len(pauses) > 40
    assert all(timedelta(minutes=4) <= pause <= timedelta(minutes=6) for pause in pauses)


@pytest.mark.parametrize(("asked", "waited"), [(1, 4), (3_600, 3_600), (10**12, 86_400)])
def test_a_longer_pause_that_the_receiver_asks_for_is_kept_up_to_a_day(asked, waited):
    assert pause_after(1, asked) >= timedelta(seconds=waited)
    assert pause_after(1, asked) <= timedelta(seconds=max(waited, 6))


async def test_410_ends_the_endpoint_and_what_waits_for_it_is_dead(store: Store, gateway: Member):
    hook = await endpoint(gateway)
    other = await endpoint(gateway, url="https://second.example/")
    await submitted(store)
    await submitted(store, CODES[1])
    work = [each for each in await claimed(gateway) if each["url"] == URL]
    await report(gateway, work[0], status=410)
    assert (await gateway.ok("GET", f"{HOOKS}/{hook['id']}"))["state"] == "gone"
    assert (await gateway.ok("GET", f"{HOOKS}/{other['id']}"))["state"] == "active"
    assert {each["state"] for each in await log(gateway, hook)} == {"dead"}
    await report(gateway, work[1], status=200)
    assert {each["state"] for each in await log(gateway, hook)} == {"dead", "delivered"}
    await submitted(store, CODES[2])
    assert len(await log(gateway, hook)) == 2
    assert len(await log(gateway, other)) == 3


async def test_a_dead_one_is_replayed_under_its_own_event_id_with_every_try_before_it(
    store: Store, office: Office, gateway: Member
):
    hook = await endpoint(gateway)
    await submitted(store)
    [work] = await claimed(gateway)
    await report(gateway, work, status=410)
    replay = f"{HOOKS}/{hook['id']}/deliveries/{work['delivery_id']}/replay"
    assert (await gateway.post(replay)).status_code == 409
    await gateway.ok("PATCH", f"{HOOKS}/{hook['id']}", json={"state": "active"})
    boss = await office.member(Role.ADMINISTRATOR)
    again = await boss.ok("POST", replay)
    assert (again["state"], len(again["attempts"])) == ("pending", 1)
    [second] = await claimed(gateway)
    assert second["event"]["id"] == work["event"]["id"]
    assert (await gateway.post(replay)).status_code == 409
    await report(gateway, second, status=500)
    [delivery] = await log(gateway, hook)
    assert (delivery["state"], len(delivery["attempts"])) == ("pending", 2)
    [entry] = await store.rows("SELECT actor, subject FROM audit_entry WHERE action = 'webhook_replayed'")
    assert (entry["actor"], entry["subject"]) == (boss.actor.name, f"webhook:{hook['id']}")


async def test_when_a_partner_took_the_answer_its_persons_message_is_delivered(store: Store, gateway: Member):
    await endpoint(gateway, types=[f"{CASE}answered"])
    await submitted(store, sender=f"{PARTNER}:ali", account=True)
    await gateway.ok("POST", f"/cases/{CODE}/replies", json={"text": "پاسخ", "author": "a"})
    state = "SELECT channel, state FROM outbound_message WHERE purpose = 'reply'"
    assert await store.rows(state) == [{"channel": Channel.API, "state": "pending"}]
    [work] = await claimed(gateway)
    await report(gateway, work, status=500)
    assert (await store.rows(state))[0]["state"] == "pending"
    await due_now(store)
    [work] = await claimed(gateway)
    await report(gateway, work, status=200)
    assert (await store.rows(state))[0]["state"] == "delivered"


async def test_delivered_ones_go_after_thirty_days_and_dead_ones_after_ninety(store: Store, gateway: Member):
    hook = await endpoint(gateway)
    for code in CODES[:5]:
        await submitted(store, code)
    ages = {"delivered": (29, 31), "dead": (89, 91)}
    ids = [UUID(each["id"]) for each in await log(gateway, hook)]
    for delivery_id, (state, days) in zip(
        ids, [(state, days) for state, both in ages.items() for days in both], strict=False
    ):
        await store.rows(
            "UPDATE webhook_delivery SET state = $2, next_at = NULL, settled_at = $3 WHERE id = $1",
            *(delivery_id, state, datetime.now(UTC) - timedelta(days=days)),
        )
    await store.webhooks.telling.forget()
    assert {UUID(each["id"]) for each in await log(gateway, hook)} == {ids[0], ids[2], ids[4]}


async def test_what_was_written_while_its_endpoint_ended_is_not_left_waiting(store: Store, gateway: Member):
    hook = await endpoint(gateway)
    await submitted(store)
    await store.rows("UPDATE webhook SET state = 'gone'")
    assert await claimed(gateway) == []
    await store.webhooks.telling.forget()
    assert [each["state"] for each in await log(gateway, hook)] == ["dead"]


# Setting up


@pytest.mark.parametrize(
    "address",
    [
        "ftp://partner.example/",
        "https:///nowhere",
        "https://user:word@partner.example/",
        "https://user@partner.example/",
        "https://partner.example/#here",
        "https://partner.example:99999/",
        "https://partner.example/a b",
        "https://partner.example/\r\nX-Header: 1",
        "https://نمونه.ایران/",
        "https://partner.example/" + "a" * 2_000,
        "//partner.example/",
        "javascript:alert(1)",
        "https://[::1/",
        "",
    ],
)
async def test_an_address_that_is_none_is_refused_without_being_repeated(
    office: Office, gateway: Member, address: str
):
    answer = await gateway.post(HOOKS, json={"url": address})
    assert answer.status_code == 422
    assert not address or address not in answer.text


async def test_a_secret_is_told_once_kept_sealed_and_signs_a_day_longer_after_a_new_one(
    store: Store, gateway: Member
):
    hook = await endpoint(gateway)
    assert len(base64.b64decode(hook["secret"].removeprefix("whsec_"), validate=True)) == 32
    for shown in (
        await gateway.ok("GET", f"{HOOKS}/{hook['id']}"),
        *(await gateway.ok("GET", HOOKS))["webhooks"],
    ):
        assert hook["secret"] not in str(shown)
    [kept] = await store.rows("SELECT secret FROM webhook")
    assert hook["secret"].removeprefix("whsec_").encode() not in kept["secret"]
    renewed = await gateway.ok("POST", f"{HOOKS}/{hook['id']}/secret")
    await submitted(store)
    [work] = await claimed(gateway)
    assert work["secrets"] == [renewed["secret"], hook["secret"]]
    await store.rows("UPDATE webhook SET old_secret_until = now() - interval '1 s'")
    await due_now(store)
    [work] = await claimed(gateway)
    assert work["secrets"] == [renewed["secret"]]


def test_a_sealed_secret_opens_for_its_own_endpoint_and_key_alone():
    mine, other = uuid4(), uuid4()
    secrets = SigningSecrets(KEY)
    secret = secrets.make()
    sealed = secrets.seal(secret, mine)
    assert secrets.unseal(sealed, mine) == secret
    assert secrets.unseal(sealed, other) is None
    assert SigningSecrets(bytes(32)).unseal(sealed, mine) is None


async def test_what_cannot_be_signed_is_not_given_out(store: Store, gateway: Member):
    await endpoint(gateway)
    await submitted(store)
    await store.rows("UPDATE webhook SET secret = 'x'")
    assert await claimed(gateway) == []


async def test_a_partner_has_twenty_endpoints_however_many_ask_at_once(store: Store, gateway: Member):
    for _ in range(18):
        await endpoint(gateway)
    answers = await asyncio.gather(*(gateway.post(HOOKS, json={"url": URL}) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409, 409]
    await endpoint(gateway, OTHER)


async def test_another_partners_endpoint_is_not_there_nor_one_of_the_other_world(
    store: Store, gateway: Member
):
    hook = await endpoint(gateway)
    theirs = await endpoint(gateway, OTHER)
    await submitted(store)
    [delivery] = await log(gateway, hook)
    for base in (f"{HOOKS}/{theirs['id']}", f"/partners/{OTHER}/webhooks/{hook['id']}"):
        for verb, path, body in (
            ("GET", "", None),
            ("PATCH", "", {"state": "disabled"}),
            ("DELETE", "", None),
            ("POST", "/secret", None),
            ("POST", "/test", None),
            ("GET", "/deliveries", None),
            ("POST", f"/deliveries/{delivery['id']}/replay", None),
        ):
            assert (await gateway.request(verb, f"{base}{path}", json=body)).status_code == 404, (verb, path)
    for world, status in (("true", 404), ("false", 200)):
        answer = await gateway.get(f"{HOOKS}/{hook['id']}", params={"sandbox": world})
        assert answer.status_code == status
    assert (await gateway.ok("GET", HOOKS, params={"sandbox": True}))["webhooks"] == []
    assert (await gateway.get("/partners/nobody/webhooks")).status_code == 404
    assert (await gateway.post("/partners/nobody/webhooks", json={"url": URL})).status_code == 404


async def test_a_change_minds_the_version_and_leaves_out_what_was_left_out(gateway: Member, office: Office):
    hook = await endpoint(gateway, types=[f"{CASE}closed"])
    path = f"{HOOKS}/{hook['id']}"
    stale = await gateway.patch(path, json={"url": "https://new.example/"}, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    changed = await gateway.patch(path, json={"url": "https://new.example/"}, headers={"If-Match": '"1"'})
    assert changed.headers["etag"] == '"2"'
    assert changed.json() | {"version": 1, "url": URL} == {
        name: value for name, value in hook.items() if name != "secret"
    }
    assert (await gateway.patch(path, json={})).status_code == 422
    assert (await gateway.patch(path, json={"state": "gone"})).status_code == 422


async def test_a_disabled_endpoint_is_told_nothing_and_what_waited_is_dead(store: Store, gateway: Member):
    hook = await endpoint(gateway)
    await submitted(store)
    await gateway.ok("PATCH", f"{HOOKS}/{hook['id']}", json={"state": "disabled"})
    await submitted(store, CODES[1])
    assert [each["state"] for each in await log(gateway, hook)] == ["dead"]
    assert (await gateway.post(f"{HOOKS}/{hook['id']}/test")).status_code == 409


async def test_a_test_event_goes_to_its_endpoint_whatever_that_asked_for(gateway: Member):
    hook = await endpoint(gateway, types=[f"{CASE}closed"], sandbox=True)
    await endpoint(gateway)
    queued = await gateway.post(f"{HOOKS}/{hook['id']}/test")
    assert queued.status_code == 202
    [work] = await claimed(gateway)
    assert work["delivery_id"] == queued.json()["id"]
    assert work["event"]["type"] == "ir.payam.webhook.test"
    assert work["event"]["data"] | {"occurred_at": None} == {
        "tracking_code": None,
        "reference": None,
        "state": None,
        "occurred_at": None,
        "sandbox": True,
    }


async def test_the_log_is_paged_the_newest_first_and_by_state(store: Store, gateway: Member):
    hook = await endpoint(gateway)
    for code in CODES[:7]:
        await submitted(store, code)
    [work, *_] = await claimed(gateway, limit=1)
    await report(gateway, work, status=200)
    seen, cursor = [], None
    while True:
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = await gateway.ok("GET", f"{HOOKS}/{hook['id']}/deliveries", params=query)
        seen += [each["tracking_code"] for each in page["deliveries"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == CODES[6::-1]
    assert [each["tracking_code"] for each in await log(gateway, hook, state="delivered")] == [CODES[0]]


async def test_a_removed_endpoint_takes_its_log_with_it_and_every_change_is_on_record(
    store: Store, office: Office, gateway: Member
):
    boss = await office.member(Role.ADMINISTRATOR)
    hook = await endpoint(boss)
    path = f"{HOOKS}/{hook['id']}"
    await submitted(store)
    await boss.ok("PATCH", path, json={"url": "https://new.example/secret-in-the-path"})
    await boss.ok("POST", f"{path}/secret")
    await boss.ok("POST", f"{path}/test")
    await boss.ok("DELETE", path)
    assert (await gateway.get(path)).status_code == 404
    assert await store.count("webhook_delivery") == 0
    entries = await store.rows(
        "SELECT actor, action, detail::text FROM audit_entry WHERE subject = $1 ORDER BY seq",
        f"webhook:{hook['id']}",
    )
    assert [entry["action"] for entry in entries] == [
        "webhook_made",
        "webhook_changed",
        "webhook_secret_renewed",
        "webhook_tested",
        "webhook_removed",
    ]
    assert {entry["actor"] for entry in entries} == {boss.actor.name}
    assert not any("example" in entry["detail"] for entry in entries)
