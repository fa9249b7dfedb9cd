"""The calls to the SDP, every way they fail as an `OperatorError`, and our subscription to its notices."""

import asyncio
import re
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import chain, repeat
from typing import Final, NoReturn

import httpx
import structlog

from chassis.parts import Task
from gateway_ussd.errors import (
    OperatorAwayError,
    OperatorError,
    OperatorRefusedError,
    OperatorSilentError,
    UnreadableError,
)
from gateway_ussd.model import Screen
from gateway_ussd.providers.huawei import soap, writer
from gateway_ussd.providers.huawei.reader import Notice, digest

_ALREADY: Final = "SVC0005"
_CODE: Final = re.compile(r"(?:SVC|POL)[0-9]{4}")
_WAITS: Final = (1.0, 2.0, 5.0, 15.0, 30.0)
_HEADERS: Final = {"Content-Type": soap.MEDIA_TYPE, "SOAPAction": '""'}
_log = structlog.get_logger()


class Sdp:
    """One pooled client to one SDP."""

    def __init__(self, name: str, client: httpx.AsyncClient, url: str, account: writer.Account) -> None:
        """`url` is where `sendUssd` is; nothing can be sent where it is empty."""
        self.name = f"{name}-calls"
        self.account = account
        self._client = client
        self._url = url

    async def start(self) -> None:
        """Nothing to do: connections are made when they are needed."""

    async def stop(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def health(self) -> str | None:
        """Whether screens can be sent at all."""
        return None if self._url else "base_url is not set"

    async def show(self, notice: Notice, screen: Screen) -> None:
        """Send a screen; a session whose screen is refused is aborted, for nobody else would end it.

        Raises:
            OperatorError: the screen did not certainly arrive.
        """
        try:
            await self.call(self._url, writer.screen(self.account, notice, screen, datetime.now(UTC)))
        except OperatorRefusedError:
            with suppress(OperatorError):
                await self.call(self._url, writer.abort(self.account, notice, datetime.now(UTC)))
            raise

    async def call(self, url: str, body: bytes) -> None:
        """One operation.

        Raises:
            OperatorError: it did not certainly do what it was for.
        """
        if not url:
            _away("its address is not set")
        try:
            answer = await self._client.post(url, content=body, headers=_HEADERS)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            _away(type(error).__name__)
        except httpx.HTTPError as error:
            _silent(type(error).__name__)
        _judge(answer)


class Subscription:
    """Has the SDP notify us while we live; asked for until it is given, without holding up the start."""

    def __init__(self, name: str, sdp: Sdp, url: str, endpoint: str, code: str, *, stays: bool) -> None:
        """`url` is the SDP's notification manager, `endpoint` our own address; `stays` after we stop."""
        self.name = f"{name}-notification"
        self._sdp = sdp
        self._url = url
        self._endpoint = endpoint
        self._code = code
        self._stays = stays
        self._correlator = digest(f"{name} {code}")[:16]
        self._missing: str | None = "not asked for yet"
        self._task = Task(self.name, self._subscribe)

    async def start(self) -> None:
        """Begin to ask."""
        await self._task.start()

    async def stop(self) -> None:
        """End the subscription, unless other replicas live on it."""
        await self._task.stop()
        if self._missing is None and not self._stays:
            with suppress(OperatorError):
                await self._call(writer.stop(self._sdp.account, self._correlator, datetime.now(UTC)))

    def health(self) -> str | None:
        """Why the SDP does not notify us."""
        return self._missing or self._task.health()

    async def _subscribe(self) -> None:
        for wait in chain(_WAITS, repeat(_WAITS[-1])):
            account, now = self._sdp.account, datetime.now(UTC)
            try:
                await self._call(writer.start(account, self._endpoint, self._correlator, self._code, now))
            except OperatorRefusedError as error:
                self._missing = None if error.code == _ALREADY else str(error)
            except OperatorError as error:
                self._missing = str(error)
            else:
                self._missing = None
            if self._missing is None:
                _log.info("notification_started", part=self.name)
                await asyncio.Event().wait()
            await asyncio.sleep(wait)

    async def _call(self, body: bytes) -> None:
        await self._sdp.call(self._url, body)


def _judge(answer: httpx.Response) -> None:
    """What is inside counts first, then the HTTP status, for proxies answer too."""
    status = f"HTTP {answer.status_code}"
    try:
        message = soap.read(answer.content)
    except UnreadableError:
        if answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            _away(status)
        _silent(f"{status} and no answer that can be read")
    if message.operation == "Fault":
        code = _CODE.search(message.fields.get("faultcode", ""))
        _refused("a fault", code[0] if code else "")
    if answer.is_error:
        _silent(status)
    if message.fields.get("result", "").strip() not in {"", "0"}:
        _refused("a result that is not 0")


def _away(reason: str) -> NoReturn:
    # `from None`: what httpx raises names the URL.
    raise OperatorAwayError(reason) from None


def _silent(reason: str) -> NoReturn:
    raise OperatorSilentError(reason) from None


def _refused(reason: str, code: str = "") -> NoReturn:
    raise OperatorRefusedError(reason, code)
