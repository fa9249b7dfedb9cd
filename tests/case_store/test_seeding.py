"""An invented store is whole, the same whenever it is told again, and never loses an index."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
import yaml
from rich.console import Console
from sqlalchemy import URL

from case_store.errors import SeedingError
from case_store.handlers.search_index import document
from case_store.identity import parse_national_id
from case_store.migrate import migrate
from case_store.model import UNDECIDED, Rules
from case_store.repository import indexes
from case_store.repository.database import Database
from case_store.repository.worktime import shipped
from case_store.seeding import people, words
from case_store.seeding.chance import Ranked, Weighted, ids, spread, stream
from case_store.seeding.chronicle import Chronicle
from case_store.seeding.crew import Units
from case_store.seeding.deadlines import Deadlines
from case_store.seeding.plan import SeedPlan, first_case_of, people_until
from case_store.seeding.rhythm import Rhythm
from case_store.seeding.rows import TABLES
from case_store.seeding.run import Wish, seed
from case_store.seeding.words import Words
from envelope.taxonomy import Topic
from envelope.tracking import is_valid
from persian.normalize import normalize
from persian.words import PROVINCES
from tests.case_store.conftest import KEY, Store, admin, text_of

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
CASES, MESSAGES = 2_000, 6_000
SMALL = Wish(CASES, MESSAGES, seed=7, until=NOW, workers=1)
INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexdef"
UNITS = Units(
    {"insurance": "insurance", "treatment": "treatment", "retirement": "retirement", "general": "general"}
    | {"triage": "general"},
    ("it_office", "pensions_office"),
)


def quiet() -> Console:
    return Console(file=StringIO())


def chronicle(cases: int = CASES, messages: int = MESSAGES, number: int = 7) -> Chronicle:
    plan = SeedPlan(number, cases, messages, NOW, 0, 0, KEY, UNITS)
    return Chronicle(plan, Words(), Deadlines(shipped()))


@pytest.fixture(scope="module")
def seeded_template(postgres: URL, template: str) -> str:
    """A seeded database that every test copies."""

    async def make() -> str:
        await admin(postgres, f"CREATE DATABASE template_seeded TEMPLATE {template}")
        await seed(text_of(postgres.set(database="template_seeded")), KEY, SMALL, quiet())
        return "template_seeded"

    return asyncio.run(make())


@pytest.fixture
async def seeded_url(postgres: URL, seeded_template: str) -> AsyncIterator[str]:
    name = f"test_{uuid4().hex}"
    await admin(postgres, f"CREATE DATABASE {name} TEMPLATE {seeded_template}")
    yield text_of(postgres.set(database=name))
    await admin(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def seeded(seeded_url: str) -> AsyncIterator[Store]:
    database = Database(seeded_url, pool_size=2)
    yield Store(database, Rules())
    await database.stop()


async def test_a_seeded_store_holds_what_was_asked_for(seeded: Store):
    assert await seeded.count("cases") == CASES
    assert await seeded.count("message") == MESSAGES
    assert await seeded.count("contact") == people_until(CASES)
    by_state = {
        row["state"]: row["total"]
        for row in await seeded.rows("SELECT state, count(*) AS total FROM cases GROUP BY state")
    }
    assert sum(by_state.get(state, 0) for state in UNDECIDED) == CASES // 10
    assert by_state["closed"] > 0.85 * CASES
    [asked] = await seeded.rows("SELECT count(*) AS total FROM referral")
    assert 0.01 * CASES < asked["total"] < 0.035 * CASES
    for table in TABLES:
        assert await seeded.count(table), table


async def test_every_foreign_key_and_check_of_a_seeded_store_holds(seeded: Store):
    wanted = "SELECT conrelid::regclass AS place, conname FROM pg_constraint WHERE contype IN ('f', 'c')"
    for row in await seeded.rows(f"{wanted} AND connamespace = 'public'::regnamespace"):
        constraint, place = row["conname"], row["place"]
        async with seeded.database.transaction() as tx:
            await tx.raw.execute(
                "UPDATE pg_constraint SET convalidated = false WHERE conname = $1", constraint
            )
            await tx.raw.execute(f"ALTER TABLE {place} VALIDATE CONSTRAINT {constraint}")


@pytest.mark.parametrize(
    ("what", "query"),
    [
        ("a deadline runs for exactly the undecided", """
            SELECT FROM cases LEFT JOIN clock ON clock.case_id = cases.id AND referral_id IS NULL
            WHERE (state IN ('new', 'triage', 'open', 'referred'))
                <> (clock.id IS NOT NULL AND stopped_at IS NULL)
            """),
        ("the nearest deadline is the case's own", """
            SELECT FROM cases LEFT JOIN LATERAL (
                SELECT min(clock.due_at) AS due_at FROM clock WHERE case_id = cases.id AND stopped_at IS NULL
            ) AS running ON true WHERE cases.due_at IS DISTINCT FROM running.due_at
            """),
        ("nothing happens before the case was opened or after now", """
            SELECT FROM case_event JOIN cases ON cases.id = case_id
            WHERE occurred_at < opened_at OR occurred_at > timestamptz '2026-11-22 08:00Z'
            """),
        ("every case opens with its history", """
            SELECT FROM cases WHERE NOT EXISTS (
                SELECT FROM case_event
                WHERE case_id = cases.id AND type = 'case_opened' AND occurred_at = opened_at)
            """),
        ("an open referral is asked in a referred case alone", """
            SELECT FROM referral JOIN cases ON cases.id = case_id
            WHERE (referral.state = 'open') <> (cases.state = 'referred')
            """),
        ("nothing waits to be sent, for nobody must get it", """
            SELECT FROM outbound_message WHERE state = 'pending' OR redrive_at IS NOT NULL
            """),
        ("the outbox is empty", "SELECT FROM outbox"),
        ("a search need not read anything again", "SELECT FROM search_pending"),
        ("everybody has a number of the invented range", """
            SELECT FROM contact_address WHERE kind = 'msisdn' AND value NOT LIKE '+98909%'
            """),
        ("a case without a code of its own", """
            SELECT FROM cases WHERE NOT EXISTS (
                SELECT FROM tracking_code WHERE case_id = cases.id AND code = cases.tracking_code)
            """),
    ],
)  # fmt: skip
async def test_no_row_of_a_seeded_store_breaks_a_promise(seeded: Store, what: str, query: str):
    assert len(await seeded.rows(query)) == 0, what


async def test_some_deadlines_have_passed_and_some_are_to_come(seeded: Store):
    [row] = await seeded.rows(
        "SELECT count(*) FILTER (WHERE due_at < $1) AS over, count(*) FILTER (WHERE due_at >= $1) AS ahead "
        "FROM clock WHERE stopped_at IS NULL",
        NOW,
    )
    assert row["over"] > 10
    assert row["ahead"] > row["over"]


async def test_what_was_seeded_is_found_and_shown_as_what_was_filed(seeded: Store):
    [row] = await seeded.rows("SELECT tracking_code FROM cases WHERE state = 'closed' ORDER BY id LIMIT 1")
    assert is_valid(row["tracking_code"])
    found = await seeded.rows("SELECT FROM search_entry WHERE words @@ 'بازنشستگی'::tsquery")
    assert len(found) > 50


async def test_a_store_that_holds_something_is_left_alone_unless_told(seeded: Store, seeded_url: str):
    with pytest.raises(SeedingError, match="not empty"):
        await seed(seeded_url, KEY, SMALL, quiet())
    again = Wish(300, 600, seed=7, again=True, until=NOW, workers=1)
    await seed(seeded_url, KEY, again, quiet())
    assert await seeded.count("cases") == CASES + 300


@pytest.mark.parametrize(("cases", "messages"), [(0, 10), (10, 9), (-1, 5)])
async def test_a_wish_that_makes_no_sense_is_refused(url: str, cases: int, messages: int):
    with pytest.raises(SeedingError, match="every case has a message"):
        await seed(url, KEY, Wish(cases, messages), quiet())


def test_the_same_seed_tells_the_same_story_and_another_one_another():
    once, again, other = (chronicle(number=number).cases(0, 500) for number in (7, 7, 8))
    assert once.by_table() == again.by_table()
    assert {key: {*words.split()} for key, words in once.documents.items()} == {
        key: {*words.split()} for key, words in again.documents.items()
    }
    assert once.cases != other.cases
    assert chronicle().people(0, 300).by_table() == chronicle().people(0, 300).by_table()


def test_the_batches_together_have_every_case_message_and_undecided_case_that_was_asked_for():
    story = chronicle(cases=1_100, messages=2_345)
    told = [story.cases(first, min(first + 300, 1_100)) for first in range(0, 1_100, 300)]
    cases = [case for rows in told for case in rows.cases]
    assert len(cases) == len({case.tracking_code for case in cases}) == 1_100
    assert sum(len(rows.message) for rows in told) == 2_345
    assert sum(case.state in UNDECIDED for case in cases) == 110
    assert [case.opened_at for case in cases] == sorted(case.opened_at for case in cases)
    known = {contact.id for contact in story.people(0, people_until(1_100)).contact}
    assert {case.contact_id for case in cases} <= known


def test_copy_and_tokens_of_a_text_are_those_that_intake_and_search_would_make():
    rows = chronicle().cases(0, 400)
    assert all(message.normalized_text == normalize(message.text) for message in rows.message)
    said: dict[str, list[str]] = {case.id: [] for case in rows.cases}
    for message in rows.message:
        said[message.case_id].append(message.normalized_text)
    for sent in rows.outbound_message:
        said[sent.case_id] += [sent.text] if sent.purpose == "reply" else []
    for case_id, texts in said.items():
        outer = {token for token in rows.documents[case_id].split() if not token.startswith("#")}
        assert outer == {*document(texts, []).split()}


def test_nobody_in_the_story_is_somebody():
    lists = Words()
    known = [people.person_of(7, number, lists) for number in range(3_000)]
    assert len({person.number for person in known}) == len({person.id for person in known}) == 3_000
    assert all(person.number.startswith(people.PREFIX) for person in known)
    identities = [people.national_id(person.identity) for person in known if person.identity is not None]
    assert all(parse_national_id(identity) == identity for identity in identities)
    assert all(identity.startswith("999") for identity in identities)


def test_a_person_is_known_from_their_first_case_on():
    for person in range(2_000):
        case = first_case_of(person)
        assert people_until(case) == person
        assert people_until(case + 1) == person + 1


def test_cases_come_by_day_and_rest_on_fridays():
    rhythm = Rhythm(NOW)
    moments = [datetime.fromtimestamp(rhythm.moment(share / 10_000), UTC) for share in range(8_000)]
    assert moments == sorted(moments)
    fridays = sum(moment.weekday() == 4 for moment in moments)
    assert 0 < fridays < len(moments) / 7 / 3
    assert datetime.fromtimestamp(rhythm.moment(0.999_999), UTC) < NOW


def test_chance_keeps_its_shares():
    chance = stream(1, "test")
    picked = [Ranked("abc", 1.0).pick(chance) for _ in range(6_000)]
    assert picked.count("a") > picked.count("b") > picked.count("c") > 800
    weighed = [Weighted({"x": 3.0, "y": 1.0}).pick(chance) for _ in range(4_000)]
    assert 2_800 < weighed.count("x") < 3_200
    assert sum(spread(chance, 500, 40)) == 500
    made = ids(chance, at_once=10)
    assert len({next(made) for _ in range(100)}) == 100


def test_the_lists_know_every_topic_and_province_and_no_template_has_an_unknown_slot():
    Words()
    folder = Path(words.__file__).parent / "words"
    matters: Mapping[str, object] = yaml.safe_load((folder / "matters.yaml").read_text("utf-8"))
    assert set(matters) == set(Topic)
    assert set(yaml.safe_load((folder / "slots.yaml").read_text("utf-8"))["province"]) == set(PROVINCES)


async def test_indexes_taken_off_come_back_the_same(store: Store):
    before = await store.rows(INDEXES)
    async with store.database.transaction() as tx:
        dropped = await indexes.take_off(tx, ["cases", "message"])
    assert "cases_queue" in dropped
    assert len(await store.rows(INDEXES)) < len(before)
    assert [definition async for definition in indexes.put_back(store.database)]
    assert await store.rows(INDEXES) == before
    assert [definition async for definition in indexes.put_back(store.database)] == []


async def test_a_migration_puts_back_what_a_killed_seeding_took_off(store: Store, url: str):
    before = await store.rows(INDEXES)
    async with store.database.transaction() as tx:
        await indexes.take_off(tx, ["cases", "search_entry"])
    async with indexes.alone(store.database):
        await migrate(url)  # a seeding is at work: its indexes are its own affair
        assert len(await store.rows(INDEXES)) < len(before)
    await migrate(url)
    assert await store.rows(INDEXES) == before


async def test_two_seedings_do_not_work_in_one_store_at_once(store: Store, url: str):
    async with indexes.alone(store.database):
        with pytest.raises(SeedingError, match="another seeding"):
            await seed(url, KEY, SMALL, quiet())


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
async def test_an_interrupted_seeding_leaves_every_index_in_its_place(
    database: Database, url: str, how: signal.Signals
):
    before = await definitions(database)
    process = await started(url)
    await until(lambda: somebody(database))
    process.send_signal(how)
    _, told = await process.communicate()
    assert process.returncode == 130
    assert b"every index is in its place" in told
    assert await definitions(database) == before


async def test_a_killed_seeding_takes_its_workers_along_and_the_next_one_mends_its_indexes(
    database: Database, url: str
):
    before = await definitions(database)
    process = await started(url)
    await until(lambda: somebody(database))
    workers = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    await process.communicate()
    assert len(await definitions(database)) < len(before)
    _, alive = await asyncio.to_thread(psutil.wait_procs, workers, 30)
    assert alive == []
    again = Wish(200, 400, seed=8, again=True, until=NOW, workers=1)
    await seed(url, KEY, again, quiet())
    assert await definitions(database) == before


async def started(url: str) -> asyncio.subprocess.Process:
    told = {
        "DATABASE_URL": url,
        "CASE_STORE_TOKEN": "seeding-needs-no-token",
        "TRACKING_CODE_KEY": KEY.hex(),
        "PATH": os.environ["PATH"],
    }
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "case_store", "seed", "--workers", "1"),
        *("--cases", "400000", "--messages", "900000"),
        env=told,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )


async def definitions(database: Database) -> list[str]:
    async with database.transaction() as tx:
        return [row["indexdef"] for row in await tx.raw.fetch(INDEXES)]


async def somebody(database: Database) -> bool:
    """Whether the first people are in the store."""
    async with database.transaction() as tx:
        return bool(await tx.raw.fetchval("SELECT EXISTS (SELECT FROM contact)"))


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await condition():  # noqa: ASYNC110  (another process makes it true)
            await asyncio.sleep(0.05)
