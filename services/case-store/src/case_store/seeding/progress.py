"""How far a seeding is: a bar with rate and time left on a terminal, a line now and then elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

_EVERY_SECONDS: Final = 10.0


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s")


class Telling:
    """One stage of the work."""

    def __init__(self, console: Console, bar: Progress | None, what: str, total: int) -> None:
        """Begin at nothing."""
        self._console, self._bar, self._what, self._total = console, bar, what, total
        self._task = None if bar is None else bar.add_task(what, total=total)
        self._done, self._began = 0, time.monotonic()
        self._next = self._began + _EVERY_SECONDS

    def advance(self, count: int) -> None:
        """So many more are done."""
        self._done += count
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, advance=count)
        elif (now := time.monotonic()) >= self._next or self._done >= self._total:
            self._next = now + _EVERY_SECONDS
            rate = self._done / max(now - self._began, 1e-9)
            left = (self._total - self._done) / max(rate, 1e-9)
            self._console.print(
                f"{self._what}: {self._done:,} of {self._total:,}, {rate:,.0f}/s, {left:.0f} s left",
                highlight=False,
            )


@contextmanager
def telling(console: Console, what: str, total: int) -> Iterator[Telling]:
    """Show one stage while the block runs."""
    if not console.is_terminal:
        yield Telling(console, None, what, total)
        return
    columns = (
        TextColumn("{task.description:<8}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        yield Telling(console, bar, what, total)
