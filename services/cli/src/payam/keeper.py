"""Keeps one child process alive: starts it, asks how it is, starts it again, ends it in good order."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable

from payam.errors import EngineDiedError, OperatorError
from payam.processes import Child, Farewell
from payam.status import PartStatus, State

_ASK_OFTEN = 0.1
_ASK_NOW_AND_THEN = 1.0
_LIVED_WELL = 60.0
"""A child that ran so long gets the shortest back-off again."""
LONGEST_BACK_OFF = 30.0


def back_off_after(previous: float | None) -> float:
    """1, 2, 4 … 30 seconds."""
    return 1.0 if previous is None else min(previous * 2, LONGEST_BACK_OFF)


class Keeper:
    """One child process and the care for it."""

    def __init__(
        self,
        status: PartStatus,
        *,
        spawn: Callable[[], Awaitable[Child]],
        ask: Callable[[], Awaitable[str | None]],
        on_ready: Callable[[], Awaitable[None]],
        must_live: bool,
        farewell: Farewell,
    ) -> None:
        """`ask` says None when all is well; `on_ready` runs when a new process is ready for the first time.

        A part that `must_live` and ends before it ever was ready is an error, not a thing to retry.
        """
        self.status = status
        self._spawn = spawn
        self._ask = ask
        self._on_ready = on_ready
        self._must_live = must_live
        self._farewell = farewell
        self._leaving = asyncio.Event()

    async def keep(self) -> None:
        """Start it, and again whenever it ends, until `leave`."""
        pause: float | None = None
        while not self._leaving.is_set():
            began = time.monotonic()
            why = await self._live_once()
            if self._leaving.is_set():
                break
            pause = back_off_after(None if time.monotonic() - began > _LIVED_WELL else pause)
            self.status.restarts += 1
            self.status.become(State.RESTARTING, f"{why}; again in {pause:.0f} s")
            await asyncio.sleep(pause)
        self.status.become(State.ENDED)

    async def leave(self) -> None:
        """End it in good order, or hard when its patience is over."""
        self._leaving.set()
        child = self.status.child
        if child is None or child.exit_code is not None:
            return
        self.status.become(State.DRAINING)
        await asyncio.to_thread(child.end, self._farewell)
        self.status.become(State.ENDED)

    def kill(self) -> None:
        """End it at once."""
        self._leaving.set()
        child = self.status.child
        if child is not None and child.exit_code is None:
            child.kill()

    async def _live_once(self) -> str:
        """One life, from start to end; why it ended."""
        try:
            child = await self._spawn()
        except OperatorError as error:
            if self._at_first_start:
                raise
            return str(error)
        if self._leaving.is_set():
            child.kill()
        self.status.begin(child)
        while child.exit_code is None:
            await self._look()
            await asyncio.sleep(_ASK_NOW_AND_THEN if self.status.state is State.READY else _ASK_OFTEN)
        return self._obituary(child)

    async def _look(self) -> None:
        reason = await self._ask()
        if self._leaving.is_set() or self.status.pid is None:
            return
        if reason is not None:
            known = self.status.ready_after is not None
            self.status.become(State.NOT_READY if known else State.STARTING, reason)
            return
        if self.status.ready_after is None:
            try:
                await self._on_ready()
            except OperatorError as error:
                if self._at_first_start:
                    raise
                self.status.become(State.STARTING, str(error))
                return
            self.status.ready_after = time.monotonic() - self.status.started_at
        self.status.become(State.READY)

    @property
    def _at_first_start(self) -> bool:
        return self._must_live and self.status.restarts == 0 and self.status.ready_after is None

    def _obituary(self, child: Child) -> str:
        code = child.exit_code or 0
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        words = f": {child.last_words()}" if code > 0 else ""
        if self._at_first_start and not self._leaving.is_set():
            raise EngineDiedError(
                what=f"{self.status.name} {how} while starting{words}",
                mend=f"Read {child.log}; `payam doctor` tells what else is wrong.",
            )
        return f"{how}{words}"
