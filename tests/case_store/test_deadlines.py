"""The sweeper warns once, raises what is late once, and sets clocks anew when working time changes."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from case_store.handlers.action import acting
from case_store.handlers.deadlines import Deadlines
from case_store.handlers.working_time import WorkingTime, build_working_time
from case_store.model import CaseState, Tier
from case_store.repository import clocks as clock_rows
from case_store.staffing import Right, service
from envelope import topics
from envelope.models import CaseEvent, CaseEventType
from envelope.tracking import mint
from tests.case_store.conftest import KEY, Store, routed

CODE = mint(900, KEY)
NOW = datetime.now(UTC)
ASK = """
    INSERT INTO referral (id, case_id, tier, unit_id, state, question, asked_by, asked_at, due_at)
    VALUES ($1, $2, 'liaison', 'pensions_office', 'open', '', '', now(), $3)
"""
LONG_AGO = NOW - timedelta(days=60)


@pytest.fixture
async def timed(store: Store) -> Store:
    await store.clocks.start()
    return store


async def events(store: Store, *kinds: str) -> Counter[str]:
    rows = await store.rows("SELECT type, count(*) AS total FROM case_event GROUP BY type")
    return Counter({row["type"]: row["total"] for row in rows if row["type"] in kinds})


async def clock(store: Store) -> dict[str, Any]:
    [row] = await store.rows("SELECT * FROM clock")
    return row


async def near(store: Store) -> None:
    """The one clock's warning has come, its deadline has not."""
    await shift(store, warn=timedelta(minutes=-1), due=timedelta(hours=1))


async def shift(store: Store, *, warn: timedelta, due: timedelta) -> None:
    """Set every clock to so long from now, whatever it says."""
    async with store.database.transaction() as tx:
        await tx.raw.execute("UPDATE clock SET warn_at = now() + $1, due_at = now() + $2", warn, due)


TOLD = ("deadline_near", "deadline_breached")


async def test_a_deadline_that_comes_near_is_told_once_and_changes_nothing_of_the_case(timed: Store):
    await timed.file(routed(code=CODE))
    await near(timed)
    before = await timed.rows("SELECT * FROM cases")
    for _ in range(3):
        await timed.time.deadlines.sweep()
    assert await events(timed, *TOLD) == {"deadline_near": 1}
    assert await timed.rows("SELECT * FROM cases") == before
    row = await clock(timed)
    assert row["warned_at"] is not None
    assert row["breached_at"] is None


async def test_a_missed_deadline_is_told_once_and_raises_the_case(timed: Store):
    await timed.file(routed(code=CODE, at=LONG_AGO))
    [before] = await timed.rows("SELECT * FROM cases")
    for _ in range(3):
        await timed.time.deadlines.sweep()
    assert await events(timed, *TOLD) == {"deadline_breached": 1}
    [after] = await timed.rows("SELECT * FROM cases")
    assert after == {**before, "priority": 1}
    row = await clock(timed)
    assert row["breached_at"] == row["warned_at"]
    await timed.publish_all()
    told = [CaseEvent.from_json(record.value) for record in timed.bus.of(topics.EVENTS)]
    [breached] = [event for event in told if event.type is CaseEventType.DEADLINE_BREACHED]
    assert (breached.tracking_code, breached.actor) == (CODE, "system")


async def test_a_warning_and_a_breach_come_one_after_the_other(timed: Store):
    await timed.file(routed(code=CODE))
    await near(timed)
    await timed.time.deadlines.sweep()
    await shift(timed, warn=timedelta(minutes=-2), due=timedelta(seconds=-1))
    await timed.time.deadlines.sweep()
    assert await events(timed, *TOLD) == {"deadline_near": 1, "deadline_breached": 1}


@pytest.mark.parametrize("stopped", [True, False])
async def test_only_a_clock_that_runs_is_told_of(timed: Store, stopped):
    await timed.file(routed(code=CODE, at=LONG_AGO))
    if stopped:
        async with timed.database.transaction() as tx:
            await tx.raw.execute("UPDATE clock SET stopped_at = now()")
    else:
        await shift(timed, warn=timedelta(days=8), due=timedelta(days=9))
    await timed.time.deadlines.sweep()
    assert await events(timed, *TOLD) == {}


async def test_a_case_that_waits_for_the_citizen_is_still_told_of_by_the_law(timed: Store):
    await timed.file(routed(code=CODE, at=LONG_AGO))
    async with acting(timed.database, service(), CODE, Right.ANSWER) as action:
        action.case.state = CaseState.ANSWERED
        await timed.clocks.waiting(action.tx, action.case, LONG_AGO + timedelta(hours=1))
        action.happened(CaseEventType.WAITING)
    await timed.time.deadlines.sweep()
    assert await events(timed, *TOLD) == {"deadline_breached": 1}


async def test_several_processes_that_sweep_at_once_tell_everything_once(timed: Store):
    await timed.file(*(routed(sender=f"+98912000{n:04d}", at=LONG_AGO) for n in range(60)))
    others = [build_working_time(timed.database) for _ in range(4)]
    sweepers = [Deadlines(timed.database, other.clocks, batch=7) for other in others]
    for _ in range(2):  # who was held by another is passed over: the next sweep finds it
        await asyncio.gather(*(sweeper.sweep() for sweeper in sweepers))
    assert await events(timed, *TOLD) == {"deadline_breached": 60}
    assert {row["priority"] for row in await timed.rows("SELECT priority FROM cases")} == {1}


async def test_a_person_who_is_held_is_passed_over_and_found_by_the_next_sweep(timed: Store):
    await timed.file(routed(code=CODE, at=LONG_AGO))
    async with acting(timed.database, service(), CODE, Right.ANSWER) as action:
        await asyncio.wait_for(timed.time.deadlines.sweep(), 5)
        await timed.clocks.answered(action.tx, action.case, NOW)
        action.happened(CaseEventType.CLOSED)
    await timed.time.deadlines.sweep()
    assert await events(timed, *TOLD) == {}


async def test_an_escalation_is_not_lost_to_an_answer_that_was_read_before(timed: Store):
    await timed.file(routed(code=CODE, at=LONG_AGO))
    await timed.time.deadlines.sweep()
    async with acting(timed.database, service(), CODE, Right.ANSWER, version=1) as action:
        action.happened(CaseEventType.NOTED)
    [case] = await timed.rows("SELECT priority, version FROM cases")
    assert case == {"priority": 1, "version": 2}


async def test_a_closure_moves_running_clocks_alone_with_their_cases_and_referrals(timed: Store):
    await timed.access.organisation.load_defaults()
    await timed.file(routed(code=CODE), routed(sender="+989120000002"))
    referral_id = uuid4()
    async with acting(timed.database, service(), CODE, Right.ANSWER) as action:
        due = await timed.clocks.referred(action.tx, action.case, referral_id, Tier.LIAISON, NOW)
        await action.tx.raw.execute(ASK, referral_id, action.case.id, due)
        action.happened(CaseEventType.REFERRED)
    async with timed.database.transaction() as tx:
        [other] = await tx.raw.fetch("SELECT id FROM cases WHERE tracking_code <> $1", CODE)
        await clock_rows.stop(tx, other["id"], None, NOW)
    before = {row["id"]: row for row in await timed.rows("SELECT * FROM clock")}
    for row in before.values():
        for day in range(10):
            await close(timed, row["due_at"].date() - timedelta(days=day))
    await timed.time.deadlines.sweep()
    for row in await timed.rows("SELECT * FROM clock"):
        was = before[row["id"]]
        if row["stopped_at"] is not None:
            assert row == was
        else:
            assert row["due_at"] > was["due_at"]
            assert row["reckoned"] == timed.clocks.timekeeping.version
    [case] = await timed.rows(
        "SELECT cases.due_at, min(clock.due_at) AS nearest, min(referral.due_at) AS referral FROM cases "
        "JOIN clock ON clock.case_id = cases.id JOIN referral ON referral.case_id = cases.id "
        "WHERE clock.stopped_at IS NULL GROUP BY cases.id"
    )
    assert case["due_at"] == case["nearest"]
    [of_referral] = await timed.rows("SELECT due_at FROM clock WHERE referral_id IS NOT NULL")
    assert case["referral"] == of_referral["due_at"]


async def close(store: Store, day: date) -> None:
    await store.time.calendar.enter_day(service(), day, None, (), "تعطیل", version=None)


async def test_a_deadline_moved_into_the_future_is_not_missed_and_is_told_of_again_when_it_comes(
    timed: Store,
):
    begun = NOW - timedelta(days=6)
    await timed.file(routed(code=CODE, at=begun))
    await shift(timed, warn=timedelta(minutes=-1), due=timedelta(minutes=-1))
    await timed.time.deadlines.sweep()
    assert (await clock(timed))["breached_at"] is not None
    for day in range(8):
        await close(timed, begun.date() + timedelta(days=day))
    await timed.time.deadlines.sweep()
    row = await clock(timed)
    assert row["due_at"] > datetime.now(UTC)
    assert (row["breached_at"], row["warned_at"]) == (None, None)


async def test_another_process_hears_of_a_new_calendar_by_its_next_sweep(timed: Store):
    other: WorkingTime = build_working_time(timed.database)
    await other.clocks.start()
    await close(timed, date(2027, 1, 2))
    assert other.clocks.timekeeping.version < timed.clocks.timekeeping.version
    await other.deadlines.sweep()
    assert other.clocks.timekeeping.version == timed.clocks.timekeeping.version


async def test_an_allowance_that_changes_moves_running_clocks(timed: Store):
    await timed.file(routed(code=CODE))
    before = await clock(timed)
    [row] = [row for row in await timed.time.olas.all() if row["section"] == "retirement"]
    changed = {name: row[name] for name in row if name not in {"id", "version"}} | {"allowance": 1}
    await timed.time.olas.put(service(), changed, ola_id=row["id"], version=row["version"])
    await timed.time.deadlines.sweep()
    after = await clock(timed)
    assert after["due_at"] < before["due_at"]
    assert after["allowance"] == 1


async def test_setting_clocks_anew_twice_gives_the_same(timed: Store):
    await timed.file(*(routed(sender=f"+98912000{n:04d}") for n in range(20)))
    await close(timed, date(2027, 1, 2))
    await timed.time.deadlines.sweep()
    query = "SELECT id, warn_at, due_at FROM clock ORDER BY id"
    before = await timed.rows(query)
    async with timed.database.transaction() as tx:
        await tx.raw.execute("UPDATE clock SET reckoned = 0")
    await Deadlines(timed.database, timed.clocks, batch=3).sweep()
    assert await timed.rows(query) == before


async def test_cases_from_before_there_were_clocks_get_one(timed: Store):
    await timed.file(routed(code=CODE), routed(sender="+989120000002"))
    async with timed.database.transaction() as tx:
        await tx.raw.execute("DELETE FROM clock")
        await tx.raw.execute("UPDATE cases SET due_at = NULL")
        await tx.raw.execute("UPDATE cases SET state = 'answered' WHERE tracking_code <> $1", CODE)
    for _ in range(2):
        await Deadlines(timed.database, timed.clocks).sweep()
    row = await clock(timed)
    [case] = await timed.rows("SELECT id, due_at, opened_at FROM cases WHERE tracking_code = $1", CODE)
    assert (row["case_id"], row["due_at"], row["started_at"]) == (*case.values(),)


async def test_the_metrics_say_how_many_are_late_and_since_when(timed: Store):
    await timed.file(routed(code=CODE, at=LONG_AGO))
    await timed.time.deadlines.sweep()
    assert REGISTRY.get_sample_value("payam_clocks_breached") == 1
    assert REGISTRY.get_sample_value("payam_clocks_near") == 0
    assert (REGISTRY.get_sample_value("payam_oldest_overdue_seconds") or 0) > 20 * 86_400
