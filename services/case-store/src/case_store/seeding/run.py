"""A seeding from beginning to end: look, lease codes, take indexes off, tell the story, put them back."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from rich.console import Console

from case_store.errors import SeedingError
from case_store.handlers.organisation import Organisation
from case_store.model import UnitKind
from case_store.repository import indexes, leases, organisation, search_index, seeding, worktime
from case_store.repository.database import Database
from case_store.seeding.crew import Crew, Units
from case_store.seeding.people import MOST, PREFIX
from case_store.seeding.plan import BATCH, PEOPLE_BATCH, SeedPlan, people_until
from case_store.seeding.progress import telling
from case_store.seeding.rhythm import SPAN_DAYS
from case_store.seeding.rows import TABLES
from case_store.seeding.words import Words
from case_store.seeding.worker import Task, What, begin, work

_FILLED: Final = (*TABLES, "search_entry")


@dataclass(frozen=True)
class Wish:
    """What is asked for."""

    cases: int = 1_000_000
    messages: int = 3_000_000
    seed: int = 1420
    again: bool = False
    """Also into a store that holds something."""
    until: datetime | None = None
    """The story's present; now, if nothing else is said."""
    workers: int = 0
    """Processes; 0 is one for each core."""


async def seed(url: str, code_key: bytes, wish: Wish, console: Console) -> None:
    """Fill the store.

    Raises:
        SeedingError: the store is not empty, another seeding is at work, or the wish makes no sense.
    """
    _end_in_order()
    database = Database(url, pool_size=2)
    try:
        async with indexes.alone(database) as nobody_else:
            if not nobody_else:
                message = "another seeding is at work in this store"
                raise SeedingError(message)
            await _put_back(database, console)
            plan = await _plan(database, code_key, wish)
            async with _without_indexes(database, console):
                await _tell(database, url, plan, wish.workers or os.cpu_count() or 1, console)
            console.print("Looking over the tables, for the planner …")
            await seeding.settle(database, _FILLED)
    finally:
        await database.stop()


def _end_in_order() -> None:
    """Ctrl-C and SIGTERM cancel us, so that indexes are put back first.

    Set by hand: a shell that starts us in the background has SIGINT ignored, and Python leaves it so.
    """
    current = asyncio.current_task()
    if current is not None:
        for how in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(how, current.cancel)


async def _plan(database: Database, code_key: bytes, wish: Wish) -> SeedPlan:
    if not 0 < wish.cases <= wish.messages:
        message = "every case has a message at least: ask for one case or more, and as many messages or more"
        raise SeedingError(message)
    now = datetime.now(UTC)
    await Organisation(database).load_defaults()
    async with database.transaction() as tx:
        await worktime.load(tx, now)
        if not wish.again and not await seeding.is_empty(tx):
            message = "the store is not empty; with --yes the invented cases are added to what it holds"
            raise SeedingError(message)
        before = await seeding.people_with(tx, PREFIX)
        desks, units = await organisation.desks(tx), await organisation.units(tx)
        leased = await leases.lease(tx, 2 * wish.cases, now)
    if before + people_until(wish.cases) > MOST:
        message = f"the numbers of the invented people run out: {MOST:,} there are, {before:,} are taken"
        raise SeedingError(message)
    return SeedPlan(
        wish.seed, wish.cases, wish.messages, wish.until or now.replace(second=0, microsecond=0), before,
        leased.first, code_key,
        Units(
            {desk["id"]: desk["unit_id"] for desk in desks},
            tuple(unit["id"] for unit in units if unit["kind"] == UnitKind.SPECIALISED),
        ),
    )  # fmt: skip


async def _tell(database: Database, url: str, plan: SeedPlan, workers: int, console: Console) -> None:
    words = Words()
    staff = Crew(plan.seed, plan.units, words).rows(plan.until - timedelta(days=SPAN_DAYS))
    async with database.transaction() as tx:
        if not await seeding.staff_among(tx, [row.id for row in staff.staff]):
            await seeding.copy(tx, staff.by_table(), {})
        await search_index.learn(tx, sorted(filter(search_index.is_word, words.vocabulary())))
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, initializer=begin, initargs=(url, plan))
    try:
        await _work(pool, "people", plan.people, PEOPLE_BATCH, console)
        await _work(pool, "cases", plan.cases, BATCH, console)
    finally:
        await asyncio.to_thread(pool.shutdown, cancel_futures=True)


async def _work(pool: Executor, what: What, total: int, batch: int, console: Console) -> None:
    """Hand out one kind of work in order; whoever is free takes the next stretch."""
    loop = asyncio.get_running_loop()
    tasks = [Task(what, first, min(first + batch, total)) for first in range(0, total, batch)]
    with telling(console, what, total) as told:
        for done in asyncio.as_completed([loop.run_in_executor(pool, work, task) for task in tasks]):
            told.advance(await done)


@asynccontextmanager
async def _without_indexes(database: Database, console: Console) -> AsyncIterator[None]:
    async with database.transaction() as tx:
        dropped = await indexes.take_off(tx, _FILLED)
    console.print(
        f"{len(dropped)} secondary indexes are taken off, and put back at the end or when interrupted."
    )
    try:
        yield
    finally:
        await _put_back(database, console)


async def _put_back(database: Database, console: Console) -> None:
    async for definition in indexes.put_back(database):
        console.print(f"put back: {definition.split(' ')[2]}", highlight=False)
