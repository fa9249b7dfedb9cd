"""Screens that come by a call of their own: each is waited for under its session's key."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Iterable
from typing import Final

from simulator.errors import NetworkError
from simulator.ussd import Screen

_COPIES_WAIT_SECONDS: Final = 0.5


class Mailbox:
    """Who waits for the screen of which session.

    Of two copies of a request the first gets the first screen. Our gateway may answer them with one: the
    second then takes the same, a moment later.
    """

    def __init__(self, patience: float) -> None:
        """Give up after so many seconds."""
        self._patience = patience
        self._waiting: dict[str, deque[asyncio.Future[Screen]]] = defaultdict(deque)

    async def after(self, request: Awaitable[object], key: str) -> Screen:
        """Make the request, then wait for its screen.

        Raises:
            NetworkError: the request failed, or no screen came in time.
        """
        screen: asyncio.Future[Screen] = asyncio.get_running_loop().create_future()
        self._waiting[key].append(screen)
        try:
            async with asyncio.timeout(self._patience):
                await request
                return await screen
        except TimeoutError:
            message = "the gateway sent no screen in time"
            raise NetworkError(message) from None
        finally:
            self._waiting[key].remove(screen)
            if not self._waiting[key]:
                del self._waiting[key]

    def put(self, key: str, screen: Screen) -> bool:
        """Hand a screen over; False when nobody waits for it."""
        waiting = [one for one in self._waiting.get(key, ()) if not one.done()]
        if not waiting:
            return False
        first, *copies = waiting
        first.set_result(screen)
        if copies:
            asyncio.get_running_loop().call_later(_COPIES_WAIT_SECONDS, _settle, copies, screen)
        return True


def _settle(copies: Iterable[asyncio.Future[Screen]], screen: Screen) -> None:
    for copy in copies:
        if not copy.done():
            copy.set_result(screen)
