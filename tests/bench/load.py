"""Load from one process on loopback: raw keep-alive HTTP, so that it costs little beside the server."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

_OK = (b"HTTP/1.1 200", b"HTTP/1.1 201", b"HTTP/1.1 303")
"""Done, made, or done and shown on another page."""
_LENGTH = b"content-length: "


@dataclass
class Outcome:
    """What came of a load."""

    seconds: float = 0.0
    accepted: int = 0
    refused: int = 0
    latencies: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return self.accepted / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def mo_request(path: str, number: int, text: str, sender: str) -> bytes:
    """A webhook call as Kavenegar makes it."""
    body = urlencode({"from": sender, "to": "10001420", "message": text, "messageid": str(number)}).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """Any call, ready to be sent."""
    told = {"Host": "localhost", **headers} | ({"Content-Length": str(len(body))} if body else {})
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


async def closed_loop(
    port: int, requests: Callable[[int], bytes], seconds: float, connections: int
) -> Outcome:
    """As fast as `connections` senders go that each wait for their answer."""
    outcome = Outcome()
    began = time.perf_counter()
    ends = began + seconds
    numbers = iter(range(10**9))

    async def sender() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (sent := time.perf_counter()) < ends:
            writer.write(requests(next(numbers)))
            await _answer(reader, outcome)
            outcome.latencies.append(time.perf_counter() - sent)
        writer.close()

    await asyncio.gather(*(sender() for _ in range(connections)))
    outcome.seconds = time.perf_counter() - began
    return outcome


async def open_loop(
    port: int, requests: Callable[[int], bytes], *, rate: float, seconds: float, connections: int
) -> Outcome:
    """`rate` requests a second whatever the server does; late ones are sent at once, none is left out."""
    outcome = Outcome()
    total = int(rate * seconds)
    numbers = iter(range(total))
    began = time.perf_counter()

    async def sender() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in numbers:
            due = began + number / rate
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            writer.write(requests(number))
            await _answer(reader, outcome)
            outcome.latencies.append(time.perf_counter() - due)
        writer.close()

    await asyncio.gather(*(sender() for _ in range(connections)))
    outcome.seconds = time.perf_counter() - began
    return outcome


async def sessions(
    port: int,
    steps_of: Callable[[int], Sequence[bytes]],
    *,
    rate: float | None,
    seconds: float,
    connections: int,
) -> Outcome:
    """Whole sessions, each step after the answer to the one before; `rate` begin each second, or None for all
    that fit. A step is late from the moment at which it could have been sent.
    """
    outcome = Outcome()
    numbers = iter(range(int(rate * seconds) if rate else 10**9))
    began = time.perf_counter()

    async def sender() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in numbers:
            due = began + number / rate if rate else time.perf_counter()
            if due >= began + seconds:
                break
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            for step in steps_of(number):
                writer.write(step)
                await _answer(reader, outcome)
                outcome.latencies.append(time.perf_counter() - due)
                due = time.perf_counter()
        writer.close()

    await asyncio.gather(*(sender() for _ in range(connections)))
    outcome.seconds = time.perf_counter() - began
    return outcome


async def _answer(reader: asyncio.StreamReader, outcome: Outcome) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    lowered = head.lower()
    if (at := lowered.find(_LENGTH)) >= 0:
        start = at + len(_LENGTH)
        await reader.readexactly(int(head[start : head.index(b"\r", start)]))
    if head.startswith(_OK):
        outcome.accepted += 1
    else:
        outcome.refused += 1
