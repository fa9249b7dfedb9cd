"""A service that menus ask, over real HTTP: it answers what it is told to, as slowly as it is told to."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

Reply = tuple[int, object]


@dataclass
class HttpService:
    """Keeps count of who asked what; `replies` by `METHOD /path?query`, else `default`."""

    default: Reply = (404, {})
    replies: dict[str, Reply] = field(default_factory=dict)
    delay: float = 0.0
    calls: Counter[str] = field(default_factory=Counter)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[object] = field(default_factory=list)
    _server: asyncio.Server | None = None
    _port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def total(self) -> int:
        return sum(self.calls.values())

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first = (await reader.readline()).decode().split()
            headers = await _headers(reader.readline)
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            asked = " ".join(first[:2])
            self.calls[asked] += 1
            self.headers.append(headers)
            self.bodies.append(json.loads(body) if body else None)
            await asyncio.sleep(self.delay)
            status, found = self.replies.get(asked, self.default)
            content = found if isinstance(found, bytes) else json.dumps(found).encode()
            head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Length: {len(content)}\r\n"
            writer.write(
                f"{head}Content-Type: application/json\r\nConnection: close\r\n\r\n".encode() + content
            )
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, IndexError):
            pass
        finally:
            writer.close()


async def _headers(line: Callable) -> dict[str, str]:
    found = {}
    while (row := (await line()).decode().strip()) != "":
        name, _, value = row.partition(": ")
        found[name.lower()] = value
    return found
