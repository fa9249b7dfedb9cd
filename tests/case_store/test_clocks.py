"""Clocks start, pause, resume and stop with what happens to a case; it is due when the nearest of them is."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from case_store.handlers.action import acting
from case_store.handlers.deadlines import Deadlines
from case_store.model import CaseState, Rules, Tier
from case_store.repository import cases as case_rows
from case_store.staffing import Right, service
from envelope.models import CaseEventType, Channel, Declared
from envelope.taxonomy import Kind, Topic
from envelope.tracking import mint
from persian.dates import TEHRAN
from tests.case_store.conftest import KEY, Store, routed

CODE, OTHER_CODE = mint(800, KEY), mint(801, KEY)
RULES = Rules()
DECLARED_YAZD = Declared(province="یزد")


def at(text: str) -> datetime:
    """`2026-11-21 10:00` in Tehran: a Saturday."""
    return datetime.fromisoformat(text).replace(tzinfo=TEHRAN).astimezone(UTC)


SATURDAY = at("2026-11-21 10:00")
LAW = at("2026-12-05 15:30")
"""The tenth working day after that Saturday."""


@pytest.fixture
async def timed(store: Store) -> Store:
    await store.clocks.start()
    return store


async def clocks_of(store: Store, code: str = CODE) -> list[dict[str, Any]]:
    query = "SELECT clock.* FROM clock JOIN tracking_code USING (case_id) WHERE code = $1"
    return await store.rows(f"{query} ORDER BY started_at, clock.id", code)


async def due_of(store: Store, code: str = CODE) -> datetime | None:
    [row] = await store.rows(
        "SELECT due_at FROM cases JOIN tracking_code ON case_id = cases.id WHERE code = $1", code
    )
    return row["due_at"]


async def did(store: Store, verb: str, *arguments: object, now: datetime, **changes: object) -> object:
    """One staff action that only moves clocks, as the handlers of staff and referrals do it."""
    async with acting(store.database, service(), CODE, Right.ANSWER) as action:
        for name, value in changes.items():
            setattr(action.case, name, value)
        result = await getattr(store.clocks, verb)(action.tx, action.case, *arguments, now)
        action.happened(CaseEventType.NOTED)
        return result


@pytest.mark.parametrize(
    ("options", "due"),
    [
        ({"topic": Topic.UNEMPLOYMENT}, "2026-11-24 15:30"),  # insurance: three working days
        ({"topic": Topic.PENSION_PAYMENT}, "2026-11-24 15:30"),
        ({"topic": Topic.E_PRESCRIPTION}, "2026-11-23 15:30"),
        ({"topic": Topic.UNEMPLOYMENT, "kind": Kind.COMPLAINT}, "2026-11-28 15:30"),
        ({"topic": Topic.UNEMPLOYMENT, "kind": Kind.STATUS_INQUIRY}, "2026-11-22 15:30"),
        ({"topic": Topic.UNEMPLOYMENT, "channel": Channel.VOICE}, "2026-11-23 15:30"),
        ({"kind": Kind.COMPLAINT, "channel": Channel.VOICE}, "2026-11-23 15:30"),
        ({"kind": Kind.SUGGESTION}, "2026-12-05 15:30"),
    ],
)
async def test_every_case_is_opened_with_its_clock(timed: Store, options, due: str):
    await timed.file(routed(code=CODE, at=SATURDAY, **options))
    [clock] = await clocks_of(timed)
    assert clock["due_at"] == await due_of(timed) == at(due)
    assert clock["opened_at"] == clock["started_at"] == SATURDAY
    assert clock["started_at"] < clock["warn_at"] < clock["due_at"]
    assert (clock["tier"], clock["referral_id"], clock["stopped_at"]) == ("agent", None, None)


async def test_the_same_message_again_starts_no_second_clock(timed: Store):
    message = routed(code=CODE, at=SATURDAY)
    await timed.file(message)
    await timed.file(message, message)
    assert await timed.count("clock") == 1


async def test_a_message_more_leaves_the_clock_alone(timed: Store):
    await timed.file(routed(code=CODE, at=SATURDAY))
    before = await clocks_of(timed)
    await timed.file(routed(at=SATURDAY + timedelta(hours=2)))
    assert await clocks_of(timed) == before


@pytest.mark.parametrize("in_one_batch", [True, False])
async def test_a_case_that_leaves_triage_gets_the_allowance_of_its_matter_from_the_same_start(
    timed: Store, in_one_batch
):
    greeting = routed("سلام", desk="triage", topic=Topic.OTHER, code=CODE, at=SATURDAY)
    matter = routed(topic=Topic.E_PRESCRIPTION, at=SATURDAY + timedelta(minutes=1))
    for batch in [[greeting, matter]] if in_one_batch else [[greeting], [matter]]:
        await timed.file(*batch)
    [clock] = await clocks_of(timed)
    assert (clock["desk"], clock["allowance"], clock["started_at"]) == ("treatment", 2, SATURDAY)
    assert clock["due_at"] == await due_of(timed) == at("2026-11-23 15:30")


async def test_a_clock_runs_by_the_calendar_of_the_cases_province(timed: Store):
    actor = service()
    await timed.time.calendar.enter_day(actor, date(2026, 11, 22), "یزد", (), "برف", version=None)
    message = routed(code=CODE, at=SATURDAY)
    raw = message.model_copy(
        update={"envelope": message.envelope.model_copy(update={"declared": DECLARED_YAZD})}
    )
    await timed.file(raw, routed(code=OTHER_CODE, at=SATURDAY, sender="+989120000002"))
    assert await due_of(timed) == at("2026-11-25 15:30")
    assert await due_of(timed, OTHER_CODE) == at("2026-11-24 15:30")


async def test_an_answer_stops_the_clock_and_leaves_the_case_without_deadline(timed: Store):
    await timed.file(routed(code=CODE, at=SATURDAY))
    await did(timed, "answered", now=SATURDAY + timedelta(hours=1), state=CaseState.ANSWERED)
    [clock] = await clocks_of(timed)
    assert clock["stopped_at"] == SATURDAY + timedelta(hours=1)
    assert await due_of(timed) is None
    await did(timed, "answered", now=SATURDAY + timedelta(hours=2))
    assert await clocks_of(timed) == [clock]


async def test_a_word_after_the_answer_starts_a_clock_of_its_own_and_the_laws_days_anew(timed: Store):
    await timed.file(routed(code=CODE, at=SATURDAY))
    await did(timed, "answered", now=SATURDAY + timedelta(hours=1), state=CaseState.ANSWERED)
    monday = at("2026-11-23 09:00")
    await timed.file(routed(at=monday, cites=(CODE,)))
    first, second = await clocks_of(timed)
    assert (first["stopped_at"] is None, second["stopped_at"]) == (False, None)
    assert (second["opened_at"], second["started_at"]) == (monday, monday)
    assert second["due_at"] == await due_of(timed) == at("2026-11-28 15:30")
    assert [clock["started_at"] for clock in await clocks_of(timed)] == [SATURDAY, monday]


async def test_staff_who_reopen_start_a_new_clock(timed: Store):
    await timed.file(routed(code=CODE, at=SATURDAY))
    await did(timed, "answered", now=SATURDAY, state=CaseState.ANSWERED)
    sunday = at("2026-11-22 09:00")
    await did(timed, "reopened", now=sunday, state=CaseState.OPEN)
    await did(timed, "reopened", now=sunday + timedelta(hours=1))
    _, again = await clocks_of(timed)
    assert (again["started_at"], again["due_at"]) == (sunday, at("2026-11-25 15:30"))


async def test_waiting_for_the_citizen_pauses_the_clock_but_not_the_law_and_their_word_resumes_it(
    timed: Store,
):
    await timed.file(routed(code=CODE, at=SATURDAY))
    asked, told = at("2026-11-22 09:00"), at("2026-11-23 12:00")
    await did(timed, "waiting", now=asked, state=CaseState.ANSWERED)
    [clock] = await clocks_of(timed)
    assert (clock["paused_at"], clock["stopped_at"], clock["due_at"]) == (asked, None, LAW)
    assert await due_of(timed) == LAW
    await timed.file(routed(at=told, cites=(CODE,)))
    [clock] = await clocks_of(timed)
    assert clock["paused_at"] is None
    assert clock["due_at"] == await due_of(timed) == at("2026-11-28 15:30")
    assert clock["pauses"] == [[asked.isoformat(), told.isoformat()]]


async def test_a_message_that_is_read_late_resumes_the_clock_when_it_came(timed: Store):
    await timed.file(routed(code=CODE, at=SATURDAY, kind=Kind.STATUS_INQUIRY))
    await did(timed, "waiting", now=at("2026-11-21 16:00"), state=CaseState.ANSWERED)
    await timed.file(routed(at=at("2026-11-21 20:00"), cites=(CODE,)))
    assert await due_of(timed) == at("2026-11-22 15:30")


async def test_staff_may_resume_it_too(timed: Store):
    await timed.file(routed(code=CODE, at=SATURDAY))
    await did(timed, "waiting", now=at("2026-11-22 09:00"))
    await did(timed, "waiting", now=at("2026-11-22 10:00"))
    await did(timed, "resumed", now=at("2026-11-22 11:00"))
    await did(timed, "resumed", now=at("2026-11-22 12:00"))
    [clock] = await clocks_of(timed)
    assert len(clock["pauses"]) == 1
    assert await due_of(timed) == at("2026-11-25 15:30")


async def test_a_referral_has_a_clock_of_its_own_and_the_case_is_due_when_the_nearest_is(timed: Store):
    await timed.file(routed(code=CODE, at=SATURDAY))
    expert, liaison = uuid4(), uuid4()
    sunday = at("2026-11-22 09:00")
    assert await did(timed, "referred", expert, Tier.EXPERT, now=sunday) == at("2026-11-23 15:30")
    assert await due_of(timed) == at("2026-11-23 15:30")
    assert await did(timed, "referred", liaison, Tier.LIAISON, now=sunday) == at("2026-11-24 15:30")
    await did(timed, "settled", expert, now=sunday + timedelta(hours=1))
    assert await due_of(timed) == at("2026-11-24 15:30")
    await did(timed, "answered", now=sunday + timedelta(hours=2))
    assert await due_of(timed) == at("2026-11-24 15:30")
    await did(timed, "settled", liaison, now=sunday + timedelta(hours=3))
    assert await due_of(timed) is None


async def test_a_late_referral_is_held_to_the_law_of_its_case(timed: Store):
    await timed.file(routed(code=CODE, at=SATURDAY, kind=Kind.SUGGESTION))
    friday_before = at("2026-12-04 09:00")
    assert await did(timed, "referred", uuid4(), Tier.LIAISON, now=friday_before) == LAW


async def test_a_case_reclassified_gets_its_new_allowance_from_the_same_start(timed: Store):
    await timed.file(routed(code=CODE, at=SATURDAY))
    await did(timed, "reclassified", now=at("2026-11-22 09:00"), kind=Kind.COMPLAINT, desk="treatment")
    [clock] = await clocks_of(timed)
    assert (clock["started_at"], clock["desk"]) == (SATURDAY, "treatment")
    assert await due_of(timed) == at("2026-11-28 15:30")


async def test_a_store_without_its_calendar_yet_opens_cases_by_the_defaults(store: Store):
    assert store.clocks.health() is not None
    await store.file(routed(code=CODE, at=SATURDAY))
    [clock] = await clocks_of(store)
    assert (clock["due_at"], clock["reckoned"]) == (at("2026-11-24 15:30"), 0)
    await store.clocks.start()
    assert store.clocks.health() is None


async def test_several_processes_that_start_at_once_load_the_defaults_once(store: Store):
    await asyncio.gather(*(Store(store.database, RULES).clocks.start() for _ in range(5)))
    await store.clocks.start()
    assert store.clocks.timekeeping.version == 1
    assert await store.count("working_week") == 1
    assert await store.count("ola") == len({row["id"] for row in await store.rows("SELECT id FROM ola")}) > 10


async def test_a_deadline_explains_itself_day_by_day(timed: Store):
    await timed.file(routed(code=CODE, at=at("2026-12-21 10:00")))
    await timed.time.calendar.enter_day(service(), date(2026, 12, 22), None, (), "آلودگی هوا", version=None)
    deadlines = Deadlines(timed.database, timed.clocks)
    await deadlines.sweep()
    case, [(clock, told)] = await deadlines.of_case(service(), CODE)
    assert case.due_at == clock.due_at == told.due_at == at("2026-12-28 15:30")
    assert [(item.counted.value, item.day.words) for item in told.days] == [
        ("received", "ساعت اداری، شنبه تا چهارشنبه"),
        ("closed", "آلودگی هوا"),
        ("closed", "ولادت امام علی علیه السلام و روز پدر"),
        ("closed", "ساعت اداری، شنبه تا چهارشنبه"),
        ("closed", "ساعت اداری، شنبه تا چهارشنبه"),
        ("counted", "ساعت اداری، شنبه تا چهارشنبه"),
        ("counted", "ساعت اداری، شنبه تا چهارشنبه"),
        ("counted", "ساعت اداری، شنبه تا چهارشنبه"),
    ]
    async with timed.database.transaction() as tx:
        held = await case_rows.lock(tx, CODE)
    assert held is not None
    assert held.due_at == clock.due_at
