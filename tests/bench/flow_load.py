"""The way of a message through all services: accepted, routed, filed; and each service's memory."""

import asyncio
import re
import statistics
import subprocess
import sys
import time

import httpx
import psutil

from payam.ports import free_port
from tests.bench.load import Outcome, closed_loop, mo_request, open_loop
from tests.bench.report import Figure
from tests.flow.running import Flow, until

ROUNDS = 3
ROUND_SECONDS = 4
CONNECTIONS = 64
PEOPLE = 20_000
SUSTAINED = 2_000
SUSTAIN_SECONDS = 20
MEMORY_LIMIT_MB = 150


def ingest(flow: Flow, texts: list[str], notes: list[str]) -> list[Figure]:
    """The webhook, accepted and durable, against a route that parses the same form and does nothing."""
    port = free_port()
    floor = subprocess.Popen([sys.executable, "tests/bench/floor.py", str(port)])
    router = psutil.Process(flow.pid("router"))
    ours, bare = [], []
    try:
        until(lambda: httpx.get(f"http://127.0.0.1:{port}/openapi.json").is_success)
        router.suspend()
        for number in range(ROUNDS):
            bare.append(run_closed(port, "/mo", texts, number))
            ours.append(run_closed(flow.ports["GATEWAY_SMS_PORT"], flow.mo_path, texts, number + 1))
    finally:
        floor.kill()
        router.resume()
    refused = sum(outcome.refused for outcome in ours)
    notes.append(
        f"ingest: {CONNECTIONS} connections, p99 {ours[-1].percentile(0.99) * 1000:.0f} ms, {refused} refused"
    )
    accepted = sum(outcome.accepted for outcome in ours)
    until(lambda: stored(flow) >= accepted, seconds=120, pause=0.5)
    return [
        Figure(
            "ingest.accepted_per_second",
            statistics.median(outcome.per_second for outcome in ours),
            "/s",
            0.6,
            floor=statistics.median(outcome.per_second for outcome in bare),
        ),
        Figure("ingest.lost", accepted - stored(flow), "messages", 0, at_least=False),
    ]


def pipeline(flow: Flow, texts: list[str], notes: list[str]) -> list[Figure]:
    """From accepted to case, at a rate held up for a while; then the same at half of it, for its tail."""
    figures = []
    for share, name in ((1.05, "sustained"), (0.5, "half")):
        before, base = stored(flow), buckets(flow)
        cpu = cpu_times(flow)
        rate = SUSTAINED * share
        began = time.perf_counter()
        outcome = run_open(flow, texts, rate, offset=int(share * 1000) * 1_000_000)
        until(lambda seen=before + outcome.accepted: stored(flow) >= seen, seconds=120, pause=0.1)
        took = time.perf_counter() - began
        lost = before + outcome.accepted - stored(flow)
        p99 = percentile(base, buckets(flow), 0.99)
        spent = {part: after - cpu[part] for part, after in cpu_times(flow).items()}
        shares = ", ".join(
            f"{part} {used / took:.0%}" for part, used in sorted(spent.items(), key=lambda kv: -kv[1])
        )
        notes.append(f"pipeline.{name}: {rate:.0f}/s for {SUSTAIN_SECONDS} s, core use: {shares}")
        notes.append(
            f"pipeline.{name}: accepted in {outcome.seconds:.1f} s, stored {took - outcome.seconds:.1f} s "
            f"later; p99 of the answer {outcome.percentile(0.99) * 1000:.0f} ms"
        )
        if name == "sustained":
            figures.append(
                Figure("pipeline.accepted_to_case_per_second", outcome.accepted / took, "/s", SUSTAINED)
            )
            figures.append(Figure("pipeline.lost", lost, "messages", 0, at_least=False))
        else:
            # The tail says little where the rate itself was not kept.
            kept = outcome.accepted / took
            figures.append(Figure("pipeline.half_rate_kept_per_second", kept, "/s", 0.95 * rate))
            figures.append(Figure("pipeline.accepted_to_case_p99_at_half", p99, "s", 1, at_least=False))
    return figures


def memory(flow: Flow, _texts: list[str], _notes: list[str]) -> list[Figure]:
    """Resident memory of each service after the load."""
    return [
        Figure(
            f"memory.{name}",
            psutil.Process(flow.pid(name)).memory_info().rss / 1e6,
            "MB",
            MEMORY_LIMIT_MB,
            at_least=False,
        )
        for name in flow.services
    ]


def run_closed(port: int, path: str, texts: list[str], number: int) -> Outcome:
    """One round of load on one server."""
    base = number * 10_000_000

    def request(position: int) -> bytes:
        return mo_request(path, base + position, texts[position % len(texts)], person(position))

    return asyncio.run(closed_loop(port, request, ROUND_SECONDS, CONNECTIONS))


def run_open(flow: Flow, texts: list[str], rate: float, offset: int) -> Outcome:
    """Load on the gateway at a given rate."""

    def request(position: int) -> bytes:
        return mo_request(flow.mo_path, offset + position, texts[position % len(texts)], person(position))

    port = flow.ports["GATEWAY_SMS_PORT"]
    return asyncio.run(open_loop(port, request, rate=rate, seconds=SUSTAIN_SECONDS, connections=CONNECTIONS))


def person(position: int) -> str:
    """One of `PEOPLE` phones, whose messages are simply delivered."""
    return f"0912{position % PEOPLE:05d}55"


def stored(flow: Flow) -> int:
    """Messages in the case store."""
    return int(flow.sql("SELECT count(*) FROM message")[0][0])


def filed(flow: Flow) -> float:
    """Messages that the case store has filed since it started, by its own count: asking costs it nothing."""
    return buckets(flow).get(float("inf"), 0.0)


def buckets(flow: Flow) -> dict[float, float]:
    """The case store's own histogram from accepted to committed: upper bound in seconds → count."""
    text = httpx.get(f"{flow.url('CASE_STORE')}/metrics").text
    pattern = r'payam_accept_to_case_seconds_bucket\{channel="sms",le="([^"]+)"\} (\S+)'
    return {float(bound): float(count) for bound, count in re.findall(pattern, text)}


def percentile(before: dict[float, float], after: dict[float, float], share: float) -> float:
    """The percentile of what came between, interpolated in its bucket as Prometheus does."""
    counts = {bound: after[bound] - before.get(bound, 0.0) for bound in sorted(after)}
    wanted = share * max(counts.values())
    low, below = 0.0, 0.0
    for bound, count in counts.items():
        if count >= wanted:
            return (
                bound
                if bound == float("inf")
                else low + (bound - low) * (wanted - below) / max(count - below, 1)
            )
        low, below = bound, count
    return float("inf")


def cpu_times(flow: Flow) -> dict[str, float]:
    """CPU seconds so far: each service and engine, and this load generator."""
    used = {"load": sum(psutil.Process().cpu_times()[:2])}
    for name in (*flow.services, "kafka", "postgres", "redis"):
        process = psutil.Process(flow.pid(name))
        family = [process, *process.children(recursive=True)]
        used[name] = sum(sum(member.cpu_times()[:4]) for member in family)
    return used
