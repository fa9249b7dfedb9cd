"""HTTP over few connections: calls wait their turn, each connection is used again, nobody is held up."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest

from chassis.turns import InTurns

LARGE = b"x" * 1_500_000


@dataclass
class Server:
    """Answers by the path: `/hold` when `go` is set, `/large` with much, `/drop` not at all."""

    go: asyncio.Event = field(default_factory=asyncio.Event)
    at_once: int = 0
    most: int = 0
    connections: int = 0
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self._answer(head.split()[1].decode(), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, path: str, writer: asyncio.StreamWriter) -> None:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        if path == "/hold":
            await self.go.wait()
        self.at_once -= 1
        if path == "/drop":
            raise ConnectionResetError
        body = LARGE if path == "/large" else path.encode()
        head = f"HTTP/1.1 200 OK\r\nX-Path: {path}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    yield server
    listening.close()


def calling(server: Server, at_once: int, **wait: float | None) -> httpx.AsyncClient:
    timeout = httpx.Timeout(10, **wait)
    return httpx.AsyncClient(base_url=server.url, timeout=timeout, transport=InTurns(at_once))


async def test_no_more_than_so_many_are_under_way_and_each_has_its_own_answer(server: Server):
    async with calling(server, 3) as http:
        asked = [asyncio.create_task(http.get("/hold")) for _ in range(20)]
        async with asyncio.timeout(10):
            while server.at_once < 3:  # noqa: ASYNC110  (a test polls what it does not own)
                await asyncio.sleep(0.01)
        server.go.set()
        answers = await asyncio.gather(*asked, http.get("/other"))
    assert [answer.text for answer in answers] == ["/hold"] * 20 + ["/other"]
    assert answers[-1].headers["x-path"] == "/other"
    assert (server.most, server.connections) == (3, 3)


async def test_one_after_the_other_goes_over_one_connection(server: Server):
    async with calling(server, 100) as http:
        for _ in range(5):
            await http.get("/")
    assert server.connections == 1


async def test_whose_turn_does_not_come_in_time_is_told_so_and_takes_no_turn(server: Server):
    async with calling(server, 1, pool=0.05) as http:
        first = asyncio.create_task(http.get("/hold"))
        await asyncio.sleep(0)
        with pytest.raises(httpx.PoolTimeout):
            await http.get("/")
        server.go.set()
        assert (await first).status_code == 200
        assert (await http.get("/")).text == "/"


async def test_without_a_limit_a_turn_is_waited_for(server: Server):
    async with calling(server, 1, pool=None) as http:
        first = asyncio.create_task(http.get("/hold"))
        second = asyncio.create_task(http.get("/"))
        await asyncio.sleep(0.1)
        assert not second.done()
        server.go.set()
        assert ((await first).text, (await second).text) == ("/hold", "/")


async def test_a_large_answer_that_is_read_slowly_is_in_nobodys_way(server: Server):
    async with calling(server, 1, pool=0.5) as http, http.stream("GET", "/large") as large:
        assert (await http.get("/")).text == "/"
        assert await large.aread() == LARGE


async def test_what_goes_wrong_is_told_as_httpx_does_and_gives_the_turn_back(server: Server):
    async with calling(server, 1, read=0.2) as http:
        with pytest.raises(httpx.RemoteProtocolError):
            await http.get("/drop")
        with pytest.raises(httpx.ReadTimeout):
            await http.get("/hold")
        assert (await http.get("/")).text == "/"


async def test_who_gave_up_waiting_takes_no_turn(server: Server):
    async with calling(server, 1) as http:
        first = asyncio.create_task(http.get("/hold"))
        second = asyncio.create_task(http.get("/"))
        await asyncio.sleep(0.05)
        second.cancel()
        first.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
        assert (await http.get("/")).text == "/"
