"""A seeded store in a state directory, made once and kept: what the desk is measured on."""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from payam.credentials import credentials
from payam.engines import running_engines
from payam.state import open_state


@dataclass(frozen=True)
class Size:
    """How much is in the store."""

    cases: int
    messages: int

    def __str__(self) -> str:
        return f"{self.cases:,} cases and {self.messages:,} messages"


@contextmanager
def running_postgres(state: Path) -> Iterator[str]:
    """PostgreSQL alone on the state directory of a `payam up`; its address."""
    state.mkdir(parents=True, exist_ok=True)
    for folder in (state, *state.absolute().parents[:2]):  # it runs as another user when we are root
        folder.chmod(folder.stat().st_mode | 0o055)
    with running_engines(state, kafka=False, redis=False) as engines:
        yield engines.urls.database


def seed(state: Path, url: str, size: Size, notes: list[str]) -> None:
    """Migrate, seed the store if it is not of this size already, and let it come to rest."""
    fill(state, url, size, notes)
    began = time.perf_counter()
    asyncio.run(rest(url))
    notes.append(f"brought to rest in {time.perf_counter() - began:.0f} s: vacuumed, everything on disk")


async def rest(url: str) -> None:
    """What PostgreSQL would do in the hours after: else its housekeeping of a whole seeding is measured."""
    connection = await asyncpg.connect(url.replace("postgresql+asyncpg", "postgresql"))
    try:
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


def fill(state: Path, url: str, size: Size, notes: list[str]) -> None:
    """Migrate and seed."""
    store(state, url, "migrate")
    held = asyncio.run(count(url))
    if held >= size.cases:
        notes.append(f"the store was kept from an earlier run: {held:,} cases")
        # What that run accepted would be sent again at the start, to a broker that forgets, and be dropped.
        shutil.rmtree(state / "spool", ignore_errors=True)
        return
    began = time.perf_counter()
    store(state, url, "seed", "--yes", "--cases", str(size.cases), "--messages", str(size.messages))
    took = time.perf_counter() - began
    notes.append(f"seeded in {took:.0f} s, {size.cases / took:,.0f} cases a second with all that is theirs")


def store(state: Path, url: str, *command: str) -> None:
    """A command of the case store on this database."""
    told = os.environ | credentials(open_state(state), os.environ) | {"DATABASE_URL": url}
    subprocess.run([sys.executable, "-m", "case_store", *command], env=told, check=True)


async def count(url: str) -> int:
    """Cases in the store."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return int(await connection.fetchval("SELECT count(*) FROM cases"))
    finally:
        await connection.close()
