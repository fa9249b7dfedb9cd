"""Queues, lists within reach, the supervisor's view and silent channels."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from sqlalchemy import event

from case_store import metrics
from case_store.handlers.queues import Queues
from case_store.repository import queues as queues_of
from case_store.silence import WEEKS, hear, spans
from case_store.staffing import Role, service
from envelope.models import Channel
from envelope.taxonomy import Topic
from envelope.tracking import mint
from tests.case_store.conftest import KEY, Store, routed
from tests.case_store.desks import EVERY_SECTION, Office, opened

CODES = [mint(200 + n, KEY) for n in range(40)]
NOW = datetime.now(UTC)


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    async with opened(store) as office:
        yield office


async def fill(store: Store, topics: list[Topic], *, desk: str | None = None, first: int = 0) -> list[str]:
    """A case a topic, each of its own person, a minute apart."""
    codes = CODES[first : first + len(topics)]
    await store.file(
        *(
            routed(
                f"متن شماره {n} که بلند است و چیزی را می‌پرسد",
                sender=f"+98912000{first + n:04d}",
                code=code,
                topic=topic,
                desk=desk,
                at=NOW - timedelta(hours=1) + timedelta(minutes=n),
            )
            for n, (code, topic) in enumerate(zip(codes, topics, strict=True))
        )
    )
    return codes


async def due(store: Store, code: str, at: datetime | None) -> None:
    await store.rows("UPDATE cases SET due_at = $2 WHERE tracking_code = $1", code, at)


async def queue(member, desk: str) -> dict:
    queues = (await member.ok("GET", "/queues"))["queues"]
    return next(one for one in queues if one["desk"] == desk)


async def test_a_queue_counts_what_waits_and_nothing_that_is_done(office: Office):
    agent = await office.member()
    codes = await fill(office.store, [Topic.PENSION_PAYMENT] * 8)
    for code, at in zip(codes, (-2, -1, 1, 3, 5, 100, 100, 100), strict=True):
        await due(office.store, code, NOW + timedelta(hours=at))
    await agent.ok("POST", f"/cases/{codes[0]}/claim")
    await office.store.rows("UPDATE cases SET state = 'referred' WHERE tracking_code = $1", codes[1])
    await office.store.rows("UPDATE cases SET state = 'triage' WHERE tracking_code = $1", codes[2])
    await agent.ok("POST", f"/cases/{codes[6]}/close", json={"reason": "x"})
    await agent.ok("POST", f"/cases/{codes[7]}/replies", json={"text": "سلام"})
    counted = await queue(agent, "retirement")
    assert (
        counted
        | {
            "name": "میز بازنشستگی",
            "new": 3,
            "triage": 1,
            "open": 1,
            "referred": 1,
            "mine": 1,
            "unclaimed": 4,
            "overdue": 2,
            "due_soon": 2,
        }
        == counted
    )
    assert datetime.fromisoformat(counted["next_due_at"]) == NOW - timedelta(hours=2)


async def test_everybody_sees_the_queues_of_their_units_alone(office: Office):
    await fill(office.store, [Topic.PENSION_PAYMENT, Topic.E_PRESCRIPTION, Topic.OTHER], desk=None)
    seen = {}
    for name, roles, units in (
        ("agent", (Role.AGENT,), ("retirement",)),
        ("two", (Role.AGENT,), ("treatment", "general")),
        ("chief", (Role.SUPERVISOR,), ()),
        ("auditor", (Role.AUDITOR,), ()),
        ("liaison", (Role.LIAISON,), ("pensions_office",)),
    ):
        member = await office.member(*roles, units=units)
        seen[name] = [one["desk"] for one in (await member.ok("GET", "/queues"))["queues"]]
    every = ["insurance", "treatment", "retirement", "general", "triage"]
    assert sorted(seen["chief"]) == sorted(seen["auditor"]) == sorted(every)
    assert seen["agent"] == ["retirement"]
    assert sorted(seen["two"]) == ["general", "treatment", "triage"]
    assert seen["liaison"] == []
    keeper = await office.member(Role.ADMINISTRATOR)
    assert (await keeper.get("/queues")).status_code == 403


async def test_a_queue_of_a_desk_that_nobody_set_up_is_shown_by_its_id(office: Office):
    await fill(office.store, [Topic.PENSION_PAYMENT], desk="forgotten")
    assert (await queue(office.service(), "forgotten"))["new"] == 1


async def test_many_who_look_at_once_are_served_by_one_count(store: Store):
    await fill(store, [Topic.PENSION_PAYMENT] * 3)
    queues = Queues(store.database, fresh_seconds=60)
    told = await asyncio.gather(*(queues.standing(service()) for _ in range(20)))
    assert len({one["counted_at"] for one in told}) == 1
    await fill(store, [Topic.PENSION_PAYMENT], first=10)
    assert (await queues.standing(service()))["queues"] == told[0]["queues"]


MANY_CLOSED = """
    INSERT INTO cases (id, contact_id, tracking_code, state, channel, line, topic, section, kind, audience,
        desk, language, opened_at, last_activity_at, closed_at)
    SELECT gen_random_uuid(), contact_id, 'x' || n, 'closed', channel, line, topic, section, kind, audience,
        desk, language, opened_at, last_activity_at, now()
    FROM cases, generate_series(1, 3000) AS n LIMIT 3000
"""


async def test_counting_reads_the_index_of_undecided_cases_alone(store: Store, url: str):
    await fill(store, [Topic.PENSION_PAYMENT] * 3)
    await store.rows(MANY_CLOSED)
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute("VACUUM ANALYZE cases")
    await connection.close()
    rows = await store.rows(f"EXPLAIN {queues_of.COUNTS}", NOW, NOW + queues_of.SOON)
    plan = "\n".join(row["QUERY PLAN"] for row in rows)
    assert "Index Only Scan using cases_due" in plan


async def listed(member, **parameters) -> list[str]:
    """Every page, two rows each."""
    codes: list[str] = []
    cursor = None
    while True:
        page = await member.ok(
            "GET", "/cases", params={"limit": 2, **parameters} | ({"cursor": cursor} if cursor else {})
        )
        codes += [case["tracking_code"] for case in page["cases"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return codes


async def test_the_nearest_deadline_comes_first_over_all_desks_and_what_has_none_last(office: Office):
    topics = [Topic.PENSION_PAYMENT, Topic.E_PRESCRIPTION, Topic.UNEMPLOYMENT, Topic.BRANCH_SERVICE]
    codes = await fill(office.store, topics * 3)
    hours = [9, 3, 7, 1, None, 5, -4, 8, 2, None, 6, 3]
    for code, hour in zip(codes, hours, strict=True):
        await due(office.store, code, None if hour is None else NOW + timedelta(hours=hour))
    expected = sorted(range(12), key=lambda n: (hours[n] is None, hours[n] or 0))
    for member in (
        office.service(),
        await office.member(units=EVERY_SECTION),
        await office.member(Role.SUPERVISOR),
    ):
        found = await listed(member, order="due")
        assert [hours[codes.index(code)] for code in found] == [hours[n] for n in expected]
        assert len(set(found)) == 12
    agent = await office.member(units=("treatment",))
    assert [hours[codes.index(code)] for code in await listed(agent, order="due")] == [3, 5, None]
    assert await listed(office.service(), order="due", desk="treatment") == await listed(agent, order="due")


async def test_the_urgent_list_holds_no_case_that_is_done(office: Office):
    codes = await fill(office.store, [Topic.PENSION_PAYMENT] * 3)
    agent = await office.member()
    await agent.ok("POST", f"/cases/{codes[1]}/close", json={"reason": "x"})
    assert codes[1] not in await listed(agent, order="due")
    assert codes[1] in await listed(agent)


async def test_a_list_is_narrowed_by_who_has_it_and_whether_it_is_late(office: Office):
    codes = await fill(office.store, [Topic.PENSION_PAYMENT] * 5)
    agent, colleague = await office.member(name="الف"), await office.member()
    await agent.ok("POST", f"/cases/{codes[0]}/claim")
    await agent.ok("POST", f"/cases/{codes[1]}/claim")
    await colleague.ok("POST", f"/cases/{codes[2]}/claim")
    await due(office.store, codes[3], NOW - timedelta(hours=1))
    await agent.ok("POST", f"/cases/{codes[1]}/replies", json={"text": "سلام"})
    for order in ("newest", "due"):
        mine = [codes[0]] if order == "due" else [codes[1], codes[0]]
        assert await listed(agent, assignee="me", order=order) == mine
        assert await listed(agent, assignee=str(colleague.actor.staff_id), order=order) == [codes[2]]
        assert sorted(await listed(agent, assignee="none", order=order)) == sorted(codes[3:])
        assert await listed(agent, overdue=True, order=order) == [codes[3]]
        assert codes[1] not in await listed(agent, undecided=True, order=order)
        assert await listed(office.service(), assignee="me", order=order) == []
    shown = (await agent.ok("GET", "/cases", params={"assignee": "me", "undecided": True}))["cases"][0]
    assert shown["assignee"] == {"id": str(agent.actor.staff_id), "name": "الف"}
    assert shown["excerpt"].startswith("متن شماره 0")


async def test_a_list_is_narrowed_by_province(office: Office):
    codes = await fill(office.store, [Topic.PENSION_PAYMENT] * 2)
    await office.store.rows("UPDATE cases SET province = 'یزد' WHERE tracking_code = $1", codes[0])
    assert await listed(office.service(), province="یزد") == [codes[0]]
    assert await listed(office.service(), province="یزد", order="due") == [codes[0]]


async def refer(store: Store, code: str, unit: str, state: str = "open") -> None:
    await store.rows(
        "INSERT INTO referral (id, case_id, tier, unit_id, state, question, asked_by, asked_at, due_at) "
        "SELECT gen_random_uuid(), id, 'liaison', $2, $3, 'چرا؟', 'a', now(), now() + interval '1 day' "
        "FROM cases WHERE tracking_code = $1",
        *(code, unit, state),
    )


async def test_reach_applies_to_lists_cases_and_people(office: Office):
    codes = await fill(office.store, [Topic.PENSION_PAYMENT, Topic.E_PRESCRIPTION, Topic.E_PRESCRIPTION])
    agent = await office.member(units=("retirement",))
    liaison = await office.member(Role.LIAISON, units=("pensions_office",))
    await refer(office.store, codes[1], "pensions_office")
    whole = {code: await office.service().ok("GET", f"/cases/{code}") for code in codes}
    for member, reached in ((agent, codes[:1]), (liaison, [codes[1]])):
        assert await listed(member) == reached
        assert await listed(member, order="due") == reached
        for code in codes:
            person = whole[code]["person"]["id"]
            expected = 200 if code in reached else 404
            assert (await member.get(f"/cases/{code}")).status_code == expected
            assert (await member.get(f"/contacts/{person}")).status_code == expected
            address = {"address": whole[code]["person"]["addresses"][0]["value"]}
            assert (await member.post("/contacts/search", json=address)).status_code == expected


async def test_a_list_holds_what_was_referred_to_ones_unit_from_other_desks(office: Office):
    codes = await fill(office.store, [Topic.PENSION_PAYMENT, Topic.E_PRESCRIPTION, Topic.E_PRESCRIPTION])
    expert = await office.member(Role.EXPERT, units=("retirement",))
    await refer(office.store, codes[1], "retirement")
    await due(office.store, codes[1], NOW + timedelta(minutes=1))
    assert await listed(expert, order="due") == [codes[1], codes[0]]
    assert await listed(expert) == [codes[1], codes[0]]


async def test_who_may_not_read_identities_sees_them_masked(office: Office):
    (code,) = await fill(office.store, [Topic.PENSION_PAYMENT])
    await office.store.rows("UPDATE contact SET national_id = '0013542419', name = 'مریم'")
    auditor, agent = await office.member(Role.AUDITOR), await office.member()
    liaison = await office.member(Role.LIAISON, units=("pensions_office",))
    await refer(office.store, code, "pensions_office")
    person = (await agent.ok("GET", f"/cases/{code}"))["person"]
    assert (person["national_id"], person["addresses"][0]["value"]) == ("0013542419", "+989120000000")
    masked = (await auditor.ok("GET", f"/cases/{code}"))["person"]
    assert (masked["national_id"], masked["addresses"][0]["value"]) == ("•••••••419", "+98912***0000")
    for path in (f"/cases/{code}", f"/contacts/{person['id']}"):
        told = (await liaison.get(path)).text
        assert "+989120000000" not in told
        assert "0013542419" not in told
    assert (await auditor.ok("GET", f"/contacts/{person['id']}"))["national_id"] == "•••••••419"


async def test_a_case_whole_takes_no_more_statements_the_more_is_in_it(office: Office):
    agent = await office.member()
    codes = await fill(office.store, [Topic.PENSION_PAYMENT] * 2)
    await agent.ok("POST", f"/cases/{codes[0]}/links", json={"other_code": codes[1], "relation": "related"})
    counted = []
    for n in range(6):
        await office.store.file(routed(f"پیام دیگر {n}", sender="+989120000000", cites=(codes[0],)))
        await agent.ok("POST", f"/cases/{codes[0]}/notes", json={"text": f"یادداشت {n}"})
        await refer(office.store, codes[0], "pensions_office")
        with statements(office.store) as run:
            await agent.ok("GET", f"/cases/{codes[0]}")
            counted.append(len(run))
    assert len(set(counted)) == 1
    assert counted[0] <= 22


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    run: list[str] = []
    engine = store.database.engine.sync_engine

    def listen(dbapi, _record, _proxy) -> None:
        connection = dbapi.driver_connection
        if connection not in known:
            known.add(connection)
            connection.add_query_logger(lambda query: run.append(query.query))

    known: set[object] = set()
    event.listen(engine, "checkout", listen)
    try:
        yield run
    finally:
        event.remove(engine, "checkout", listen)


async def test_a_supervisor_sees_who_does_what_and_what_is_late(office: Office):
    chief, agent = await office.member(Role.SUPERVISOR), await office.member(name="زهرا")
    codes = await fill(office.store, [Topic.PENSION_PAYMENT] * 4)
    for code, hours in zip(codes, (-3, -1, 2, 50), strict=True):
        await due(office.store, code, NOW + timedelta(hours=hours))
    for code in codes[:3]:
        await agent.ok("POST", f"/cases/{code}/claim")
    await agent.ok("POST", f"/cases/{codes[2]}/replies", json={"text": "سلام"})
    await agent.ok("POST", f"/cases/{codes[2]}/close", json={"reason": "x"})
    await due(office.store, codes[3], NOW + timedelta(hours=3))
    glance = await chief.ok("GET", "/supervision")
    assert [case["tracking_code"] for case in glance["breached"]] == codes[:2]
    assert [case["tracking_code"] for case in glance["near"]] == [codes[3]]
    assert glance["breached"][0]["assignee"]["name"] == "زهرا"
    one = next(person for person in glance["staff"] if person["name"] == "زهرا")
    assert one | {"claims": 2, "overdue": 2, "answered_today": 1, "closed_today": 1} == one
    assert one["seen_at"]
    assert {channel["channel"] for channel in glance["channels"]} == set(Channel)
    assert glance["outbox"]["depth"] > 0
    assert (await agent.get("/supervision")).status_code == 403


async def test_a_channel_that_is_usually_lively_and_says_nothing_is_silent(store: Store):
    now = datetime.now(UTC)
    hour = now.replace(minute=0, second=0, microsecond=0)
    for week in range(1, WEEKS + 1):
        for n in range(20):
            at = hour - timedelta(weeks=week) + timedelta(minutes=2 * n)
            channel = Channel.USSD if n % 2 else Channel.SMS
            await store.rows(MESSAGE, f"{week}-{n}-{channel}", channel, at)
    for n in range(5):
        await store.rows(MESSAGE, f"now-{n}", Channel.SMS, now - timedelta(minutes=n))
    heard = {one.channel: one for one in await store.work.silence.heard()}
    assert (heard[Channel.SMS].recent, heard[Channel.SMS].usual, heard[Channel.SMS].silent) == (5, 5, False)
    assert (heard[Channel.USSD].recent, heard[Channel.USSD].usual, heard[Channel.USSD].silent) == (0, 5, True)
    assert not heard[Channel.VOICE].silent
    assert metrics.CHANNEL_SILENT.labels(Channel.USSD)._value.get() == 1
    for n in range(5):
        await store.rows(MESSAGE, f"back-{n}", Channel.USSD, now - timedelta(minutes=n))
    await store.work.silence.listen()
    assert metrics.CHANNEL_SILENT.labels(Channel.USSD)._value.get() == 0


MESSAGE = """
    INSERT INTO message (message_id, contact_id, channel, provider, provider_message_id, line, sender_kind,
        sender, intent, text, normalized_text, topic, kind, audience, confidence, decided_by, classifier,
        reasons, occurred_at, received_at, stored_at, correlation_id)
    VALUES (gen_random_uuid(), gen_random_uuid(), $2, 'p', $1, 'l', 'msisdn', 's', 'message', 't', 't',
        'other', 'question', 'unknown', 1, 'none', 'v', '{}', $3, $3, $3, gen_random_uuid())
"""


@pytest.mark.parametrize(
    ("weeks", "recent", "usual", "silent"),
    [
        ((40, 40, 40, 40), 20, 20, False),
        ((40, 40, 40, 40), 4, 20, False),
        ((40, 40, 40, 40), 3, 20, True),
        ((0, 40, 40, 400), 0, 20, True),
        ((0, 0, 0, 400), 0, 0, False),
        ((8, 8, 8, 8), 0, 4, False),
        ((0, 0, 0, 0), 0, 0, False),
    ],
)
def test_silence_is_measured_against_the_median_of_the_same_hour(weeks, recent, usual, silent):
    counted = [{"sms": recent}, *({"sms": count} for count in weeks)]
    heard = {one.channel: one for one in hear(counted, timedelta(minutes=30))}[Channel.SMS]
    assert (heard.recent, heard.usual, heard.silent) == (recent, usual, silent)


def test_the_weeks_before_are_looked_at_by_their_same_hour():
    now = datetime(2026, 11, 21, 9, 47, tzinfo=UTC)
    lately, *before = spans(now, timedelta(minutes=30))
    assert lately == (datetime(2026, 11, 21, 9, 17, tzinfo=UTC), now)
    assert [begun.isoformat() for begun, _ in before] == [
        f"2026-{day}T09:00:00+00:00" for day in ("11-14", "11-07", "10-31", "10-24")
    ]
    assert {until - begun for begun, until in before} == {timedelta(hours=1)}
