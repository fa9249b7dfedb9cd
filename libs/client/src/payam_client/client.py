"""The two clients: the same calls, one blocking and one to be awaited."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import Self, TypeVar

import httpx

from payam_client.calls import Calls
from payam_client.exchange import Flow, Patience
from payam_client.models import Case, NewMessage, Page, Receipt, Submission

R = TypeVar("R")


class Client:
    """Calls that block; safe to share between threads."""

    def __init__(
        self,
        address: str,
        key: str,
        *,
        timeout: float = 10.0,
        attempts: int = 4,
        longest_wait: float = 30.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`address` as `https://…`; `timeout` of one attempt and `longest_wait` between two are in seconds.

        Raises:
            ValueError: the address would give the key away.
        """
        self._calls = Calls(address, key, Patience(attempts, longest_wait))
        self._http = httpx.Client(timeout=timeout, transport=transport)

    def hand_in(self, message: NewMessage, *, idempotency_key: str | None = None) -> Receipt:
        """Hand in what a person says; a key of your own makes it the same message across restarts of yours.

        Raises:
            ProblemError: the API said no; so for every method here.
            UnavailableError: no answer, however often it was tried; go on with its `idempotency_key`.
        """
        return self._run(self._calls.hand_in(message, idempotency_key))

    def page(self, *, limit: int = 50, cursor: str | None = None, reference: str | None = None) -> Page:
        """A page of what was handed in, the newest first."""
        return self._run(self._calls.page(limit, cursor, reference))

    def messages(self, *, reference: str | None = None) -> Iterator[Submission]:
        """All that was handed in, page after page."""
        cursor: str | None = None
        while True:
            page = self.page(limit=200, cursor=cursor, reference=reference)
            yield from page.messages
            cursor = page.next_cursor
            if cursor is None:
                return

    def case(self, tracking_code: str) -> Case:
        """How it stands, with our answers."""
        return self._run(self._calls.case(tracking_code))

    def case_if_newer(self, known: Case) -> Case | None:
        """How it stands; None where nothing has changed since `known`."""
        return self._run(self._calls.case_if_newer(known))

    def withdraw(self, tracking_code: str, *, version: int | None = None) -> Case:
        """Take it back; with `version` only if it has not changed since it was read."""
        return self._run(self._calls.withdraw(tracking_code, version))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()

    def _run(self, flow: Flow[R]) -> R:
        answer: httpx.Response | httpx.TransportError | None = None
        while True:
            try:
                step = flow.send(answer)
            except StopIteration as end:
                result: R = end.value
                return result
            answer = None
            if isinstance(step, float):
                time.sleep(step)
                continue
            try:
                answer = self._http.send(step)
            except httpx.TransportError as error:
                answer = error


class AsyncClient:
    """The same calls, to be awaited."""

    def __init__(
        self,
        address: str,
        key: str,
        *,
        timeout: float = 10.0,
        attempts: int = 4,
        longest_wait: float = 30.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """As of `Client`."""
        self._calls = Calls(address, key, Patience(attempts, longest_wait))
        self._http = httpx.AsyncClient(timeout=timeout, transport=transport)

    async def hand_in(self, message: NewMessage, *, idempotency_key: str | None = None) -> Receipt:
        """Hand in what a person says; a key of your own makes it the same message across restarts of yours.

        Raises:
            ProblemError: the API said no; so for every method here.
            UnavailableError: no answer, however often it was tried; go on with its `idempotency_key`.
        """
        return await self._run(self._calls.hand_in(message, idempotency_key))

    async def page(self, *, limit: int = 50, cursor: str | None = None, reference: str | None = None) -> Page:
        """A page of what was handed in, the newest first."""
        return await self._run(self._calls.page(limit, cursor, reference))

    async def messages(self, *, reference: str | None = None) -> AsyncIterator[Submission]:
        """All that was handed in, page after page."""
        cursor: str | None = None
        while True:
            page = await self.page(limit=200, cursor=cursor, reference=reference)
            for submission in page.messages:
                yield submission
            cursor = page.next_cursor
            if cursor is None:
                return

    async def case(self, tracking_code: str) -> Case:
        """How it stands, with our answers."""
        return await self._run(self._calls.case(tracking_code))

    async def case_if_newer(self, known: Case) -> Case | None:
        """How it stands; None where nothing has changed since `known`."""
        return await self._run(self._calls.case_if_newer(known))

    async def withdraw(self, tracking_code: str, *, version: int | None = None) -> Case:
        """Take it back; with `version` only if it has not changed since it was read."""
        return await self._run(self._calls.withdraw(tracking_code, version))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        """Itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.aclose()

    async def _run(self, flow: Flow[R]) -> R:
        answer: httpx.Response | httpx.TransportError | None = None
        while True:
            try:
                step = flow.send(answer)
            except StopIteration as end:
                result: R = end.value
                return result
            answer = None
            if isinstance(step, float):
                await asyncio.sleep(step)
                continue
            try:
                answer = await self._http.send(step)
            except httpx.TransportError as error:
                answer = error
