"""A person is named, has several addresses, is merged with another and parted again; nothing is lost."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest

from case_store.errors import ConflictError, ForbiddenError, NotFoundError, StateError, VersionMismatchError
from case_store.handlers.action import acting
from case_store.repository import merges, people
from case_store.repository.database import Transaction
from case_store.staffing import Actor, Right, Role, service
from envelope.models import Intent, RoutedMessage
from envelope.taxonomy import Topic
from envelope.tracking import mint
from tests.case_store.conftest import KEY, Store, routed

ANNE, BERT, CARA = "+989120000001", "+989120000002", "+989120000003"
CODES = [mint(number, KEY) for number in range(100, 110)]
NATIONAL_ID = "0013542419"


async def contact_of(store: Store, address: str) -> UUID:
    rows = await store.rows("SELECT contact_id FROM contact_address WHERE value = $1", address)
    return rows[0]["contact_id"]


async def written_by(store: Store, *senders: str) -> list[UUID]:
    """Everybody writes once; who they are."""
    await store.file(
        *(routed(sender=sender, code=code) for sender, code in zip(senders, CODES, strict=False))
    )
    return [await contact_of(store, sender) for sender in senders]


async def owners(store: Store, contact_id: UUID) -> dict[str, int]:
    """How much of everything is a person's."""
    counts = {}
    for table in ("contact_address", "cases", "message", "outbound_message"):
        rows = await store.rows(f"SELECT 1 FROM {table} WHERE contact_id = $1", contact_id)  # noqa: S608
        counts[table] = len(rows)
    return counts


async def test_a_person_is_named_and_found_by_their_national_id(store: Store):
    (anne,) = await written_by(store, ANNE)
    agent, _ = await store.a_member()
    await store.consulting.people.change(agent, anne, {"name": "آن", "national_id": NATIONAL_ID}, 1)
    await store.consulting.people.change(agent, anne, {"name": "آن"}, 2)
    seen = await store.cases.contact(agent, anne)
    assert (seen["name"], seen["national_id"], seen["version"]) == ("آن", NATIONAL_ID, 2)
    with pytest.raises(VersionMismatchError):
        await store.consulting.people.change(agent, anne, {"name": "دیگری"}, 1)
    await store.consulting.people.change(agent, anne, {"name": None}, None)
    assert (await store.cases.contact(agent, anne))["name"] is None
    audited = await store.rows(
        "SELECT detail::text FROM audit_entry WHERE action = 'person_changed' ORDER BY seq"
    )
    assert [entry["detail"] for entry in audited] == [
        '{"fields": ["name", "national_id"]}',
        '{"fields": ["name"]}',
    ]


async def test_people_are_changed_by_who_may_and_reaches_a_case_of_theirs(store: Store):
    (anne,) = await written_by(store, ANNE)
    liaison, _ = await store.a_member([Role.LIAISON], ["pensions_office"])
    elsewhere, _ = await store.a_member([Role.AGENT], ["treatment"])
    for actor, told in ((liaison, ForbiddenError), (elsewhere, NotFoundError)):
        with pytest.raises(told):
            await store.consulting.people.change(actor, anne, {"name": "کسی"}, None)
        with pytest.raises(told):
            await store.consulting.people.add_address(actor, anne, "account-1", None)
        with pytest.raises(told):
            await store.consulting.merging.of(actor, anne)
    with pytest.raises(NotFoundError):
        await store.consulting.people.change(service(), uuid4(), {"name": "کسی"}, None)


async def test_a_further_address_leads_to_the_same_person(store: Store):
    anne, bert = await written_by(store, ANNE, BERT)
    agent, _ = await store.a_member()
    for spelling in ("۰۹۱۲ ۰۰۰ ۰۰۰۹", "+98 912 000 0009"):
        await store.consulting.people.add_address(agent, anne, spelling, None)
    await store.file(routed(sender="+989120000009"))
    assert await contact_of(store, "+989120000009") == anne
    assert await owners(store, anne) == {
        "contact_address": 2,
        "cases": 1,
        "message": 2,
        "outbound_message": 1,
    }
    with pytest.raises(StateError, match="another person") as refused:
        await store.consulting.people.add_address(agent, anne, BERT, None)
    assert refused.value.members == {"contact_id": bert}


async def test_a_merge_gives_everything_to_one_and_undoing_it_gives_it_back(store: Store):
    anne, bert = await written_by(store, ANNE, BERT)
    await store.file(routed(sender=BERT, intent=Intent.HELP), routed(sender=BERT, intent=Intent.OPT_OUT))
    await store.consulting.people.change(service(), bert, {"national_id": NATIONAL_ID}, None)
    before = await owners(store, anne), await owners(store, bert)
    agent, _ = await store.a_member()

    merge = await store.consulting.merging.merge(agent, anne, bert, "یک نفر با دو خط")
    both = {table: before[0][table] + before[1][table] for table in before[0]}
    assert await owners(store, anne) == both
    assert not any((await owners(store, bert)).values())
    kept = await store.cases.contact(agent, anne)
    assert (kept["national_id"], kept["bulk_refused_at"] is None) == (NATIONAL_ID, False)
    async with store.database.transaction() as tx:
        assert await people.by_national_id(tx, NATIONAL_ID) == [anne]
    with pytest.raises(StateError, match="merged into another") as refused:
        await store.consulting.people.change(service(), bert, {"name": "برت"}, None)
    assert refused.value.members == {"contact_id": anne}

    parted = await store.consulting.merging.undo(agent, merge)
    assert (parted.kept_id, parted.merged_id) == (anne, bert)
    assert (await owners(store, anne), await owners(store, bert)) == before
    async with store.database.transaction() as tx:
        assert await people.by_national_id(tx, NATIONAL_ID) == [bert]
    kept = await store.cases.contact(agent, anne)
    assert (kept["national_id"], kept["bulk_refused_at"]) == (None, None)
    with pytest.raises(StateError, match="undone already"):
        await store.consulting.merging.undo(agent, merge)
    told = await store.consulting.merging.of(agent, anne)
    assert [(one.id, one.undone_by) for one in told] == [(merge, agent.name)]


async def test_the_history_of_every_case_that_changed_hands_tells_it(store: Store):
    anne, bert = await written_by(store, ANNE, BERT)
    agent, _ = await store.a_member()
    await store.publish_all()
    merge = await store.consulting.merging.merge(agent, anne, bert, "یک نفر: ۰۹۱۲۰۰۰۰۰۰۲")
    await store.consulting.merging.undo(agent, merge)
    events = await store.rows(
        "SELECT type, actor, case_version FROM case_event WHERE type LIKE 'person%' ORDER BY seq"
    )
    assert [(event["type"], event["actor"], event["case_version"]) for event in events] == [
        ("person_merged", agent.name, 2),
        ("person_parted", agent.name, 3),
    ]
    assert await store.rows("SELECT version FROM cases ORDER BY opened_at, tracking_code") != []
    assert (await store.case(CODES[1]))["version"] == 3
    assert await store.count("outbox") == 2
    audited = await store.rows(
        "SELECT action, subject, detail::text FROM audit_entry WHERE action LIKE 'person%'"
    )
    assert [entry["action"] for entry in audited] == ["person_merged", "person_parted"]
    assert all(entry["subject"] == f"contact:{anne}" for entry in audited)
    assert not any(
        "912" in entry["detail"].replace(str(merge), "").replace(str(bert), "") for entry in audited
    )


async def test_what_came_after_the_merge_stays_with_the_kept_one(store: Store):
    anne, bert = await written_by(store, ANNE, BERT)
    agent, _ = await store.a_member()
    merge = await store.consulting.merging.merge(agent, anne, bert, "یک نفر")
    new = routed(sender=BERT, topic=Topic.E_PRESCRIPTION, code=CODES[5])
    into_the_moved_case = routed(sender=BERT, cites=(CODES[1],))
    await store.file(new, into_the_moved_case)
    await store.consulting.people.add_address(agent, anne, "+989120000009", None)
    await store.consulting.merging.undo(agent, merge)
    owner = {row["tracking_code"]: row["contact_id"] for row in await store.rows("SELECT * FROM cases")}
    assert owner == {CODES[0]: anne, CODES[1]: bert, CODES[5]: anne}
    assert [await contact_of(store, one) for one in (ANNE, BERT, "+989120000009")] == [anne, bert, anne]
    later = [new.envelope.message_id, into_the_moved_case.envelope.message_id]
    rows = await store.rows("SELECT DISTINCT contact_id FROM message WHERE message_id = ANY($1)", later)
    assert rows == [{"contact_id": anne}]
    # And it goes along when the kept one turns out to be a third.
    (cara,) = await written_by(store, CARA)
    await store.consulting.merging.merge(agent, cara, anne, "یک نفر")
    rows = await store.rows("SELECT DISTINCT contact_id FROM message WHERE message_id = ANY($1)", later)
    assert rows == [{"contact_id": cara}]


async def test_what_was_moved_on_by_hand_is_left_where_it_is(store: Store):
    anne, bert, cara = await written_by(store, ANNE, BERT, CARA)
    merging = store.consulting.merging
    merge = await merging.merge(service(), anne, bert, "یک نفر")
    await store.rows("UPDATE cases SET contact_id = $1 WHERE tracking_code = $2", cara, CODES[1])
    await merging.undo(service(), merge)
    rows = await store.rows("SELECT contact_id FROM cases WHERE tracking_code = $1", CODES[1])
    assert rows == [{"contact_id": cara}]
    assert (await owners(store, bert))["contact_address"] == 1


async def test_merges_follow_one_another_and_are_undone_from_the_last(store: Store):
    anne, bert, cara = await written_by(store, ANNE, BERT, CARA)
    merging, before = store.consulting.merging, await owners(store, bert)
    for person, national_id in ((anne, "0499370899"), (bert, NATIONAL_ID)):
        await store.consulting.people.change(service(), person, {"national_id": national_id}, None)
    first = await merging.merge(service(), anne, bert, "یک نفر")
    second = await merging.merge(service(), cara, anne, "یک نفر")
    assert await owners(store, cara) == {table: count * 3 for table, count in before.items()}
    agent, _ = await store.a_member([Role.AGENT], ["retirement"])
    assert (await store.cases.contact(agent, bert))["merged_into"] == anne  # their old address leads on
    async with store.database.transaction() as tx:
        assert await people.by_national_id(tx, NATIONAL_ID) == [cara]
    with pytest.raises(StateError, match="undo that first"):
        await merging.undo(service(), first)
    await merging.undo(service(), second)
    assert await owners(store, anne) == {table: count * 2 for table, count in before.items()}
    await merging.undo(service(), first)
    assert await owners(store, anne) == await owners(store, bert) == await owners(store, cara) == before


async def test_impossible_merges_are_refused(store: Store):
    anne, bert = await written_by(store, ANNE, BERT)
    merging = store.consulting.merging
    with pytest.raises(StateError):
        await merging.merge(service(), anne, anne, "خودش")
    with pytest.raises(NotFoundError):
        await merging.merge(service(), anne, uuid4(), "کسی")
    with pytest.raises(NotFoundError):
        await merging.undo(service(), uuid4())
    elsewhere, _ = await store.a_member([Role.AGENT], ["treatment"])
    with pytest.raises(NotFoundError):
        await merging.merge(elsewhere, anne, bert, "یک نفر")
    merge = await merging.merge(service(), anne, bert, "یک نفر")
    with pytest.raises(NotFoundError):
        await merging.undo(elsewhere, merge)


async def test_of_two_merges_of_one_pair_at_once_one_is_made(store: Store):
    anne, bert = await written_by(store, ANNE, BERT)
    merging = store.consulting.merging
    outcomes = await asyncio.gather(
        merging.merge(service(), anne, bert, "یک"),
        merging.merge(service(), bert, anne, "دو"),
        merging.merge(service(), anne, bert, "سه"),
        return_exceptions=True,
    )
    assert sorted(isinstance(outcome, StateError) for outcome in outcomes) == [False, True, True]
    assert await store.count("contact_merge") == 1


async def test_of_two_who_undo_a_merge_at_once_one_does(store: Store):
    anne, bert = await written_by(store, ANNE, BERT)
    merge = await store.consulting.merging.merge(service(), anne, bert, "یک نفر")
    outcomes = await asyncio.gather(
        *(store.consulting.merging.undo(service(), merge) for _ in range(3)), return_exceptions=True
    )
    assert sorted(isinstance(outcome, StateError) for outcome in outcomes) == [False, True, True]
    parted = await store.rows("SELECT 1 FROM case_event WHERE type = 'person_parted'")
    assert len(parted) == 1


@asynccontextmanager
async def meanwhile(store: Store, held: Sequence[UUID]) -> AsyncIterator[Transaction]:
    """A transaction that holds people; what is begun beside it waits until the block ends."""
    async with store.database.transaction() as tx:
        await people.lock(tx, held)
        yield tx


async def until_somebody_waits(store: Store) -> None:
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    while not await store.rows(waiting):  # noqa: ASYNC110  (PostgreSQL has no event for it)
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("parting", [False, True])
async def test_a_message_that_waited_for_a_merge_finds_the_address_where_it_was_put(
    store: Store, *, parting: bool
):
    anne, bert = await written_by(store, ANNE, BERT)
    if parting:
        merge_id = await store.consulting.merging.merge(service(), anne, bert, "یک نفر")
    late = routed(sender=BERT, topic=Topic.E_PRESCRIPTION, code=CODES[7])
    async with meanwhile(store, [anne, bert]) as tx:
        filing = asyncio.create_task(store.file(late, routed(sender=CARA)))
        await until_somebody_waits(store)
        if parting:
            merge = await merges.find(tx, merge_id)
            assert merge is not None
            await merges.move_back(tx, merge)
        else:
            await merges.move(tx, bert, anne)
        for person in (await people.lock(tx, [anne, bert])).values():
            await people.change(tx, person)
    await filing
    owner = bert if parting else anne
    assert await contact_of(store, BERT) == owner
    rows = await store.rows("SELECT contact_id FROM message WHERE message_id = $1", late.envelope.message_id)
    assert rows == [{"contact_id": owner}]
    rows = await store.rows("SELECT contact_id FROM cases WHERE tracking_code = $1", CODES[7])
    assert rows == [{"contact_id": owner}]


async def test_an_action_that_waited_for_a_merge_holds_the_person_who_has_the_case_now(store: Store):
    anne, bert = await written_by(store, ANNE, BERT)
    agent, _ = await store.a_member()

    async def act() -> UUID:
        async with acting(store.database, agent, CODES[1], Right.ANSWER) as action:
            with pytest.raises(ConflictError):
                await store.rows("SELECT 1 FROM contact WHERE id = $1 FOR NO KEY UPDATE NOWAIT", anne)
            return action.case.contact_id

    async with meanwhile(store, [anne, bert]) as tx:
        acted = asyncio.create_task(act())
        await until_somebody_waits(store)
        await merges.move(tx, bert, anne)
        for person in (await people.lock(tx, [anne, bert])).values():
            await people.change(tx, person)
    assert await acted == anne


async def test_people_merged_and_parted_while_they_write_lose_nothing_and_are_never_split(store: Store):
    anne, bert = await written_by(store, ANNE, BERT)
    merging, written = store.consulting.merging, []

    async def write(sender: str) -> None:
        for _ in range(25):
            messages = [routed(sender=sender), routed(sender=sender, intent=Intent.HELP)]
            written.extend(message.envelope.message_id for message in messages)
            while not await filed(*messages):
                pass

    async def filed(*messages: RoutedMessage) -> bool:
        """As the consumer does: what another transaction was first with is taken again."""
        try:
            await store.file(*messages)
        except ConflictError:
            return False
        return True

    async def merge_and_part(actor: Actor) -> None:
        for _ in range(8):
            merge = await merging.merge(actor, anne, bert, "یک نفر")
            await asyncio.sleep(0.01)
            await merging.undo(actor, merge)
        await merging.merge(actor, anne, bert, "یک نفر")

    await asyncio.gather(write(ANNE), write(BERT), merge_and_part(service()))
    assert await store.count("contact") == 2
    stored = {row["message_id"]: row["contact_id"] for row in await store.rows("SELECT * FROM message")}
    assert set(written) <= stored.keys()
    assert not any((await owners(store, bert)).values())
    assert (
        len(
            await store.rows(
                "SELECT 1 FROM tracking_code LEFT JOIN cases ON cases.id = case_id WHERE cases.id IS NULL"
            )
        )
        == 0
    )
