"""What people and processes do all day in a full store, each with a sentence on why its plans are right."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg

from case_store.handlers.search import Search
from case_store.model import CaseState
from case_store.repository import cases, citizen, intake, listing, queues, sweeping, watch
from case_store.repository.database import Transaction
from case_store.repository.filters import Filters, Order
from case_store.repository.watch import Watched
from case_store.staffing import Actor, Role, member
from envelope.models import Intent
from tests.bench.samples import COMMON

BATCH = 500
PAGE = 31
_RARE = "هیئت تشخیص مطالبات آبادان"
_AGENT = "SELECT id FROM staff WHERE roles @> '{agent}' ORDER BY id LIMIT 1"
_REFERRED = "SELECT tracking_code FROM cases JOIN referral ON case_id = cases.id ORDER BY cases.id LIMIT 1"
_KNOWN = """
    SELECT value, national_id FROM contact JOIN contact_address ON contact_id = contact.id
    WHERE national_id IS NOT NULL ORDER BY contact.id LIMIT 1
"""
_CALLER = """
    SELECT address.value, cases.tracking_code, cases.id, cases.contact_id FROM contact_address AS address
    JOIN cases ON cases.contact_id = address.contact_id
    WHERE address.kind = 'msisdn' ORDER BY cases.last_activity_at DESC, cases.id LIMIT 1
"""
_SENDERS = "SELECT kind, value, contact_id FROM contact_address ORDER BY value LIMIT $1"
Run = Callable[[Transaction], Awaitable[object]]


@dataclass(frozen=True)
class Occasion:
    """Something that is promised to be fast."""

    title: str
    why: str
    run: Run


async def occasions(url: str, search: Search) -> list[Occasion]:
    """All of them, on what this store holds."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    staff, code = await connection.fetchval(_AGENT), await connection.fetchval(_REFERRED)
    known = await connection.fetchrow(_KNOWN)
    caller = await connection.fetchrow(_CALLER)
    senders = await connection.fetch(_SENDERS, BATCH)
    codes = await connection.fetch("SELECT code FROM tracking_code ORDER BY code LIMIT $1", BATCH)
    messages = await connection.fetch("SELECT message_id FROM message ORDER BY message_id LIMIT $1", BATCH)
    await connection.close()
    at_desk = frozenset({"insurance"})
    agent = member(staff, "agent", frozenset({Role.AGENT}), at_desk, at_desk)
    head = member(staff, "head", frozenset({Role.SUPERVISOR}), frozenset(), frozenset())
    return [
        *_queues(agent, head),
        Occasion(
            "Case page: the case with everything that belongs to it",
            "Every statement asks for one case or one person by an index that begins with its id.",
            lambda tx: cases.find(tx, head, code),
        ),
        *_portal(caller),
        *_searches(search, agent, head, known),
        *_sweeps(),
        *_intake(senders, [row[0] for row in messages], [row[0] for row in codes]),
    ]


def _queues(agent: Actor, head: Actor) -> list[Occasion]:
    def listed(actor: Actor, filters: Filters, order: Order = Order.DUE) -> Run:
        return lambda tx: listing.page(tx, actor, filters, None, PAGE, order)

    waiting, closed = Filters(undecided=True), Filters(state=CaseState.CLOSED)
    return [
        Occasion(
            "Queue: the counts of every desk",
            "Read from the partial index of undecided cases alone, and at most a few times a second however "
            "many look.",
            lambda tx: queues.counts(tx, datetime.now(UTC)),
        ),
        Occasion(
            "Queue: an agent's desk, the nearest deadline first",
            "The desk's first rows come off `cases_due` in order, as many as are shown.",
            listed(agent, waiting),
        ),
        Occasion(
            "Queue: all desks at once, as a supervisor sees them",
            "Each desk gives its first page in order, and these few are merged.",
            listed(head, waiting),
        ),
        Occasion(
            "Queue: what nobody has claimed",
            "The same walk; claimed cases on the way are passed over.",
            listed(head, Filters(undecided=True, unclaimed=True)),
        ),
        Occasion(
            "Queue: what one has in hand",
            "The index begins with who has the case.",
            listed(agent, Filters(undecided=True, assignee=agent.staff_id)),
        ),
        Occasion(
            "Queue: closed cases, the newest first",
            "`cases_newest` is walked backwards; nine in ten cases fit, so that the page is soon full.",
            listed(head, closed, Order.NEWEST),
        ),
        Occasion(
            "Watch list: referrals that are due next",
            "The index is in the order of the list: as many rows are read as are shown.",
            lambda tx: watch.page(tx, head, Watched(), None, PAGE),
        ),
    ]


def _portal(caller: Any) -> list[Occasion]:  # noqa: ANN401
    number, code = caller["value"], caller["tracking_code"]
    case, person = [caller["id"]], caller["contact_id"]
    return [
        Occasion(
            "Portal: a person's own cases, the latest activity first",
            "The number leads to the person, the person to their few cases, which are sorted.",
            lambda tx: citizen.page(tx, number, None, PAGE),
        ),
        Occasion(
            "Portal: the case behind a code, if it is this person's",
            "Two primary keys; that it is theirs is a condition on the one row.",
            lambda tx: citizen.find(tx, number, code),
        ),
        Occasion(
            "Portal: what a person said in a case",
            "By the case's index; whose words they are is a condition on these few rows.",
            lambda tx: citizen.said(tx, person, case, [Intent.MESSAGE]),
        ),
        Occasion(
            "Portal: what we answered them there",
            "The same on what went out.",
            lambda tx: citizen.answered(tx, person, case),
        ),
        Occasion(
            "Portal: whom a case's one-time code goes to",
            "The code is a primary key, the person's numbers are few.",
            lambda tx: citizen.owner(tx, code),
        ),
    ]


def _searches(search: Search, agent: Actor, head: Actor, known: Any) -> list[Occasion]:  # noqa: ANN401
    def found(actor: Actor, typed: str) -> Run:
        return lambda _: search.find(actor, typed, None, PAGE)

    return [
        Occasion("Search: a phone number", "The address is a primary key.", found(head, known["value"])),
        Occasion("Search: a national id", "It has its own small index.", found(head, known["national_id"])),
        Occasion(
            "Search: a common word",
            "The newest documents are walked and fill the page; the inverted index, which would give every "
            "hit of two years, is not asked.",
            found(head, COMMON[0]),
        ),
        Occasion(
            "Search: words that are rare together",
            "After the walk the inverted index is asked, one day or week after the other: it intersects "
            "words and day, and never gives all hits of a common word.",
            found(head, _RARE),
        ),
        Occasion(
            "Search: the same within an agent's reach",
            "Reach is a condition on the few rows that matched.",
            found(agent, _RARE),
        ),
    ]


def _sweeps() -> list[Occasion]:
    now = datetime.now(UTC)
    return [
        Occasion(
            "Sweep: clocks past their deadline",
            "A partial index of what runs and was not told of: once told of, a clock leaves it, and a quiet "
            "sweep reads a page or two.",
            lambda tx: sweeping.hold_late(tx, now, 2_000),
        ),
        Occasion(
            "Sweep: clocks past their warning",
            "The same by the moment of the warning.",
            lambda tx: sweeping.hold_near(tx, now, 2_000),
        ),
        Occasion(
            "Sweep: how the running clocks stand",
            "Counted from the partial index of what was told of.",
            sweeping.standing,
        ),
    ]


def _intake(senders: list[Any], messages: list[Any], codes: list[str]) -> list[Occasion]:
    addresses = [(row["kind"], row["value"]) for row in senders]
    people = [row["contact_id"] for row in senders]
    return [
        Occasion(
            f"Intake: the people of {BATCH} messages, held",
            "One look-up a person by primary keys, and the lock on their row.",
            lambda tx: intake.lock_contacts(tx, addresses, datetime.now(UTC)),
        ),
        Occasion(
            f"Intake: which of {BATCH} messages are known",
            "Primary keys.",
            lambda tx: intake.known_messages(tx, messages),
        ),
        Occasion(
            "Intake: the ten newest cases of each person, for threading",
            "`cases_contact` backwards, ten rows a person at most.",
            lambda tx: intake.newest_cases(tx, people),
        ),
        Occasion(
            "Intake: the cases behind cited codes",
            "Primary keys.",
            lambda tx: intake.cases_by_code(tx, codes),
        ),
    ]
