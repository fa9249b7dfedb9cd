"""Live changes for the desks: heard once a process, told to each subscriber as far as they reach.

What happens within a moment is told as one change, a moment later: a page that looks again then sees it, and
a campaign day does not make every page look a thousand times a second. Whoever may have missed something is
told to look at everything again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import structlog

from case_store import metrics
from case_store.errors import StoreUnavailableError
from case_store.handlers.subscription import LOOK_AGAIN, Subscription, within
from case_store.repository import changes
from case_store.repository.changes import Change
from case_store.repository.database import Database
from case_store.staffing import Actor, Right
from chassis.parts import Task
from envelope.errors import PayamError

_GATHERING_SECONDS: Final = 0.3
"""Longer than a count of the queues stays fresh (`handlers.queues`)."""
_ASK_EVERY: Final = 15.0
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 5.0
_log = structlog.get_logger()


class Changes:
    """A Part: one connection that listens, however many are told."""

    name = "changes"

    def __init__(self, database: Database) -> None:
        """Nobody listens yet."""
        self._database = database
        self._subscriptions: set[Subscription] = set()
        self._gathered: dict[str, Change] = {}
        self._stirred = asyncio.Event()
        self._deaf: str | None = "has not begun to listen"
        self._task = Task(self.name, self._for_ever)

    async def start(self) -> None:
        """Begin to listen."""
        await self._task.start()

    async def stop(self) -> None:
        """Tell every subscriber that it is over, and stop."""
        self.let_go()
        await self._task.stop()

    def let_go(self) -> None:
        """The service is about to stop: requests that wait for changes end now."""
        for subscription in self._subscriptions:
            subscription.end()

    def health(self) -> str | None:
        """Ready while it hears."""
        return self._deaf

    def failure(self) -> BaseException | None:
        """What ended it."""
        return self._task.failure()

    @contextmanager
    def subscribed(self, actor: Actor) -> Iterator[Subscription]:
        """Hear of changes within reach until the block ends.

        Raises:
            ForbiddenError: they may not read cases.
        """
        actor.demand(Right.READ)
        subscription = Subscription(actor)
        self._subscriptions.add(subscription)
        metrics.CHANGES_WATCHED.set(len(self._subscriptions))
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)
            metrics.CHANGES_WATCHED.set(len(self._subscriptions))

    async def _for_ever(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                async with changes.listening(self._database, self._hear, self._lose) as ask:
                    if pause > _FIRST_PAUSE:
                        self._look_again()
                    self._deaf, pause = None, _FIRST_PAUSE
                    await self._serve(ask)
            except PayamError as error:
                if not error.retriable:
                    raise
                self._deaf = "does not hear of changes: PostgreSQL is away"
                _log.warning("changes_unheard", error=type(error).__name__, pause=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    async def _serve(self, ask: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await asyncio.wait_for(self._stirred.wait(), _ASK_EVERY)
            except TimeoutError:
                await ask()
                continue
            self._stirred.clear()
            if self._deaf is not None:
                raise StoreUnavailableError(self._deaf)
            await asyncio.sleep(_GATHERING_SECONDS)
            gathered, self._gathered = self._gathered, {}
            await self._fan_out(gathered)

    def _hear(self, payload: str) -> None:
        for desk, change in changes.read(payload).items():
            self._gathered.setdefault(desk, Change()).add(change)
        self._stirred.set()

    def _lose(self) -> None:
        self._deaf = "PostgreSQL has ended the connection"
        self._stirred.set()

    def _look_again(self) -> None:
        for subscription in self._subscriptions:
            subscription.tell(LOOK_AGAIN)

    async def _fan_out(self, gathered: Mapping[str, Change]) -> None:
        asked = await self._asked(gathered)
        for subscription in self._subscriptions:
            reached = within(subscription.actor, gathered, asked)
            if reached is not None:
                subscription.tell(reached)

    async def _asked(self, gathered: Mapping[str, Change]) -> Mapping[str, set[str]]:
        """The cases that were referred to units of subscribers: those they reach on other people's desks."""
        limited = (s.actor for s in self._subscriptions if not s.actor.may(Right.READ_ALL))
        units = {unit for actor in limited for unit in actor.units}
        codes = {code for change in gathered.values() for code in change.cases}
        if not units or not codes:
            return {}
        async with self._database.transaction() as tx:
            return await changes.referred(tx, codes, units)
