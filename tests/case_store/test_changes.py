"""Live changes: who hears of what, that a slow desk drops the oldest, and that PostgreSQL may come and go."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx
import pytest
import uvicorn

from case_store.handlers.changes import Changes
from case_store.handlers.subscription import LOOK_AGAIN, Subscription
from case_store.repository import outbox
from case_store.repository.changes import Change, read, written
from case_store.routes.queue_routes import told
from case_store.staffing import Actor, Role, service
from envelope.models import CaseEvent, CaseEventType, DeliveryReport, DeliveryState
from envelope.taxonomy import Kind, Topic
from envelope.tracking import mint
from tests.case_store.conftest import KEY, Store, routed
from tests.case_store.desks import Office, opened

CODE, OTHER = mint(400, KEY), mint(401, KEY)


@pytest.fixture
async def changes(store: Store) -> AsyncIterator[Changes]:
    await store.work.changes.start()
    await until(lambda: store.work.changes.health() is None)
    yield store.work.changes
    await store.work.changes.stop()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110  (neither of them has an event to wait for)
            await asyncio.sleep(0.02)


@pytest.fixture
async def office(store: Store, changes: Changes) -> AsyncIterator[Office]:
    async with opened(store) as office:
        yield office


async def test_what_a_commit_changed_is_told_to_who_reaches_it(office: Office, changes: Changes):
    agent, stranger = await office.member(), await office.member(units=("treatment",))
    chief = await office.member(Role.SUPERVISOR)
    with (
        changes.subscribed(agent.actor) as near,
        changes.subscribed(stranger.actor) as far,
        changes.subscribed(chief.actor) as above,
    ):
        await office.store.file(routed(code=CODE))
        change = {"cases": [CODE], "desks": ["retirement"], "types": ["case_opened"]}
        assert await near.next(5) == await above.next(5) == change
        assert await far.next(0.2) is None
        await agent.ok("POST", f"/cases/{CODE}/claim")
        assert (await near.next(5) or {})["types"] == ["case_claimed"]


async def test_what_is_rolled_back_is_not_told(store: Store, changes: Changes):
    with changes.subscribed(service()) as subscription:
        with contextlib.suppress(ZeroDivisionError):
            async with store.database.transaction() as tx:
                await outbox.put(tx, datetime.now(UTC), events=[event(1, "retirement")])
                _ = 1 // 0
        assert await subscription.next(0.6) is None


async def test_a_moment_is_told_at_once(store: Store, changes: Changes):
    with changes.subscribed(service()) as subscription:
        for n in range(5):
            await store.file(routed(sender=f"+98912000000{n}", code=mint(500 + n, KEY)))
        seen: set[str] = set()
        told_of = 0
        while len(seen) < 5:
            change = await subscription.next(5)
            assert change is not None
            seen |= {*change["cases"]}
            told_of += 1
        assert told_of <= 3


async def test_how_far_an_answer_has_come_is_told_once_for_each_step(office: Office, changes: Changes):
    agent, stranger = await office.member(), await office.member(units=("treatment",))
    await office.store.file(routed(code=CODE), routed(code=OTHER, sender="+989120000002"))
    for code in (CODE, OTHER):
        await agent.ok("POST", f"/cases/{code}/replies", json={"text": "رسید"})
    replies = await office.store.rows("SELECT id FROM outbound_message WHERE purpose = 'reply'")
    await asyncio.sleep(0.5)
    with changes.subscribed(agent.actor) as near, changes.subscribed(stranger.actor) as far:
        for state in (DeliveryState.SENT, DeliveryState.DELIVERED):
            for _ in range(2):  # a report is told twice, and says nothing new the second time
                await office.store.deliveries.record([report(row["id"], state) for row in replies])
            change = await near.next(5) or {}
            assert (change["cases"], change["types"]) == (sorted([CODE, OTHER]), ["delivery_moved"])
        assert await near.next(0.6) is None
        assert await far.next(0.1) is None


async def test_what_waited_for_its_message_is_told_when_they_find_each_other(
    office: Office, changes: Changes
):
    agent = await office.member()
    await office.store.file(routed(code=CODE))
    await agent.ok("POST", f"/cases/{CODE}/replies", json={"text": "رسید"})
    [row] = await office.store.rows("SELECT id FROM outbound_message WHERE purpose = 'reply'")
    await office.store.deliveries.record([report(None, DeliveryState.DELIVERED)])
    await asyncio.sleep(0.5)
    with changes.subscribed(agent.actor) as near:
        await office.store.deliveries.record([report(row["id"], DeliveryState.QUEUED)])
        assert (await near.next(5) or {})["cases"] == [CODE]


async def test_what_goes_out_by_itself_stirs_no_desk(office: Office, changes: Changes):
    agent = await office.member()
    await office.store.file(routed(code=CODE))
    [row] = await office.store.rows("SELECT id FROM outbound_message")
    await asyncio.sleep(0.5)
    with changes.subscribed(agent.actor) as near:
        await office.store.deliveries.record([report(row["id"], DeliveryState.DELIVERED)])
        assert await near.next(0.6) is None


def report(outbound_id: UUID | None, state: DeliveryState) -> DeliveryReport:
    """What the provider says of one message, by our id or by its own alone."""
    return DeliveryReport(
        provider="kavenegar",
        provider_message_id="8792343" if outbound_id is None or state is DeliveryState.QUEUED else None,
        outbound_id=outbound_id,
        state=state,
        reported_at=datetime.now(UTC),
    )


async def test_the_viewers_of_the_desk_that_a_case_left_are_told_too(office: Office, changes: Changes):
    agent, other = await office.member(), await office.member(units=("treatment",))
    await office.store.file(routed(code=CODE))
    with changes.subscribed(agent.actor) as left, changes.subscribed(other.actor) as reached:
        body = {"topic": "e_prescription", "kind": "question", "audience": "insured"}
        await agent.ok("POST", f"/cases/{CODE}/reclassification", json=body)
        for subscription in (left, reached):
            change = await subscription.next(5)
            while change and "case_reclassified" not in change["types"]:
                change = await subscription.next(5)
            assert change is not None
            assert change["cases"] == [CODE]


async def test_a_liaison_hears_of_what_was_referred_to_their_unit_alone(office: Office, changes: Changes):
    agent = await office.member()
    liaison = await office.member(Role.LIAISON, units=("pensions_office",))
    await office.store.file(routed(code=CODE), routed(code=OTHER, sender="+989120000002"))
    await office.store.rows(
        "INSERT INTO referral (id, case_id, tier, unit_id, state, question, asked_by, asked_at, due_at) "
        "SELECT $1, id, 'liaison', 'pensions_office', 'open', 'چرا؟', 'a', now(), now() FROM cases "
        "WHERE tracking_code = $2",
        *(uuid4(), OTHER),
    )
    await asyncio.sleep(0.5)
    with changes.subscribed(liaison.actor) as subscription:
        await agent.ok("POST", f"/cases/{CODE}/notes", json={"text": "x"})
        await agent.ok("POST", f"/cases/{OTHER}/notes", json={"text": "x"})
        change = await subscription.next(5)
        assert change is not None
        assert change["cases"] == [OTHER]
        assert await subscription.next(0.6) is None


async def test_a_restart_of_postgresql_is_got_over_and_told_as_everything(store: Store, changes: Changes):
    with changes.subscribed(service()) as subscription:
        for _ in range(3):
            await cut(store)
            change = await subscription.next(10)
            assert change == {"cases": [], "desks": [], "types": []}
            await store.file(routed(sender="+989120000003"))
            change = await subscription.next(10)
            assert change is not None
            assert change["desks"] == ["retirement"]
        assert changes.health() is None


async def cut(store: Store) -> None:
    await store.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )


async def test_a_slow_desk_is_told_the_newest_and_that_something_was_missed():
    subscription = Subscription(service())
    for n in range(40):
        subscription.tell({"cases": [str(n)], "desks": ["d"], "types": []})
    kept = [await subscription.next(0.1) for _ in range(17)]
    assert kept[0] == LOOK_AGAIN
    assert [one["cases"] for one in kept[1:] if one] == [[str(n)] for n in range(25, 40)]
    assert kept[-1] is None


async def test_however_many_listen_one_connection_does(store: Store, changes: Changes):
    before = await store.rows("SELECT FROM pg_stat_activity WHERE datname = current_database()")
    streams = [told(changes, service(), nobody_leaves) for _ in range(300)]
    for stream in streams:
        assert (await anext(stream)).startswith("retry:")
    after = await store.rows("SELECT FROM pg_stat_activity WHERE datname = current_database()")
    assert len(after) <= len(before) + 1
    await store.file(routed(code=CODE))
    lines = await asyncio.gather(*(anext(stream) for stream in streams))
    assert all(line.startswith("event: change\ndata: ") for line in lines)
    for stream in streams:
        await stream.aclose()
    assert not changes._subscriptions


async def nobody_leaves() -> None:
    """The session goes on."""


def test_a_big_commit_is_told_by_its_desks():
    events = [event(n, "retirement" if n % 2 else "general") for n in range(5_000)]
    payload = written(events, None)
    assert len(payload.encode()) < 8_000
    assert read(payload) == {
        "retirement": Change(set(), {"message_received"}),
        "general": Change(set(), {"message_received"}),
    }
    many = [event(n, "retirement") for n in range(300)]
    assert len(written(many, None)) < 8_000
    assert len(read(written(many, None))["retirement"].cases) == 300
    desks = [event(n, f"a-desk-with-a-rather-long-name-{n}") for n in range(150)]
    assert len(written(desks, None)) < 8_000
    assert len(read(written(desks, None))) == 150


def event(n: int, desk: str) -> CaseEvent:
    return CaseEvent(
        id=uuid4(),
        type=CaseEventType.MESSAGE_RECEIVED,
        case_id=uuid4(),
        tracking_code=mint(n, KEY),
        topic=Topic.OTHER,
        kind=Kind.QUESTION,
        desk=desk,
        actor="citizen",
        occurred_at="2026-11-21T08:00:00Z",
    )


@asynccontextmanager
async def served(office: Office) -> AsyncIterator[str]:
    """The API on a port of its own: a stream cannot be read from inside the process."""
    server = uvicorn.Server(uvicorn.Config(office.app, port=0, log_config=None, lifespan="off"))
    running = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/api/v1"
    finally:
        office.store.work.changes.let_go()
        server.should_exit = True
        async with asyncio.timeout(10):
            await running


async def test_the_stream_speaks_server_sent_events_and_a_client_that_goes_is_forgotten(
    office: Office, changes: Changes
):
    agent = await office.member()
    async with served(office) as url, httpx.AsyncClient(headers=agent.headers) as browser:
        async with browser.stream("GET", f"{url}/changes", timeout=10) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            assert stream.headers["cache-control"] == "no-store"
            lines = stream.aiter_lines()
            assert await anext(lines) == "retry: 2000"
            await office.store.file(routed(code=CODE))
            heard = [await anext(lines) for _ in range(3)]
            assert heard[:2] == ["", "event: change"]
            assert json.loads(heard[2].removeprefix("data: "))["cases"] == [CODE]
            assert len(changes._subscriptions) == 1
        await until(lambda: not changes._subscriptions)


async def test_a_stopping_service_lets_its_streams_go(office: Office, changes: Changes):
    async with (
        served(office) as url,
        httpx.AsyncClient(headers=office.service().headers) as browser,
        browser.stream("GET", f"{url}/changes", timeout=10) as stream,
    ):
        lines = stream.aiter_lines()
        await anext(lines)
        changes.let_go()
        async with asyncio.timeout(5):
            assert [line async for line in lines if line.startswith("event")] == []


async def test_the_stream_beats_while_nothing_happens_and_ends_with_the_session(
    office: Office, changes: Changes
):
    agent = await office.member()
    token = agent.headers["Authorization"].removeprefix("Bearer ")
    sessions = office.store.access.sessions
    stream = told(changes, agent.actor, lambda: sessions.still(token), beat=0.1)
    beat = ": still here\n\n"
    assert [await anext(stream) for _ in range(3)] == ["retry: 2000\n\n", beat, beat]
    await agent.ok("DELETE", "/sessions/current")
    async with asyncio.timeout(5):
        assert {line async for line in stream} <= {beat}
    assert not changes._subscriptions


async def test_the_stream_outlives_a_moment_without_postgresql(office: Office, changes: Changes):
    from case_store.errors import StoreUnavailableError  # noqa: PLC0415  (this test's own)

    async def away() -> Actor:
        raise StoreUnavailableError("away")

    stream = told(changes, service(), away, beat=0.05)
    assert [await anext(stream) for _ in range(3)][-1] == ": still here\n\n"
    await stream.aclose()


async def test_who_may_not_read_cases_hears_nothing(office: Office):
    keeper = await office.member(Role.ADMINISTRATOR)
    assert (await keeper.get("/changes")).status_code == 403
