"""Asterisk over ARI: our orders by HTTP, beside its events."""

import base64
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx
from pydantic_core import from_json

from chassis.turns import InTurns
from gateway_voice.clients.events import Event, Events, Listener
from gateway_voice.errors import AsteriskAwayError, AsteriskRefusedError, GoneError
from gateway_voice.settings import AsteriskSettings
from objects.disk import Disk

_MOST_AT_ONCE: Final = 16
"""Orders under way: others wait their turn, which no time-out counts."""


class Ari:
    """A part: while it is connected, Asterisk gives us the calls of its dialplan's `Stasis(<app>)`."""

    name = "asterisk"

    def __init__(self, settings: AsteriskSettings, disk: Disk | None = None) -> None:
        """Nothing is connected yet; `disk` writes what is fetched."""
        self._disk = disk or Disk()
        user, password = settings.user, settings.password.get_secret_value()
        self._app = settings.app
        base = str(settings.url).rstrip("/")
        authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self._http = httpx.AsyncClient(
            base_url=base,
            headers={"Authorization": authorization},
            timeout=httpx.Timeout(settings.timeout_seconds, pool=None),
            transport=InTurns(_MOST_AT_ONCE),
        )
        url = f"{base.replace('http', 'ws', 1)}/events?app={quote(self._app, safe='')}"
        self._events = Events(url, authorization)

    def attach(self, listener: Listener) -> None:
        """Whom to tell of events."""
        self._events.attach(listener)

    async def start(self) -> None:
        """Connect in the background, again and again."""
        self._events.start()

    async def stop(self) -> None:
        """Let go; Asterisk keeps the calls for whoever connects next."""
        await self._events.stop()
        await self._http.aclose()

    def health(self) -> str | None:
        """Whether Asterisk can give us calls."""
        return self._events.health()

    def failure(self) -> BaseException | None:
        """What ended the listening for good."""
        return self._events.failure()

    async def order(self, method: str, path: str, **query: str | int) -> Any:  # noqa: ANN401  (as Asterisk has it)
        """What Asterisk answers to one order, read from its JSON; None where it says nothing.

        Nothing of people may stand in `query`: it is part of an address.

        Raises:
            GoneError: the channel, playback or recording is no more.
            AsteriskRefusedError: it will not do this.
            AsteriskAwayError: no answer, or none that can be read.
        """
        return await self._send(self._http.build_request(method, path, params=query))

    async def ask(self, path: str, body: Mapping[str, str | int]) -> Any:  # noqa: ANN401  (as Asterisk has it)
        """The same as a POST that says in its body what it wants, where people's numbers may stand."""
        return await self._send(self._http.build_request("POST", path, json=body))

    async def _send(self, request: httpx.Request) -> Any:  # noqa: ANN401  (as Asterisk has it)
        try:
            answer = await self._http.send(request)
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

    async def channel(self, channel: str) -> Event:
        """One of them."""
        return dict(await self.order("GET", f"/channels/{quote(channel, safe='')}"))

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
                with self._disk.write(into) as file:
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


def _check(answer: httpx.Response) -> None:
    if answer.status_code == HTTPStatus.NOT_FOUND:
        raise GoneError
    if answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        raise AsteriskAwayError(str(answer.status_code))
    if answer.is_error:
        raise AsteriskRefusedError(str(answer.status_code))
