"""The case store as the desk calls it: with the token of the person at the keyboard, never one of ours."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import httpx

from chassis.turns import InTurns
from desk import errors
from desk.settings import DeskSettings

_REFUSALS: Final[Mapping[int, type[errors.RefusedError]]] = {
    401: errors.SignedOutError,
    403: errors.NotAllowedError,
    404: errors.NotThereError,
    409: errors.TakenError,
    412: errors.ChangedError,
    413: errors.InvalidError,
    415: errors.InvalidError,
    422: errors.InvalidError,
}
_AWAY: Final = "the case store does not answer"
_AT_ONCE: Final = 200
"""Calls under way; pages that listen for changes are none of them."""


class CaseStore:
    """The connections to the store; lives as long as the desk."""

    name = "case-store"

    def __init__(self, settings: DeskSettings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """`settings` say where it is and how long to wait; a test brings its own way there."""
        self._settings = settings
        self._transport = transport
        self._trouble: str | None = None
        self._leaving = asyncio.Event()
        self._http = self._client()

    async def start(self) -> None:
        """Open a pool; nothing is dialled yet."""
        if self._http.is_closed:
            self._http = self._client()

    async def stop(self) -> None:
        """Close it."""
        await self._http.aclose()

    def health(self) -> str | None:
        """Why the last call failed, if it did."""
        return self._trouble

    def let_go(self) -> None:
        """The desk is about to stop: feeds end now, and the pages dial again."""
        self._leaving.set()

    async def until_leaving(self, piece: Awaitable[bytes]) -> bytes | None:
        """The next piece of a feed; None once the desk is about to stop."""
        coming, leaving = asyncio.ensure_future(piece), asyncio.ensure_future(self._leaving.wait())
        try:
            await asyncio.wait({coming, leaving}, return_when=asyncio.FIRST_COMPLETED)
            return coming.result() if coming.done() else None
        finally:
            coming.cancel()
            leaving.cancel()

    def as_(self, token: str) -> "Session":
        """The store as one person sees it."""
        return Session(self, token)

    async def answer(self, request: httpx.Request, *, stream: bool = False) -> httpx.Response:
        """Send one call.

        Raises:
            StoreAwayError: no answer in time, or a 5xx.
            RefusedError: the store said no; one class a status.
        """
        try:
            response = await self._http.send(request, stream=stream)
        except httpx.HTTPError as error:
            self._trouble = type(error).__name__
            raise errors.StoreAwayError(_AWAY) from None
        if response.is_success:
            self._trouble = None
            return response
        if stream:
            await response.aread()
        if response.status_code in _REFUSALS:
            raise _REFUSALS[response.status_code](_problem(response))
        self._trouble = f"HTTP {response.status_code}"
        raise errors.StoreAwayError(_AWAY)

    def request(self, method: str, path: str, token: str, **told: Any) -> httpx.Request:  # noqa: ANN401
        """A call under `/api/v1`; `told` as httpx takes it."""
        headers = dict(told.pop("headers", {}))
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self._http.build_request(method, f"/api/v1{path}", headers=headers, **told)

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self._settings.case_store_url,
            timeout=httpx.Timeout(self._settings.call_timeout_seconds, connect=3),
            transport=self._transport or InTurns(_AT_ONCE),
        )


@dataclass(frozen=True, slots=True)
class Session:
    """The store's API with one person's token."""

    _store: CaseStore
    token: str

    async def get(self, path: str, **params: object) -> Any:  # noqa: ANN401  (the store's JSON)
        """Read; parameters that are None or empty are left out.

        Raises:
            StoreAwayError, RefusedError: as `CaseStore.answer`.
        """
        told = {name: value for name, value in params.items() if value not in (None, "")}
        request = self._store.request("GET", path, self.token, params=told)
        return (await self._store.answer(request)).json()

    async def send(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        key: str | None = None,
        version: str | int | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
    ) -> Any:  # noqa: ANN401  (the store's JSON)
        """Write: `key` makes a repeated POST write once, `version` refuses what has changed since.

        Raises:
            StoreAwayError, RefusedError: as `CaseStore.answer`.
        """
        headers = {}
        if key:
            headers["Idempotency-Key"] = f'"{key}"'
        if version not in (None, ""):
            headers["If-Match"] = f'"{version}"'
        told: dict[str, object] = {"files": files} if files else {"json": body or {}}
        request = self._store.request(method, path, self.token, headers=headers, **told)
        response = await self._store.answer(request)
        if response.status_code == HTTPStatus.NO_CONTENT or not response.content:
            return {}
        return response.json()

    async def feed(self, opened: httpx.Response) -> AsyncIterator[bytes]:
        """What the store tells as it happens, till the feed ends or the desk is about to stop."""
        pieces = aiter(opened.aiter_raw())
        try:
            while (piece := await self._store.until_leaving(anext(pieces))) is not None:
                yield piece
        except (httpx.HTTPError, StopAsyncIteration):
            return  # the store has gone; the page dials again by itself

    @asynccontextmanager
    async def stream(self, path: str, **params: object) -> AsyncIterator[httpx.Response]:
        """Read an answer as it comes: a file, an export, the feed of changes (a word every 15 seconds)."""
        timeout = httpx.Timeout(60, connect=3)
        told = {name: value for name, value in params.items() if value not in (None, "")}
        request = self._store.request("GET", path, self.token, params=told, timeout=timeout)
        response = await self._store.answer(request, stream=True)
        try:
            yield response
        finally:
            await response.aclose()


def _problem(response: httpx.Response) -> Mapping[str, Any]:
    try:
        told = response.json()
    except ValueError:
        return {"title": "refused"}
    return told if isinstance(told, dict) else {"title": "refused"}
