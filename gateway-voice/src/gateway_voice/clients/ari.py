"""Asterisk over ARI: its events by WebSocket, our orders by HTTP."""

import asyncio
import base64
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote

import httpx
import structlog
from pydantic_core import from_json
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from gateway_voice.errors import AsteriskAwayError, AsteriskRefusedError, GoneError
from gateway_voice.metrics import ASTERISK_UP
from gateway_voice.settings import AsteriskSettings

Event = Mapping[str, Any]
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 5.0
_REPLACED_PAUSE: Final = 30.0
_MOST_AT_ONCE: Final = 16
"""Orders under way: others wait their turn, which no time-out counts; httpx's own queue is slow when long."""
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


class Ari:
    """A part: while it is connected, Asterisk gives us the calls of its dialplan's `Stasis(<app>)`."""

    name = "asterisk"

    def __init__(self, settings: AsteriskSettings) -> None:
        """Nothing is connected yet."""
        user, password = settings.user, settings.password.get_secret_value()
        self._app = settings.app
        self._base = str(settings.url).rstrip("/")
        self._authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self._http = httpx.AsyncClient(
            base_url=self._base,
            headers={"Authorization": self._authorization},
            timeout=settings.timeout_seconds,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=_MOST_AT_ONCE),
            trust_env=False,
        )
        _HANDSHAKES.setLevel(logging.WARNING)
        self._turns = asyncio.Semaphore(_MOST_AT_ONCE)
        self._listener: Listener | None = None
        self._up = False
        self._replaced = False
        self._listening: asyncio.Task[None] | None = None

    def attach(self, listener: Listener) -> None:
        """Whom to tell of events."""
        self._listener = listener

    async def start(self) -> None:
        """Connect in the background, again and again."""
        self._listening = asyncio.create_task(self._listen_for_ever(), name="asterisk-events")

    async def stop(self) -> None:
        """Let go; Asterisk keeps the calls for whoever connects next."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait({self._listening})
        await self._http.aclose()

    def health(self) -> str | None:
        """Whether Asterisk can give us calls."""
        if self._replaced:
            return "another program has connected to Asterisk under our name"
        return None if self._up else "Asterisk is not connected"

    def failure(self) -> BaseException | None:
        """What ended the listening for good."""
        listening = self._listening
        if listening is None or not listening.done() or listening.cancelled():
            return None
        return listening.exception()

    async def order(self, method: str, path: str, **query: str | int) -> Any:  # noqa: ANN401  (as Asterisk has it)
        """What Asterisk answers to one order, read from its JSON; None where it says nothing.

        Raises:
            GoneError: the channel, playback or recording is no more.
            AsteriskRefusedError: it will not do this.
            AsteriskAwayError: no answer, or none that can be read.
        """
        try:
            async with self._turns:
                answer = await self._http.request(method, path, params=query)
            _check(answer)
            return from_json(answer.content) if answer.content else None
        except (httpx.HTTPError, ValueError) as error:
            raise AsteriskAwayError(type(error).__name__) from None

    async def play(self, channel: str, playback: str, media: Sequence[str]) -> None:
        """Play one after the other; `PlaybackFinished` comes once, at the end of all."""
        path = f"/channels/{quote(channel, safe='')}/play/{quote(playback, safe='')}"
        await self.order("POST", path, media=",".join(media))

    async def hush(self, playback: str) -> None:
        """Stop playing; fine if it has ended."""
        try:
            await self.order("DELETE", f"/playbacks/{quote(playback, safe='')}")
        except GoneError:
            return

    async def record(self, channel: str, name: str, longest: int, silence: int) -> None:
        """Record after a beep until `#`, a hang-up, `longest` seconds, or `silence` seconds of silence."""
        await self.order(
            "POST",
            f"/channels/{quote(channel, safe='')}/record",
            name=name,
            format="wav",
            maxDurationSeconds=longest,
            maxSilenceSeconds=silence,
            ifExists="fail",
            beep="true",
            terminateOn="#",
        )

    async def answer(self, channel: str) -> None:
        """Pick up."""
        await self.order("POST", f"/channels/{quote(channel, safe='')}/answer")

    async def hang_up(self, channel: str) -> None:
        """End the call; fine if it has ended."""
        try:
            await self.order("DELETE", f"/channels/{quote(channel, safe='')}")
        except GoneError:
            return

    async def hand_on(self, channel: str, context: str, extension: str) -> None:
        """On in the dialplan, out of our hands."""
        path = f"/channels/{quote(channel, safe='')}/continue"
        await self.order("POST", path, context=context, extension=extension, priority=1)

    async def channels(self) -> list[Event]:
        """Every call that Asterisk has, ours or not."""
        return list(await self.order("GET", "/channels") or ())

    async def follow(self, channel: str) -> None:
        """Have the events of a call that was ours before the connection was lost."""
        path = f"/applications/{quote(self._app, safe='')}/subscription"
        await self.order("POST", path, eventSource=f"channel:{channel}")

    async def stored(self) -> list[str]:
        """The names of all recordings that Asterisk holds."""
        found = await self.order("GET", "/recordings/stored")
        return [str(each["name"]) for each in found or ()]

    async def is_live(self, recording: str) -> bool:
        """Whether it is being recorded now."""
        try:
            await self.order("GET", f"/recordings/live/{quote(recording, safe='')}")
        except GoneError:
            return False
        return True

    async def end_recording(self, recording: str) -> None:
        """Stop it and keep what there is; fine if it has ended."""
        try:
            await self.order("POST", f"/recordings/live/{quote(recording, safe='')}/stop")
        except GoneError:
            return

    async def fetch(self, recording: str, into: Path) -> None:
        """Write a stored recording to a file, as it is.

        Raises:
            As `order`, and OSError where the disk would not take it.
        """
        path = f"/recordings/stored/{quote(recording, safe='')}/file"
        try:
            async with self._http.stream("GET", path) as answer:
                _check(answer)
                with into.open("wb") as file:
                    async for chunk in answer.aiter_bytes():
                        file.write(chunk)
        except httpx.HTTPError as error:
            raise AsteriskAwayError(type(error).__name__) from None

    async def forget(self, recording: str) -> None:
        """Delete a stored recording; fine if it is no more."""
        try:
            await self.order("DELETE", f"/recordings/stored/{quote(recording, safe='')}")
        except GoneError:
            return

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
        url = f"{self._base.replace('http', 'ws', 1)}/events?app={quote(self._app, safe='')}"
        async with connect(
            url,
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
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # One event in a form that we do not know must not end all calls.
            _log.error("asterisk_unreadable_event", error=type(error).__name__)


def _check(answer: httpx.Response) -> None:
    if answer.status_code == HTTPStatus.NOT_FOUND:
        raise GoneError
    if answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        raise AsteriskAwayError(str(answer.status_code))
    if answer.is_error:
        raise AsteriskRefusedError(str(answer.status_code))
