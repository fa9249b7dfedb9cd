"""Voice: two hundred calls at once against a bare ARI client, fifty recordings, memory while calls pass."""

import statistics
import subprocess
import sys
import tempfile
import time
from asyncio import AbstractEventLoop
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psutil

from tests.bench.report import Figure
from tests.bench.telephones import Switchboard, at, switchboards
from tests.flow.running import Flow, running_flow, until
from tests.flow.speaking import push
from tests.gateway_voice.sounds import speech, wav

LINES = 200
CALLS = 400
ROUNDS = 3
EVERY = 20
"""Every so manieth caller leaves a message; each is listened to by a process of its own."""
SAYING = 0.3
"""Seconds that a prompt takes where waits are measured: some four hundred events a second."""
HURRIED = 0.005
RECORDINGS = 50
P99_OF_THE_FLOOR = 5.0
EVENTS_OF_THE_FLOOR = 0.25
GROWTH_MB = 15


def measure_voice(calls: int, notes: list[str]) -> list[Figure]:
    """On the whole flow, with everything on; `calls` pass while memory is watched."""
    double, bare = Switchboard(), Switchboard()
    with switchboards(double, bare) as loop, tempfile.TemporaryDirectory() as folder:
        settings = {
            "ASTERISK_URL": double.url,
            "ASTERISK_PASSWORD": "of-a-bench",
            "ASTERISK_KEY_SECONDS": "60",
        }
        with running_flow(Path(folder), SIMULATOR_MAGIC_NUMBERS="false", **settings) as flow:
            close(flow)
            until(lambda: double.connections)
            with floor(bare):
                figures = answering(loop, double, bare, notes)
            figures += memory(flow, loop, double, calls, notes)
            until(lambda: stored(flow) >= double.left, seconds=900, pause=1)
            lost = double.left - stored(flow) + len(double.stored) + len(double.lines)
            notes.append(f"voice: {double.rung:,} calls in all, {double.left} with a message")
            return [*figures, Figure("voice.lost", lost, "calls", 0, at_least=False), processing(flow, notes)]


def answering(
    loop: AbstractEventLoop, double: Switchboard, bare: Switchboard, notes: list[str]
) -> list[Figure]:
    """Events a second as fast as it goes, and how long an order waits at a pace: both beside the floor."""
    speeds, waits = [], []
    for saying, found in ((HURRIED, speeds), (SAYING, waits)):
        for _ in range(ROUNDS):
            pair = []
            for board in (bare, double):
                board.saying = saying
                seconds = at(loop, board.busy(LINES, calls=CALLS, every=EVERY))
                pair.append((board.events / seconds, board.p99()))
            found.append(pair)
    bare_speed, speed = (statistics.median(pair[who][0] for pair in speeds) for who in (0, 1))
    bare_p99, p99 = (statistics.median(pair[who][1] for pair in waits) for who in (0, 1))
    pace = statistics.median(pair[1][0] for pair in waits)
    notes.append(
        f"voice: {LINES} calls at once; at a pace of {pace:.0f} events/s p99 from event to order "
        f"{p99:.0f} ms, of the bare client {bare_p99:.0f} ms"
    )
    return [
        Figure("voice.events_to_floor", speed, "/s", EVENTS_OF_THE_FLOOR, floor=bare_speed),
        Figure(
            "voice.event_to_order_p99_to_floor", p99, "ms", P99_OF_THE_FLOOR, at_least=False, floor=bare_p99
        ),
    ]


def memory(
    flow: Flow, loop: AbstractEventLoop, double: Switchboard, calls: int, notes: list[str]
) -> list[Figure]:
    """Resident memory of the gateway while calls come and go; the first tenth is for warming up."""
    process = psutil.Process(flow.pid("gateway-voice"))
    double.saying = HURRIED
    resident = []
    for _ in range(10):
        at(loop, double.busy(LINES, calls=calls // 10, every=EVERY))
        resident.append(process.memory_info().rss / 1e6)
    notes.append(
        f"voice: resident MB over {calls} calls, an hour of {LINES} lines at three minutes each being 4,000: "
        + ", ".join(f"{size:.0f}" for size in resident)
    )
    growth = resident[-1] - resident[0]
    return [
        Figure("voice.memory_at_half", resident[4], "MB", resident[0] + GROWTH_MB, at_least=False),
        Figure("voice.memory_growth", growth, "MB", GROWTH_MB, at_least=False),
    ]


def processing(flow: Flow, notes: list[str]) -> Figure:
    """Fifty recordings of a minute, pushed at once: until each is a message in the case store."""
    sound, before = speech(60), stored(flow)
    sounds = []
    for number in range(RECORDINGS):
        sound[0] = number
        sounds.append(wav(sound))
    began = time.perf_counter()
    with ThreadPoolExecutor(4) as pbx:
        answers = list(pbx.map(lambda each: push(flow, each[1], f"0912555{each[0]:04}"), enumerate(sounds)))
    taken = time.perf_counter() - began
    refused = sum(answer.status_code != 202 for answer in answers)
    until(lambda: stored(flow) >= before + RECORDINGS - refused, seconds=300, pause=0.5)
    took = time.perf_counter() - began
    notes.append(f"voice: {RECORDINGS} recordings of a minute taken in {taken:.1f} s, {refused} refused")
    return Figure("voice.fifty_minutes_of_sound", took, "s", 60, at_least=False)


def close(flow: Flow) -> None:
    """Nobody is there, today and tomorrow: calls are led through the menu."""
    today = datetime.now(UTC).astimezone(ZoneInfo("Asia/Tehran")).date()
    for day in (today, today + timedelta(days=1)):
        told = {"intervals": None, "reason": "آزمایش"}
        flow.store.put(f"/calendar/days/{day}", json=told).raise_for_status()


def stored(flow: Flow) -> int:
    """Voice messages in the case store."""
    return int(flow.sql("SELECT count(*) FROM message WHERE channel = 'voice'")[0][0])


@contextmanager
def floor(bare: Switchboard) -> Iterator[None]:
    """The bare client of a switchboard."""
    process = subprocess.Popen([sys.executable, "tests/bench/ari_floor.py", bare.url])
    try:
        until(lambda: bare.connections)
        yield
    finally:
        process.kill()
        process.wait()
