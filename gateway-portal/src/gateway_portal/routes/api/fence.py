"""Around every answer to other services: bodies are bounded, and quotas told in the headers."""

from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway_portal.model import Caller
from gateway_portal.repository.quotas import Standing

LARGEST: Final = 64 * 1024
"""Bytes of a body; what people say is far shorter."""
_API: Final = "/api/"
_FOR_SERVICES: Final = (_API, "/open311/")


class Fence:
    """Between the server and the routes; what is for people passes untouched."""

    def __init__(self, app: ASGIApp, standing: Standing) -> None:
        """`standing` knows what each partner has used."""
        self._app = app
        self._standing = standing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on."""
        if scope["type"] != "http" or not scope["path"].startswith(_FOR_SERVICES):
            await self._app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                caller: Caller | None = scope.get("state", {}).get("caller")
                if caller is not None:
                    message["headers"] = [*message["headers"], *self._standing.headers(caller)]
            await send(message)

        bounded = _bounded(scope, receive) if scope["path"].startswith(_API) else receive
        await self._app(scope, bounded, told)


def _bounded(scope: Scope, receive: Receive) -> Receive:
    declared = Headers(scope=scope).get("content-length", "0")
    read = int(declared) if declared.isascii() and declared.isdigit() and int(declared) > LARGEST else 0

    async def bounded() -> Message:
        nonlocal read
        if read <= LARGEST:
            message = await receive()
            read += len(message.get("body", b""))
            if read <= LARGEST:
                return message
        raise HTTPException(413, f"A body has {LARGEST} bytes at most.")

    return bounded
