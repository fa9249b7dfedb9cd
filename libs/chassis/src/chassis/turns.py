"""HTTP to one other service over so many connections at most, for which calls wait their turn."""

import asyncio
import ssl
from typing import Final

import httpx

_AT_ONCE: Final = 100
"""As many as httpx itself would have."""
_SMALL: Final = 1_000_000
"""Bytes of an answer that is read at once."""
_ONE: Final = httpx.Limits(max_connections=None, max_keepalive_connections=1)


class InTurns(httpx.AsyncBaseTransport):
    """A transport for `httpx.AsyncClient`: the connection that was free last is the next one.

    httpx's own pool looks at every connection and every waiting call at each call and each answer, which
    under load was half of what a call cost; here each connection is a pool of its own. A large answer, which
    somebody may take long to read, is in nobody's way once its head has come.
    """

    def __init__(self, at_once: int = _AT_ONCE) -> None:
        """Nothing is connected yet."""
        self._turns = asyncio.Semaphore(at_once)
        self._free: list[httpx.AsyncHTTPTransport] = []
        self._tls: ssl.SSLContext | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """See `httpx.AsyncBaseTransport`.

        Raises:
            httpx.PoolTimeout: its turn did not come within the request's time-out for that.
        """
        try:
            async with asyncio.timeout(request.extensions.get("timeout", {}).get("pool")):
                await self._turns.acquire()
        except TimeoutError:
            message = "too many calls are under way"
            raise httpx.PoolTimeout(message, request=request) from None
        connection = self._free.pop() if self._free else self._made()
        try:
            answer = await connection.handle_async_request(request)
            return await _read(answer) if _is_small(answer) else answer
        finally:
            self._free.append(connection)
            self._turns.release()

    async def aclose(self) -> None:
        """Close the connections."""
        for connection in self._free:
            await connection.aclose()

    def _made(self) -> httpx.AsyncHTTPTransport:
        self._tls = self._tls or httpx.create_ssl_context()
        return httpx.AsyncHTTPTransport(verify=self._tls, limits=_ONE)


def _is_small(answer: httpx.Response) -> bool:
    return int(answer.headers.get("content-length", _SMALL)) < _SMALL


async def _read(answer: httpx.Response) -> httpx.Response:
    """The same with its body here, so that its connection is free for the next."""
    assert isinstance(answer.stream, httpx.AsyncByteStream)  # noqa: S101  (httpx types it for both worlds)
    try:
        content = b"".join([part async for part in answer.stream])
    finally:
        await answer.stream.aclose()
    return httpx.Response(
        answer.status_code,
        headers=answer.headers,
        stream=httpx.ByteStream(content),
        extensions=answer.extensions,
    )
