"""Sessions of the staff: a token opens what its holder may, and nothing a second longer than it should."""

import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from case_store.errors import UnauthenticatedError
from case_store.handlers import sessions as sessions_module
from case_store.handlers.sessions import Sessions
from case_store.staffing import RIGHTS_OF, Lifetime, Right, Role
from tests.case_store.conftest import Store


@pytest.fixture
def forgetful(monkeypatch):
    """Every request asks the database, as two seconds later."""
    monkeypatch.setattr(sessions_module, "_TRUSTED_SECONDS", 0.0)


async def test_a_token_brings_the_rights_of_every_role_and_the_desks_of_every_unit(store: Store):
    actor, token = await store.a_member(roles=[Role.EXPERT, Role.AUDITOR], units=["general", "it_office"])
    assert await store.access.sessions.who(token) == actor
    assert actor.rights == RIGHTS_OF[Role.EXPERT] | RIGHTS_OF[Role.AUDITOR]
    assert (actor.units, actor.desks) == ({"general", "it_office"}, {"general", "triage"})


async def test_only_the_hash_of_a_token_is_kept(store: Store):
    _, token = await store.a_member()
    [row] = await store.rows("SELECT * FROM staff_session")
    assert row["token_hash"] == sha256(token.encode()).digest()
    assert token not in str(row)
    assert len(token) >= 43


@pytest.mark.parametrize(
    "token", ["", "x", "سلام", pytest.param(secrets.token_urlsafe(32), id="made up"), "\0"]
)
async def test_a_token_nobody_gave_opens_nothing(store: Store, token: str):
    await store.a_member()
    with pytest.raises(UnauthenticatedError):
        await store.access.sessions.who(token)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE staff_session SET ended_at = now()",
        "UPDATE staff_session SET expires_at = now() - interval '1 second'",
        "UPDATE staff_session SET seen_at = now() - interval '61 minutes'",
        "UPDATE staff SET active = false",
    ],
)
async def test_a_session_that_ended_or_whose_holder_was_let_go_opens_nothing(
    store: Store, forgetful, change: str
):
    _, token = await store.a_member()
    await store.rows(change)
    with pytest.raises(UnauthenticatedError):
        await store.access.sessions.who(token)


@pytest.mark.alone
async def test_an_end_behind_our_back_is_felt_within_two_seconds(store: Store):
    _, token = await store.a_member()
    await store.rows("UPDATE staff_session SET ended_at = now()")
    await store.access.sessions.who(token)
    await asyncio.sleep(2.05)
    with pytest.raises(UnauthenticatedError):
        await store.access.sessions.who(token)


async def test_signing_out_here_is_felt_at_once(store: Store):
    actor, token = await store.a_member()
    await store.access.sessions.end(actor, token)
    with pytest.raises(UnauthenticatedError):
        await store.access.sessions.who(token)


async def test_until_the_password_is_changed_there_are_no_rights(store: Store, forgetful):
    _, token = await store.a_member(roles=list(Role))
    await store.rows("UPDATE staff SET must_change_password = true")
    assert (await store.access.sessions.who(token)).rights == frozenset()


async def test_use_keeps_a_session_alive_and_is_written_at_most_once_a_minute(store: Store, forgetful):
    _, token = await store.a_member()
    seen = "SELECT seen_at FROM staff_session"
    [first] = await store.rows(seen)
    await store.access.sessions.who(token)
    assert await store.rows(seen) == [first]
    await store.rows("UPDATE staff_session SET seen_at = now() - interval '59 minutes'")
    await store.access.sessions.who(token)
    [again] = await store.rows(seen)
    assert datetime.now(UTC) - again["seen_at"] < timedelta(seconds=10)


async def test_fifty_requests_of_one_person_ask_the_database_few_times(store: Store):
    _, token = await store.a_member()
    asked = 0
    real = store.database.transaction

    def counting():
        nonlocal asked
        asked += 1
        return real()

    store.database.transaction = counting  # type: ignore[method-assign]
    for _ in range(50):
        await store.access.sessions.who(token)
    assert asked == 0


async def test_sessions_are_listed_and_the_others_can_be_ended(store: Store):
    actor, token = await store.a_member()
    async with store.database.transaction() as tx:
        other, _ = await store.access.sessions.begin(tx, actor.staff_id, datetime.now(UTC))
    assert len(await store.access.sessions.running(actor)) == 2
    assert await store.access.sessions.end_others(actor, token) == 1
    await store.access.sessions.who(token)
    with pytest.raises(UnauthenticatedError):
        await store.access.sessions.who(other)


async def test_what_ended_by_itself_is_forgotten_a_day_later(store: Store):
    await store.a_member()
    await store.access.sessions.forget()
    assert await store.count("staff_session") == 1
    await store.rows("UPDATE staff_session SET expires_at = now() - interval '25 hours'")
    await store.access.sessions.forget()
    assert await store.count("staff_session") == 0


async def test_a_lifetime_is_what_the_settings_say(store: Store):
    short = Sessions(store.database, Lifetime(idle=timedelta(minutes=5), whole=timedelta(minutes=10)))
    actor, _ = await store.a_member()
    async with store.database.transaction() as tx:
        _, until = await short.begin(tx, actor.staff_id, datetime.now(UTC))
    assert timedelta(minutes=9) < until - datetime.now(UTC) <= timedelta(minutes=10)


def test_no_role_may_operate_and_administrators_read_no_case():
    assert all(Right.OPERATE not in rights for rights in RIGHTS_OF.values())
    assert Right.READ not in RIGHTS_OF[Role.ADMINISTRATOR]
