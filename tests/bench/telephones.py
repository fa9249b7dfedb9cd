"""Two hundred telephones at a double of Asterisk, which times what it is ordered after what it told."""

import asyncio
import threading
import time
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.gateway_voice.asterisk_double import AsteriskDouble, Line, running

LEAVES = {"language": "1", "section": "1", "tone": "#", "review": "3", "callback-right": "1"}
"""What the caller of a message presses, by the prompt that is heard to its end."""
SAYS_NOTHING = LEAVES | {"tone": "nothing"}
_LONGEST = 900.0
"""Seconds after which calls that do not end are a fault."""
_numbers = count(9_130_000_000)


@dataclass
class Telephone(Line):
    """Can hang up without a word."""

    def follow_habit(self) -> None:
        last = "tone" if self.recording else self.heard[-1]
        if self.habits.get(last) == "nothing":
            self.hang_up(0)
        else:
            super().follow_habit()


@dataclass
class Switchboard(AsteriskDouble):
    """Keeps lines busy; `waits` are seconds from an event to the order that answers it."""

    rung: int = 0
    left: int = 0
    """Calls whose caller leaves a message."""
    events: int = 0
    waits: list[float] = field(default_factory=list)
    _unanswered: dict[str, float] = field(default_factory=dict)

    def ring(self, number: str | None = None, habits: Mapping[str, str] | None = None) -> Line:
        self.rung += 1
        line = Telephone(self, f"1795358302.{self.rung}", number or f"0{next(_numbers)}")
        line.habits = dict(habits or {})
        self.lines[line.id] = line
        line._tell("StasisStart")
        return line

    def tell(self, what: dict[str, Any]) -> None:
        self.events += 1
        of = what.get("channel", {}).get("id") or _target(what)
        if what["type"] in {"StasisEnd", "ChannelHangupRequest"}:
            self._unanswered.pop(of, None)
        elif of in self.lines:
            self._unanswered.setdefault(of, time.perf_counter())
        super().tell(what)

    def line(self, channel: str) -> Line:
        told = self._unanswered.pop(channel, None)
        if told is not None:
            self.waits.append(time.perf_counter() - told)
        return super().line(channel)

    async def busy(self, lines: int, *, calls: int, every: int) -> float:
        """So many calls, so many at a time, every so manieth with a message; the seconds that they took."""
        self.waits.clear()
        self.events, until = 0, self.rung + calls
        began = time.perf_counter()
        async with asyncio.timeout(_LONGEST):
            while self.rung < until or self.lines:
                while self.rung < until and len(self.lines) < lines:
                    leaves = self.rung % every == 0
                    self.left += leaves
                    self.ring(habits=LEAVES if leaves else SAYS_NOTHING)
                await asyncio.sleep(0.005)
        return time.perf_counter() - began

    def p99(self) -> float:
        """Of the waits, in milliseconds."""
        return sorted(self.waits)[int(len(self.waits) * 0.99)] * 1_000


def _target(what: dict[str, Any]) -> str:
    for kind in ("playback", "recording"):
        if kind in what:
            return str(what[kind]["target_uri"]).removeprefix("channel:")
    return ""


@contextmanager
def switchboards(*boards: Switchboard) -> Iterator[asyncio.AbstractEventLoop]:
    """All of them, served by a thread of their own."""
    loop, up, over = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def serve() -> None:
        async with asyncio.TaskGroup() as group:
            for board in boards:
                group.create_task(_until(board, over))
            while not all(board.port for board in boards):  # noqa: ASYNC110  (they ring no bell)
                await asyncio.sleep(0.01)
            up.set()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        up.wait(30)
        yield loop
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


async def _until(board: Switchboard, over: asyncio.Event) -> None:
    async with running(board):
        await over.wait()


def at(loop: asyncio.AbstractEventLoop, what: Coroutine[Any, Any, float]) -> float:
    """Run it where the switchboards are."""
    return asyncio.run_coroutine_threadsafe(what, loop).result()
