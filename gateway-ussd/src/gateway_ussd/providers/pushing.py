"""Screens for the operators that are acknowledged at once and called back: in order, bounded, counted.

A session's screens go one after another. One that the operator certainly never had is sent once more; one
that it may have is not, for a person would see it twice. Where a screen is lost for certain, the session is
told to have failed, so that dialling again goes on where it stopped.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

import structlog
from prometheus_client import Counter

from gateway_ussd.errors import OperatorAwayError, OperatorError, OperatorSilentError
from gateway_ussd.model import EndReason, Screen, Screens, Step, StepKind

Show = Callable[[Screen], Awaitable[None]]
"""Sends a screen to where its step came from; raises a `OperatorError`."""

PUSHED: Final = Counter(
    "gateway_ussd_pushed", "Screens sent by a call of ours, by what came of it.", ["provider", "outcome"]
)
_MOST_UNDER_WAY: Final = 2_000
_MOST_MARKS: Final = 20_000
_AGAIN_AFTER_SECONDS: Final = 0.2
_STOP_SECONDS: Final = 5.0
_log = structlog.get_logger()


class Pushes:
    """Steps in hand, each in a task of its own."""

    def __init__(self, name: str, screens: Screens, most: int = _MOST_UNDER_WAY) -> None:
        """`name` is the provider's; at most `most` steps are in hand."""
        self.name = f"{name}-screens"
        self._provider = name
        self._screens = screens
        self._most = most
        self._tasks: set[asyncio.Task[None]] = set()
        self._last: dict[str, asyncio.Task[None]] = {}
        self._marks: OrderedDict[str, None] = OrderedDict()

    def take(self, step: Step, show: Show, mark: str = "") -> bool:
        """Whether the step is in hand; False where too many are.

        A `mark` names one request of the operator: a second one of it is not answered anew, unless the first
        came to nothing.
        """
        if mark and mark in self._marks:
            PUSHED.labels(self._provider, "repeated").inc()
            return True
        if len(self._tasks) >= self._most:
            PUSHED.labels(self._provider, "too_many").inc()
            return False
        self._remember(mark)
        before = self._last.get(step.session_id)
        task = asyncio.create_task(self._push(step, show, mark, before), name=self.name)
        self._tasks.add(task)
        self._last[step.session_id] = task
        task.add_done_callback(lambda done: self._done(step.session_id, done))
        return True

    async def start(self) -> None:
        """Nothing to do: a task is begun for each step."""

    async def stop(self) -> None:
        """Finish what is in hand, as long as that takes no more than seconds."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_STOP_SECONDS)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def health(self) -> str | None:
        """None while another step can be taken."""
        return None if len(self._tasks) < self._most else f"{self._most} screens wait for the operator"

    async def _push(self, step: Step, show: Show, mark: str, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait({before})
        screen = await self._screens(step)
        if step.kind is StepKind.END:
            return
        try:
            await self._shown(show, screen)
        except OperatorError as error:
            self._marks.pop(mark, None)
            PUSHED.labels(self._provider, error.outcome).inc()
            _log.warning("screen_not_taken", provider=self._provider, reason=str(error))
            if not isinstance(error, OperatorSilentError):
                await self._screens(replace(step, kind=StepKind.END, typed=None, reason=EndReason.FAILED))
        else:
            PUSHED.labels(self._provider, "taken").inc()

    async def _shown(self, show: Show, screen: Screen) -> None:
        try:
            await show(screen)
        except OperatorAwayError:
            await asyncio.sleep(_AGAIN_AFTER_SECONDS)
            await show(screen)

    def _remember(self, mark: str) -> None:
        if mark:
            self._marks[mark] = None
            if len(self._marks) > _MOST_MARKS:
                self._marks.popitem(last=False)

    def _done(self, session_id: str, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._last.get(session_id) is task:
            del self._last[session_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            PUSHED.labels(self._provider, "crashed").inc()
            _log.error("screen_crashed", provider=self._provider, error=type(error).__name__)
