"""What goes on after a screen was shown: bounded, named, and finished when the gateway stops."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

import structlog

_MOST: Final = 2_000
_STOP_SECONDS: Final = 5.0
_log = structlog.get_logger()


class Background:
    """A part that holds the tasks which nobody waits for."""

    name = "background"

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Nothing to begin."""

    async def stop(self) -> None:
        """A moment for what is under way, then no more."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_STOP_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def health(self) -> str | None:
        """Whether more waits to be done than can be."""
        return f"{len(self._tasks)} tasks wait to be done" if len(self._tasks) >= _MOST else None

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Do it beside everything else; left undone, and told, where there is too much of it."""
        if len(self._tasks) >= _MOST:
            work.close()
            _log.error("background_full", task=name)
            return
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("background_failed", task=task.get_name(), error=type(error).__name__)
