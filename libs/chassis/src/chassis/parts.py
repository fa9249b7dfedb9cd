"""What a service is made of: parts that start in order, say whether they are ready, and stop in reverse."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Protocol, runtime_checkable

import structlog
from prometheus_client import Counter

_FAILURES_TOLD: Final = 3
_log = structlog.get_logger()
_ticks = Counter("payam_periodic_runs", "Runs of periodic work.", ["name", "outcome"])


class Part(Protocol):
    """Something that lives as long as its service."""

    name: str

    async def start(self) -> None:
        """Begin; an error here keeps the service from starting."""
        ...

    async def stop(self) -> None:
        """Finish what is in hand and let go."""
        ...

    def health(self) -> str | None:
        """None when ready, else the reason in plain words."""
        ...


@runtime_checkable
class Mortal(Protocol):
    """A part that can die after it started; the process must not outlive it."""

    def failure(self) -> BaseException | None:
        """What ended it, if it has ended."""
        ...


@runtime_checkable
class Holding(Protocol):
    """A part that holds requests open (a stream of events): they end before the service waits for them."""

    def let_go(self) -> None:
        """The service is about to stop."""
        ...


class Task:
    """Work that runs for ever: when it raises or returns, the service turns red and ends."""

    def __init__(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """`run` is awaited once and should never return."""
        self.name = name
        self._run = run
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self) -> None:
        """Begin in the background."""
        self._task = asyncio.create_task(self._for_ever(), name=self.name)

    async def stop(self) -> None:
        """Cancel and wait."""
        self._stopping = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    def health(self) -> str | None:
        """Ready while it runs."""
        if self._task is None:
            return "not started"
        return "ended" if self._task.done() else None

    def failure(self) -> BaseException | None:
        """What ended it."""
        if self._task is None or not self._task.done() or self._stopping:
            return None
        if self._task.cancelled():
            # A library that lets the cancellation of its own tasks out ends ours in silence.
            return RuntimeError(f"{self.name} was cancelled from inside")
        return self._task.exception()

    async def _for_ever(self) -> None:
        await self._run()
        message = f"{self.name} returned"
        raise RuntimeError(message)


class Periodic:
    """Work done again and again: one failure is logged and counted, three in a row show in health."""

    def __init__(self, name: str, every: float, run: Callable[[], Awaitable[None]]) -> None:
        """`every` is the pause between two runs, in seconds."""
        self.name = name
        self._every = every
        self._do = run
        self._failures = 0
        self._last_error = ""
        self._inner = Task(name, self._loop)

    async def start(self) -> None:
        """Begin; the first run comes at once."""
        await self._inner.start()

    async def stop(self) -> None:
        """Cancel and wait."""
        await self._inner.stop()

    def health(self) -> str | None:
        """The last error once it came three times in a row."""
        if self._failures >= _FAILURES_TOLD:
            return f"failed {self._failures} times in a row: {self._last_error}"
        return self._inner.health()

    def failure(self) -> BaseException | None:
        """What ended it for good."""
        return self._inner.failure()

    async def _loop(self) -> None:
        while True:
            try:
                await self._do()
            except Exception as error:  # noqa: BLE001  (one bad run must not end the work; it is logged and counted)
                self._failures += 1
                self._last_error = type(error).__name__
                _ticks.labels(self.name, "failed").inc()
                _log.warning(
                    "periodic_failed", part=self.name, error=self._last_error, in_a_row=self._failures
                )
            else:
                self._failures = 0
                _ticks.labels(self.name, "done").inc()
            await asyncio.sleep(self._every)
