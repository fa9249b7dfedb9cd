"""What Asterisk tells by WebSocket: connected again and again, each event handed to one listener."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final, Protocol

import structlog
from pydantic_core import from_json
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from gateway_voice.errors import AsteriskAwayError, AsteriskRefusedError, GoneError
from gateway_voice.metrics import ASTERISK_UP

Event = Mapping[str, Any]
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 5.0
_REPLACED_PAUSE: Final = 30.0
_LONGEST_EVENT: Final = 1_000_000
_HANDSHAKES: Final = logging.getLogger("gateway_voice.handshakes")
"""Told nothing below warnings: a handshake carries our password."""
_log = structlog.get_logger()


class Listener(Protocol):
    """Whoever follows the events."""

    def hear(self, event: Event) -> None:
        """One event, in their order; must not wait."""
        ...

    async def connected(self) -> None:
        """There is a connection, anew or for the first time; events come beside this."""
        ...


class Events:
    """One connection to `/events`, for ever."""

    def __init__(self, url: str, authorization: str) -> None:
        """`url`: with the name of our application; nothing is connected yet."""
        _HANDSHAKES.setLevel(logging.WARNING)
        self._url = url
        self._authorization = authorization
        self._listener: Listener | None = None
        self._up = False
        self._replaced = False
        self._listening: asyncio.Task[None] | None = None

    def attach(self, listener: Listener) -> None:
        """Whom to tell."""
        self._listener = listener

    def start(self) -> None:
        """Connect in the background, again and again."""
        self._listening = asyncio.create_task(self._listen_for_ever(), name="asterisk-events")

    async def stop(self) -> None:
        """Let go."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait({self._listening})

    def health(self) -> str | None:
        """Whether events come."""
        if self._replaced:
            return "another program has connected to Asterisk under our name"
        return None if self._up else "Asterisk is not connected"

    def failure(self) -> BaseException | None:
        """What ended the listening for good."""
        listening = self._listening
        if listening is None or not listening.done() or listening.cancelled():
            return None
        return listening.exception()

    async def _listen_for_ever(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._listen()
                pause = _FIRST_PAUSE
            except (OSError, WebSocketException, TimeoutError) as error:
                if self._up:
                    pause = _FIRST_PAUSE
                _log.warning("asterisk_lost", error=type(error).__name__)
            finally:
                self._up = False
                ASTERISK_UP.set(0)
            await asyncio.sleep(_REPLACED_PAUSE if self._replaced else pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _listen(self) -> None:
        async with connect(
            self._url,
            additional_headers={"Authorization": self._authorization},
            max_size=_LONGEST_EVENT,
            proxy=None,
            logger=_HANDSHAKES,
        ) as socket:
            self._up, self._replaced = True, False
            ASTERISK_UP.set(1)
            _log.info("asterisk_connected")
            taking_up = asyncio.create_task(self._take_up(), name="asterisk-connected")
            try:
                async for message in socket:
                    self._hear(message)
            finally:
                taking_up.cancel()
                await asyncio.wait({taking_up})

    async def _take_up(self) -> None:
        while self._listener is not None:
            try:
                await self._listener.connected()
            except (AsteriskAwayError, AsteriskRefusedError, GoneError) as error:
                _log.warning("asterisk_not_taken_up", error=type(error).__name__)
                await asyncio.sleep(_FIRST_PAUSE)
            except Exception as error:  # noqa: BLE001  (as above; the next answer may be better)
                _log.error("asterisk_not_taken_up", error=type(error).__name__)
                await asyncio.sleep(_LONGEST_PAUSE)
            else:
                return

    def _hear(self, message: str | bytes) -> None:
        try:
            event = from_json(message)
            if event["type"] == "ApplicationReplaced":
                self._replaced = True
                _log.error("asterisk_gives_calls_to_another")
            elif self._listener is not None:
                self._listener.hear(event)
        except Exception as error:  # noqa: BLE001  (one event, whatever it says, must not end all calls)
            _log.error("asterisk_unreadable_event", error=type(error).__name__)
