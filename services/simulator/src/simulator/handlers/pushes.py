"""Telling our webhooks: once, twice or never, as the number asks, and again until they answer 200."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

import structlog

from simulator.clients import Push
from simulator.model import BubbleState
from simulator.numbers import Behaviour
from simulator.repository import World

_log = structlog.get_logger()


class _News(NamedTuple):
    hook: str
    form: Mapping[str, str]
    lane: str
    moved: Callable[[BubbleState], None]


class Pushes:
    """Kavenegar's callbacks: what is not answered 200 is tried again, up to a number of times."""

    def __init__(self, world: World, push: Callable[[Push], None]) -> None:
        """Tell of this world, through `push`."""
        self._world = world
        self._push = push

    def tell(
        self,
        behaviour: Behaviour,
        hook: str,
        form: Mapping[str, str],
        lane: str,
        moved: Callable[[BubbleState], None],
    ) -> None:
        """Push a form as the behaviour asks; `moved` hears how it goes."""
        world = self._world
        overfull = len(world.timeline) >= world.settings.waiting_kept
        if behaviour is Behaviour.PUSH_LOST or world.faults.lose_pushes or overfull:
            world.counters.pushes_lost += 1
            moved(BubbleState.LOST)
            return
        for _ in range(2 if behaviour is Behaviour.PUSHED_TWICE else 1):
            self._try(_News(hook, form, lane, moved), attempt=1)

    def _try(self, news: _News, attempt: int) -> None:
        world = self._world
        counters = world.counters

        def done(accepted: bool) -> None:  # noqa: FBT001  (a webhook said yes or no; there is no third)
            if counters is not world.counters:
                return  # the world was reset meanwhile; this is no news of the new one
            if accepted:
                counters.pushes_accepted += 1
                news.moved(BubbleState.TAKEN)
                return
            counters.pushes_failed += 1
            if attempt >= world.settings.push_attempts:
                counters.pushes_given_up += 1
                _log.warning("push_given_up", hook=news.hook, attempts=attempt)
                news.moved(BubbleState.GIVEN_UP)
                return
            news.moved(BubbleState.WAITING)
            again = world.clock() + world.settings.push_retry_seconds
            world.timeline.at(again, partial(self._try, news, attempt + 1))

        self._push(Push(news.hook, news.form, news.lane, done))
