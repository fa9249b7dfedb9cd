"""USSD: screens a second against a bare route with the same form, the tail at a rate, memory over time."""

import asyncio
import itertools
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlencode

import httpx
import psutil

from payam.ports import free_port
from tests.bench.load import Outcome, request, sessions
from tests.bench.report import Figure
from tests.flow.running import Flow, until

SETTINGS = {"GATEWAY_USSD_PROVIDERS": '{"africastalking": {"form": "africastalking", "tps": 1000000}}'}
"""No limit of an operator: what is measured is the gateway."""
ROUNDS = 3
ROUND_SECONDS = 4
CONNECTIONS = 64
SESSIONS_A_SECOND = 500
RATE_SECONDS = 15
SCREENS_A_SECOND = 2_500
OF_THE_FLOOR = 0.5
P99_MS = 100
GROWTH_MB = 10
_SLICES = 10
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_WAYS = (("2", "2"), ("2", "3"), ("3", "{national_id}"), ("6", "2"), ("4", "1"))
"""What people type, by turns: into the question menus, the basket of a national id, the language, answers."""
_runs = itertools.count(1)


def measure_ussd(flow: Flow, soak_seconds: float, notes: list[str]) -> list[Figure]:
    """Speed, tail and memory of one gateway process, everything else beside it."""
    port = flow.ports["GATEWAY_USSD_PORT"]
    with floor() as bare:
        rounds = [(closed(bare, "/ussd"), closed(port, "/ussd/africastalking")) for _ in range(ROUNDS)]
    bare_speed = statistics.median(outcome.per_second for outcome, _ in rounds)
    speed = statistics.median(outcome.per_second for _, outcome in rounds)
    tail = asyncio.run(
        sessions(
            port,
            steps("/ussd/africastalking"),
            rate=SESSIONS_A_SECOND,
            seconds=RATE_SECONDS,
            connections=CONNECTIONS,
        )
    )
    refused = tail.refused + sum(outcome.refused for _, outcome in rounds)
    p50, p99 = (tail.percentile(share) * 1000 for share in (0.5, 0.99))
    notes.append(
        f"ussd: {SESSIONS_A_SECOND} sessions of three screens a second for {RATE_SECONDS} s, "
        f"p50 {p50:.1f} ms, p99 {p99:.1f} ms"
    )
    return [
        Figure("ussd.screens_per_second", speed, "/s", SCREENS_A_SECOND),
        Figure("ussd.screens_to_floor", speed, "/s", OF_THE_FLOOR, floor=bare_speed),
        Figure("ussd.screen_p99", p99, "ms", P99_MS, at_least=False),
        Figure("ussd.refused", refused, "steps", 0, at_least=False),
        soak(flow, soak_seconds, notes),
    ]


def soak(flow: Flow, seconds: float, notes: list[str]) -> Figure:
    """How much the gateway's memory grows while sessions come and go; the first tenth is for warming up."""
    process = psutil.Process(flow.pid("gateway-ussd"))
    resident = []
    for _ in range(_SLICES):
        asyncio.run(
            sessions(
                flow.ports["GATEWAY_USSD_PORT"],
                steps("/ussd/africastalking"),
                rate=SESSIONS_A_SECOND / 2,
                seconds=seconds / _SLICES,
                connections=CONNECTIONS,
            )
        )
        resident.append(process.memory_info().rss / 1e6)
    shown = ", ".join(f"{size:.0f}" for size in resident)
    notes.append(
        f"ussd: resident MB over {seconds:.0f} s at {SESSIONS_A_SECOND // 2} sessions a second: {shown}"
    )
    return Figure("ussd.memory_growth", resident[-1] - resident[0], "MB", GROWTH_MB, at_least=False)


def steps(path: str) -> Callable[[int], Sequence[bytes]]:
    """The requests of a session as Africa's Talking sends them, each of somebody who never dialled before."""
    run = next(_runs)

    def of(number: int) -> Sequence[bytes]:
        way = [typed.format(national_id=national_id(number % 5_000)) for typed in _WAYS[number % len(_WAYS)]]
        return [step(path, run, number, way[:length]) for length in range(len(way) + 1)]

    return of


def step(path: str, run: int, number: int, typed: Sequence[str]) -> bytes:
    """One request of a session."""
    told = {
        "sessionId": f"ATUid_{run}_{number}_{time.time_ns() // 10**12}",
        "phoneNumber": f"+989{run % 100:02}{number % 10_000_000:07}",
        "networkCode": "43211",
        "serviceCode": "*4*1420#",
        "text": "*".join(typed),
    }
    return request("POST", path, _FORM, urlencode(told).encode())


def national_id(number: int) -> str:
    """A national id with its check digit."""
    nine = f"{100_000_000 + number:09}"
    rest = sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True)) % 11
    return f"{nine}{rest if rest < 2 else 11 - rest}"


def closed(port: int, path: str) -> Outcome:
    """One round, as fast as it goes."""
    return asyncio.run(sessions(port, steps(path), rate=None, seconds=ROUND_SECONDS, connections=CONNECTIONS))


@contextmanager
def floor() -> Iterator[int]:
    """The server of the bare routes; its port."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "tests/bench/floor.py", str(port)])
    try:
        until(lambda: httpx.get(f"http://127.0.0.1:{port}/openapi.json").is_success)
        yield port
    finally:
        process.kill()
        process.wait()
