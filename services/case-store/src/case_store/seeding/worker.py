"""One of the processes that tell the story: each batch is one transaction, whole or not there."""

import asyncio
import gc
import multiprocessing
import os
import signal
import threading
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from typing import Final, Literal

from case_store.repository import seeding, worktime
from case_store.repository.database import Database
from case_store.seeding.chronicle import Chronicle
from case_store.seeding.deadlines import Deadlines
from case_store.seeding.plan import SeedPlan
from case_store.seeding.rows import Rows
from case_store.seeding.words import Words
from case_store.worktime.timekeeping import Timekeeping

What = Literal["people", "cases"]


@dataclass(frozen=True, slots=True)
class Task:
    """A stretch of the story."""

    what: What
    first: int
    last: int


class Worker:
    """Tells and writes, batch after batch, on a connection of its own."""

    def __init__(self, url: str, plan: SeedPlan) -> None:
        """Prepare the story, with the working time that the store holds."""
        self._database = Database(url, pool_size=1)
        self._loop = asyncio.Runner()
        self._chronicle = Chronicle(plan, Words(), Deadlines(self._loop.run(self._timekeeping())))

    def write(self, task: Task) -> int:
        """Tell a stretch and write it; how many were told."""
        tell = self._chronicle.people if task.what == "people" else self._chronicle.cases
        self._loop.run(self._write(tell(task.first, task.last)))
        return task.last - task.first

    async def _timekeeping(self) -> Timekeeping:
        async with self._database.transaction() as tx:
            return await worktime.read(tx)

    async def _write(self, rows: Rows) -> None:
        async with self._database.transaction() as tx:
            await seeding.copy(tx, rows.by_table(), rows.documents)


_worker: Worker | None = None


def begin(url: str, plan: SeedPlan) -> None:
    """Make this process a worker: it leaves Ctrl-C to its parent and does not outlive it."""
    global _worker  # noqa: PLW0603  (a process of a pool has nowhere else to keep what it needs)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent: Final = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()
    gc.disable()  # rows hold no cycles, and there are hundreds of thousands of them at a time
    _worker = Worker(url, plan)


def _follow(parent: BaseProcess) -> None:
    """Our parent is gone, however it went: so are we."""
    parent.join()
    os._exit(1)


def work(task: Task) -> int:
    """Do one stretch in the process that `begin` made a worker."""
    if _worker is None:
        message = "this process was not begun as a worker"
        raise RuntimeError(message)
    return _worker.write(task)
