"""`python -m tests.bench.plans --state FOLDER`: docs/query-plans.md, from the statements that the code sends.

Each occasion is run on the seeded store of the bench; every statement that it sends is caught and explained
with its own values, in a transaction that is rolled back. Values, ids and times are left out of what is kept.
"""

import argparse
import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import event

from case_store.handlers.access import build_access
from case_store.handlers.search import Search
from case_store.repository.database import Database, Transaction
from case_store.settings import AccessSettings
from tests.bench.occasions import occasions
from tests.bench.seeded import Size, running_postgres, seed

PAGE = Path("docs/query-plans.md")
EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF) "
_TOP = 2
_WIDTH = 120
_DRIVERS = ("SELECT current_setting", "WITH RECURSIVE typeinfo_tree")
"""What asyncpg asks of a connection once, when it first meets a type."""
_NO_PLAN = ("SET ", "SELECT 1", "BEGIN", "SELECT pg_", "COMMIT", "ROLLBACK", *_DRIVERS)
_HIDDEN = (
    (re.compile(r"'[0-9a-f]{8}-[0-9a-f-]{27}'"), "'…'"),
    (re.compile(r"'\d{4}-\d\d-\d\d [\d:.+]+'"), "'…'"),
    (re.compile(r"'\{[^']*\}'"), "'{…}'"),
    (re.compile(r"'\+?\d{10,12}'"), "'…'"),
    (re.compile(r" loops=1\b|\.00\b| (?:dirtied|written)=\d+"), ""),
)
_LEFT_OUT = re.compile(
    r" *(?:Index Searches|Sort Method|Batches|Heap Blocks|Hits|Cache Mode|Worker|Buffers: temp|Storage)"
)
INTRODUCTION = """# Query plans

The statements behind the queue, the case page, search, the sweep and the threading of new messages, as
PostgreSQL runs them on a store of {size}, {undecided:,} clocks of them running.
Written by `python -m tests.bench.plans`: each occasion is run through the code itself, and every statement
that it sends is explained with its own values. Times and costs are left out, because they are this machine's;
rows, loops and buffers of 8 kB are the work. Connections run with `enable_seqscan = off` and `jit = off`:
every query here has its index, and a plan that was made for an empty table must not serve a full one.
"""


@dataclass(frozen=True)
class Statement:
    """One that the code sent."""

    sql: str
    values: tuple[Any, ...]


class Caught(Database):
    """A database that remembers what it was asked."""

    def __init__(self, url: str) -> None:
        super().__init__(url, pool_size=1)
        self.sent: list[Statement] = []
        event.listen(self.engine.sync_engine, "before_cursor_execute", self._composed)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Each of asyncpg's own statements is caught as well."""
        async with super().transaction() as tx:
            with tx.raw.query_logger(self._raw):
                yield tx

    def _composed(self, _connection, _cursor, sql: str, values: Any, *_: object) -> None:  # noqa: ANN401
        self._keep(sql, tuple(values or ()))

    def _raw(self, query: Any) -> None:  # noqa: ANN401  (asyncpg's record)
        self._keep(query.query, tuple(query.args or ()))

    def _keep(self, sql: str, values: tuple[Any, ...]) -> None:
        if not " ".join(sql.split()).startswith(_NO_PLAN):
            self.sent.append(Statement(sql, values))


async def written(url: str, size: Size) -> str:
    """The whole page."""
    database = Caught(url)
    await database.start()
    search = Search(database, build_access(database, AccessSettings(), os.urandom(32)).witness)
    async with database.transaction() as tx:
        undecided = await tx.raw.fetchval("SELECT count(*) FROM clock WHERE stopped_at IS NULL")
    parts = [INTRODUCTION.format(size=size, undecided=undecided)]
    for occasion in await occasions(url, search):
        parts.append(f"\n## {occasion.title}\n\n{occasion.why}\n")
        async with database.transaction() as tx:
            database.sent.clear()
            await occasion.run(tx)
            await asyncio.sleep(0.01)  # asyncpg tells of a statement a turn of the loop later
            sent, seen = list(database.sent), set()
        for statement in sent:
            if statement.sql not in seen:
                seen.add(statement.sql)
                parts.append(await explained(url, statement))
    await database.stop()
    return "".join(parts)


async def explained(url: str, statement: Statement) -> str:
    """One statement and its plan, as Markdown."""
    connection = await asyncpg.connect(
        url.replace("+asyncpg", ""), server_settings={"enable_seqscan": "off", "jit": "off"}
    )
    transaction = connection.transaction()
    await transaction.start()
    try:
        rows = await connection.fetch(EXPLAIN + statement.sql, *statement.values)
    finally:
        await transaction.rollback()
        await connection.close()
    sql = f"<details><summary>the statement</summary>\n\n```sql\n{tidy(statement.sql)}\n```\n</details>"
    return f"\n{sql}\n\n```\n{shortened([row[0] for row in rows])}```\n"


def tidy(sql: str) -> str:
    """A statement in lines of readable length, its columns shortened."""
    flat = re.sub(r"\s+", " ", sql).strip()
    flat = re.sub(r"((?:[\w.\"]+(?: AS \w+)?, ){3})(?:[\w.\"]+(?: AS \w+)?, ){3,}", r"\1…, ", flat)
    return re.sub(r" (FROM|JOIN|LEFT|WHERE|ORDER BY|UNION|CROSS|LIMIT|FOR NO KEY) ", r"\n\1 ", flat)


def shortened(plan: list[str]) -> str:
    """What was worked on and how: buffers of the whole alone, nothing that did not run, no line too wide."""
    lines: list[str] = []
    beyond: int | None = None
    for line in plan[: plan.index("Planning:") if "Planning:" in plan else None]:
        depth = len(line) - len(line.lstrip())
        if beyond is not None and depth > beyond:
            continue
        beyond = depth if "(never executed)" in line else None
        is_buffers = line.lstrip().startswith("Buffers: shared")
        if beyond is None and not _LEFT_OUT.match(line) and not (is_buffers and depth > _TOP):
            lines.append(line)
    text = "\n".join(lines) + "\n"
    for pattern, instead in _HIDDEN:
        text = pattern.sub(instead, text)
    return "".join(f"{line[:_WIDTH]}{'…' if len(line) > _WIDTH else ''}\n" for line in text.splitlines())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="where the bench keeps its seeded store")
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--messages", type=int)
    asked = parser.parse_args()
    size = Size(asked.cases, asked.messages or 3 * asked.cases)
    with running_postgres(asked.state) as url:
        notes: list[str] = []
        seed(asked.state, url, size, notes)
        PAGE.write_text(asyncio.run(written(url, size)), "utf-8")
    print(*notes, f"{PAGE} is written.", sep="\n")


if __name__ == "__main__":
    main()
