"""The audit trail: everything is in it once, and nobody changes it unseen."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from case_store.errors import ForbiddenError
from case_store.handlers import audit as audit_module
from case_store.handlers.audit import Audit
from case_store.handlers.witness import Witness
from case_store.repository import audit
from case_store.repository.audit import Link
from case_store.staffing import Role, service
from tests.case_store.conftest import Store

SERVICE = service()
NOW = datetime(2026, 11, 22, 8, 30, 0, 123456, tzinfo=UTC)


@pytest.fixture
def witness(store: Store) -> Witness:
    return Witness(store.database)


@pytest.fixture
def trail(store: Store, witness: Witness) -> Audit:
    return Audit(store.database, witness)


async def write(store: Store, count: int, **detail: object) -> None:
    for number in range(count):
        async with store.database.transaction() as tx:
            await audit.record(tx, SERVICE, "tried", f"thing:{number}", NOW, detail)


async def behind_the_trigger(store: Store, *statements: str) -> None:
    async with store.database.transaction() as tx:
        await tx.raw.execute("ALTER TABLE audit_entry DISABLE TRIGGER append_only")
        for statement in statements:
            await tx.raw.execute(statement)
        await tx.raw.execute("ALTER TABLE audit_entry ENABLE TRIGGER append_only")


@pytest.mark.parametrize(
    "change",
    ["UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"],
)
async def test_the_database_itself_refuses_a_change(store: Store, change: str):
    await write(store, 1)
    with pytest.raises(asyncpg.RaiseError, match="append only"):
        await store.rows(change)


async def test_an_untouched_chain_is_whole(store: Store, trail: Audit, monkeypatch):
    monkeypatch.setattr(audit_module, "_AT_ONCE", 3)
    assert (await trail.verification(SERVICE)).whole
    await write(store, 10, name="نام", number=3)
    found = await trail.verification(SERVICE)
    assert (found.whole, found.entries, found.total) == (True, 10, 10)


SWAP = (
    "UPDATE audit_entry SET seq = -4 WHERE seq = 4",
    "UPDATE audit_entry SET seq = 4 WHERE seq = 6",
    "UPDATE audit_entry SET seq = 6 WHERE seq = -4",
)


@pytest.mark.parametrize("batch", [3, 5_000])
@pytest.mark.parametrize(
    ("statements", "broken"),
    [
        (("UPDATE audit_entry SET actor = 'somebody else' WHERE seq = 5",), 5),
        (("UPDATE audit_entry SET actor_id = gen_random_uuid() WHERE seq = 5",), 5),
        (("UPDATE audit_entry SET action = 'looked' WHERE seq = 5",), 5),
        (("UPDATE audit_entry SET subject = 'thing:0' WHERE seq = 5",), 5),
        (("UPDATE audit_entry SET at = at + interval '1 microsecond' WHERE seq = 5",), 5),
        (("""UPDATE audit_entry SET detail = '{"n": 2}' WHERE seq = 5""",), 5),
        (("""UPDATE audit_entry SET hash = sha256('x') WHERE seq = 5""",), 5),
        (("DELETE FROM audit_entry WHERE seq = 1",), 1),
        (("DELETE FROM audit_entry WHERE seq = 7",), 7),
        (("DELETE FROM audit_entry WHERE seq BETWEEN 3 AND 8",), 3),
        (SWAP, 4),
        (("UPDATE audit_entry SET seq = seq + 1 WHERE seq = 10",), 10),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, tuple) else str(value),
)
async def test_a_change_behind_the_trigger_is_found_and_named(
    store: Store, trail: Audit, monkeypatch, statements, broken: int, batch: int
):
    monkeypatch.setattr(audit_module, "_AT_ONCE", batch)
    await write(store, 10, n=1)
    await behind_the_trigger(store, *statements)
    found = await trail.verification(SERVICE)
    assert (found.whole, found.first_broken, found.entries) == (False, broken, broken - 1)


async def test_a_forger_who_seals_anew_is_found_at_the_next_entry(store: Store, trail: Audit):
    await write(store, 10)
    [row] = await store.rows("SELECT at, detail::text, previous FROM audit_entry WHERE seq = 5")
    forged = audit.sealed(5, row["at"], ("x", None, "tried", "thing:4"), row["detail"], row["previous"])
    await behind_the_trigger(
        store,
        f"UPDATE audit_entry SET actor = 'x', hash = '\\x{forged.hex()}' WHERE seq = 5",  # noqa: S608
    )
    found = await trail.verification(SERVICE)
    assert (found.first_broken, found.reason) == (6, "it does not follow the entry before it")


async def test_an_end_that_was_cut_off_shows_against_a_place_kept_outside(store: Store, trail: Audit):
    await write(store, 10)
    kept = (await trail.verification(SERVICE)).last
    assert (await trail.verification(SERVICE, known=kept)).whole
    await behind_the_trigger(store, "DELETE FROM audit_entry WHERE seq > 7")
    assert (await trail.verification(SERVICE)).whole
    assert (await trail.verification(SERVICE, known=kept)).first_broken == 8
    await write(store, 3)
    assert (await trail.verification(SERVICE, known=kept)).first_broken == 10


async def test_the_chain_can_be_followed_in_steps(store: Store, trail: Audit):
    await write(store, 10)
    first = await trail.verification(SERVICE, limit=4)
    rest = await trail.verification(SERVICE, start=first.last)
    assert (first.entries, first.last.seq, rest.entries, rest.last.seq) == (4, 4, 6, 10)
    astray = await trail.verification(SERVICE, start=Link(4, bytes(32)))
    assert astray.first_broken == 5


async def test_fifty_writers_at_once_make_one_chain(store: Store, trail: Audit):
    await asyncio.gather(*(write(store, 2) for _ in range(25)))
    found = await trail.verification(SERVICE)
    assert (found.whole, found.entries) == (True, 50)


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(words, values, max_size=4), words, words)
async def test_whatever_is_written_is_read_back_under_its_seal(store: Store, trail: Audit, detail, name, to):
    async with store.database.transaction() as tx:
        await audit.record(tx, SERVICE, name, to, NOW, detail)
    assert (await trail.verification(SERVICE)).whole
    [row] = await store.rows("SELECT detail FROM audit_entry ORDER BY seq DESC LIMIT 1")
    assert row["detail"] == detail


async def test_a_look_is_written_once_in_five_minutes_for_a_person_and_a_case(
    store: Store, witness: Witness, trail: Audit
):
    one, _ = await store.a_member()
    other, _ = await store.a_member()
    for _ in range(3):
        for actor in (one, other, SERVICE):
            witness.saw(actor, "1234567897")
            witness.saw(actor, "2345678908")
    await witness.flush()
    await witness.flush()
    rows = await store.rows("SELECT actor_id, action, subject FROM audit_entry")
    assert {(row["actor_id"], row["subject"]) for row in rows} == {
        (actor.staff_id, subject) for actor in (one, other) for subject in ("1234567897", "2345678908")
    }
    assert len(rows) == 4
    assert (await trail.verification(SERVICE)).whole


async def test_a_thousand_looks_cost_one_transaction(store: Store, witness: Witness):
    actor, _ = await store.a_member()
    for number in range(1000):
        witness.saw(actor, str(number))
    await witness.flush()
    assert await store.count("audit_entry") == 1000


async def test_a_search_is_written_down_without_its_words(store: Store, witness: Witness):
    actor, _ = await store.a_member()
    witness.searched(actor, "number", 2)
    witness.searched(actor, "number", 2)
    witness.searched(SERVICE, "number", 2)
    await witness.flush()
    rows = await store.rows("SELECT action, subject, detail FROM audit_entry")
    assert [tuple(row.values()) for row in rows] == [("searched", "search:number", {"found": 2})] * 2


async def test_what_was_seen_is_written_by_itself_and_at_the_end(store: Store, witness: Witness):
    actor, _ = await store.a_member()
    await witness.start()
    witness.saw(actor, "1")
    async with asyncio.timeout(5):
        while not await store.count("audit_entry"):  # noqa: ASYNC110  (the database says it nowhere else)
            await asyncio.sleep(0.05)
    witness.saw(actor, "2")
    await witness.stop()
    assert await store.count("audit_entry") == 2


async def test_what_cannot_be_written_now_is_written_later_and_once(store: Store, witness: Witness, url):
    actor, _ = await store.a_member()
    witness.saw(actor, "1")
    await store.rows("ALTER TABLE audit_entry RENAME TO gone")
    with pytest.raises(Exception, match="cannot be used"):
        await witness.flush()
    await store.rows("ALTER TABLE gone RENAME TO audit_entry")
    witness.saw(actor, "2")
    await witness.flush()
    assert await store.count("audit_entry") == 2


async def test_pages_go_from_the_newest_to_the_oldest_and_are_narrowed(store: Store, trail: Audit):
    actor, _ = await store.a_member(name="زهرا")
    await write(store, 5)
    async with store.database.transaction() as tx:
        await audit.record(tx, actor, "closed", "thing:9", NOW, {})
    everything = await trail.page(SERVICE, {}, None, 100)
    assert [row["seq"] for row in everything] == [6, 5, 4, 3, 2, 1]
    for wanted, found in (
        ({"actor": "زهرا"}, [6]),
        ({"actor": str(actor.staff_id)}, [6]),
        ({"actor": str(uuid4())}, []),
        ({"action": "tried", "subject": "thing:2", "actor": None}, [3]),
    ):
        assert [row["seq"] for row in await trail.page(SERVICE, wanted, None, 100)] == found


@pytest.mark.parametrize("role", Role)
async def test_only_administrators_and_auditors_read_it_and_that_is_written_down(
    store: Store, trail: Audit, witness: Witness, role: Role
):
    actor, _ = await store.a_member(roles=[role])
    if role in {Role.ADMINISTRATOR, Role.AUDITOR}:
        await trail.page(actor, {}, None, 10)
        assert (await trail.verification(actor)).whole
        await witness.flush()
        assert await store.count("audit_entry") == 1
    else:
        with pytest.raises(ForbiddenError):
            await trail.page(actor, {}, None, 10)
        with pytest.raises(ForbiddenError):
            await trail.verification(actor)
