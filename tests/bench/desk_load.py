"""The desk on a seeded store: its pages, the API behind them, intake beside an empty store, the sweep.

One store, in this order: intake while it is empty; seeded; people at work on it; swept last, for a sweep that
finds every deadline near writes a row a case and leaves PostgreSQL busy for minutes.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from case_store.handlers.clocks import Clocks
from case_store.handlers.deadlines import Deadlines
from case_store.repository.database import Database
from tests.bench.flow_load import CONNECTIONS, filed
from tests.bench.load import Outcome, closed_loop, mo_request, open_loop
from tests.bench.pages import Api, Desk
from tests.bench.report import Figure
from tests.bench.samples import samples_of
from tests.bench.seeded import Size, running_postgres, seed
from tests.bench.ussd_load import floor
from tests.flow.running import Flow, running_flow, until

RATE = 50
SECONDS = 20
TARGET_MS = 150.0
INTAKE_ROUNDS = 3
INTAKE_SECONDS = 5
INTAKE_KEPT = 0.8
SWEEP_SECONDS = 5.0
SEEDED_PEOPLE = 500_000
_UNDER_WAY = """
    SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM search_pending)
        + (SELECT count(*) FROM outbound_message WHERE state = 'pending' AND redrive_at IS NOT NULL)
"""
_ALL_NEAR = """
    UPDATE clock SET warn_at = now() - interval '1 minute', warned_at = NULL
    WHERE stopped_at IS NULL AND breached_at IS NULL
"""


def measure_desk(state: Path, size: Size, texts: list[str], notes: list[str]) -> list[Figure]:
    """Everything that a full store must not slow down."""
    notes.append(f"desk: measured with {size}")
    with (
        tempfile.TemporaryDirectory() as folder,
        running_flow(Path(folder), SIMULATOR_MAGIC_NUMBERS="false") as flow,
    ):
        print("measuring intake into an empty store …", flush=True)
        empty = intake(flow, texts)
    with running_postgres(state) as url:
        seed(state, url, size, notes)
    with running_flow(state, SIMULATOR_MAGIC_NUMBERS="false") as flow:
        until(lambda: settled(flow), seconds=400, pause=2)
        figures = pages(flow, notes)
        print("measuring intake into the seeded store …", flush=True)
        full = intake(flow, texts)
        until(lambda: settled(flow), seconds=400, pause=2)
    with running_postgres(state) as url:
        print("measuring the sweep …", flush=True)
        figures += sweep(url, notes)
    kept = Figure("intake.kept_when_full", full, "/s", INTAKE_KEPT, floor=empty)
    return [*figures, kept]


def settled(flow: Flow) -> bool:
    """Nothing under way: what one measurement began would else be another one's load."""
    [waiting] = flow.sql(_UNDER_WAY)[0]
    return int(waiting) == 0


def pages(flow: Flow, notes: list[str]) -> list[Figure]:
    """Each page and each call for a while at fifty a second."""
    samples, desk, api = samples_of(flow), Desk(flow), Api(flow)
    with floor() as port:
        told(
            notes,
            "a page that shows nothing",
            at_rate(port, lambda _: b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"),
        )
    asked: list[tuple[str, int, Callable[[int], bytes]]] = [
        ("desk.queue_page", desk.port, desk.queue),
        ("desk.case_page", desk.port, desk.case(samples)),
        ("desk.search_page", desk.port, desk.search(samples)),
        ("api.queue", api.port, api.queue),
        ("api.queue_counts", api.port, api.counts),
        ("api.case", api.port, api.case(samples)),
        ("api.search_words", api.port, api.search(samples)),
    ]
    figures = []
    for name, port, requests in asked:
        print(f"measuring {name} …", flush=True)
        at_rate(port, requests, seconds=3)
        outcome = at_rate(port, requests)
        told(notes, name, outcome)
        figures.append(
            Figure(f"{name}.p95", outcome.percentile(0.95) * 1000, "ms", TARGET_MS, at_least=False)
        )
        figures.append(Figure(f"{name}.refused", outcome.refused, "calls", 0, at_least=False))
    return [figure for figure in figures if figure.value or not figure.name.endswith(".refused")]


def at_rate(port: int, requests: Callable[[int], bytes], seconds: float = SECONDS) -> Outcome:
    """An open loop at the rate that is promised."""
    return asyncio.run(open_loop(port, requests, rate=RATE, seconds=seconds, connections=CONNECTIONS))


def told(notes: list[str], name: str, outcome: Outcome) -> None:
    """All three percentiles."""
    p50, p95, p99 = (outcome.percentile(share) * 1000 for share in (0.5, 0.95, 0.99))
    notes.append(f"{name}: {RATE}/s for {SECONDS} s, p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms")


def intake(flow: Flow, texts: list[str]) -> float:
    """Messages a second from accepted to case, as fast as they can be brought; the median of some rounds.

    The people are those of the seeded store, who have cases of before in a full one; each writes once.
    """
    rates = []
    for round_number in range(INTAKE_ROUNDS):
        begun_at = time.time_ns() // 1_000_000_000
        offset = (round_number + 1) * 10_000_000 + begun_at * 100_000_000

        def mo(number: int, offset: int = offset, first: int = begun_at * 7_919) -> bytes:
            person = (first + number) % SEEDED_PEOPLE
            sender = f"0909{(person * 6_180_339 + 1_420) % 10_000_000:07}"
            return mo_request(flow.mo_path, offset + number, texts[number % len(texts)], sender)

        before, began = filed(flow), time.perf_counter()
        outcome = asyncio.run(closed_loop(flow.ports["GATEWAY_SMS_PORT"], mo, INTAKE_SECONDS, CONNECTIONS))
        until(lambda wanted=before + outcome.accepted: filed(flow) >= wanted, seconds=120, pause=0.1)
        rates.append(outcome.accepted / (time.perf_counter() - began))
    return statistics.median(rates)


def sweep(url: str, notes: list[str]) -> list[Figure]:
    """One round over every clock that runs: an ordinary one, then one with all of them near."""

    async def rounds() -> tuple[int, float, float]:
        database = Database(url)
        await database.start()
        deadlines = Deadlines(database, Clocks(database))
        async with database.transaction() as tx:
            running: int = await tx.raw.fetchval("SELECT count(*) FROM clock WHERE stopped_at IS NULL")
        await deadlines.sweep()
        ordinary = await timed(deadlines)
        async with database.transaction() as tx:
            await tx.raw.execute(_ALL_NEAR)
        worst = await timed(deadlines)
        await database.stop()
        return running, ordinary, worst

    running, ordinary, worst = asyncio.run(rounds())
    notes.append(
        f"sla: {running:,} clocks run; the worst sweep is one in which all of them come near at once"
    )
    return [
        Figure("sla.sweep", ordinary, "s", SWEEP_SECONDS, at_least=False),
        Figure("sla.sweep_all_near_at_once", worst, "s", SWEEP_SECONDS, at_least=False),
    ]


async def timed(deadlines: Deadlines) -> float:
    began = time.perf_counter()
    await deadlines.sweep()
    return time.perf_counter() - began
