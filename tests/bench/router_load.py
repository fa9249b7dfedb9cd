"""The router alone: messages a core, from the broker and back to it."""

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil

from bus.kafka import KafkaBus
from bus.port import Record
from bus.settings import KafkaSettings
from bus.topics_admin import ensure_topics
from envelope.addresses import sender_address
from envelope.models import Channel, Envelope, message_id_of
from envelope.topics import INBOUND
from payam.engines import running_engines
from payam.ports import free_port
from tests.bench.report import Figure
from tests.flow.running import until

MESSAGES = 60_000
CHUNK = 2_000
TARGET = 15_000


def measure_router(texts: list[str], notes: list[str]) -> list[Figure]:
    """Fill the inbound topic, start the router on it, count its CPU seconds until all is routed."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_engines(Path(folder), postgres=False, redis=False) as engines,
    ):
        told = {
            "KAFKA_BOOTSTRAP_SERVERS": engines.urls.kafka,
            "KAFKA_IDEMPOTENT_PRODUCER": "false",
            "KAFKA_FETCH_MAX_WAIT_MS": "100",
            "KAFKA_SESSION_TIMEOUT_MS": "3000",
            "ROUTER_PORT": str(free_port()),
        }
        settings = KafkaSettings(bootstrap_servers=engines.urls.kafka, idempotent_producer=False)
        asyncio.run(fill(settings, texts))
        router = subprocess.Popen(
            [sys.executable, "-m", "message_router"], env=os.environ | told, stdout=subprocess.DEVNULL
        )
        try:
            base = f"http://127.0.0.1:{told['ROUTER_PORT']}"
            first = until(lambda: handled(base), pause=0.01)
            process = psutil.Process(router.pid)
            cpu, began = sum(process.cpu_times()[:2]), time.perf_counter()
            until(lambda: handled(base) >= MESSAGES, seconds=60, pause=0.2)
            spent, took = sum(process.cpu_times()[:2]) - cpu, time.perf_counter() - began
        finally:
            router.kill()
    routed = MESSAGES - first
    notes.append(
        f"router: {routed / took:,.0f}/s by the clock beside the broker, "
        f"{spent / routed * 1e6:.0f} µs of CPU a message"
    )
    return [Figure("router.messages_per_core_second", routed / spent, "/s", TARGET)]


async def fill(settings: KafkaSettings, texts: list[str]) -> None:
    """Publish the sample over and over."""
    await ensure_topics(settings)
    bus = KafkaBus(settings)
    await bus.start()
    while bus.health() is not None:  # noqa: ASYNC110  (the bus tells its health, not its moment)
        await asyncio.sleep(0.05)
    for start in range(0, MESSAGES, CHUNK):
        await bus.publish(
            [record(number, texts[number % len(texts)]) for number in range(start, start + CHUNK)]
        )
    await bus.stop()


def record(number: int, text: str) -> Record:
    """One envelope as the gateway would publish it."""
    now = datetime.now(UTC)
    identity = message_id_of(Channel.SMS, "10001420", "kavenegar", str(number))
    sender = sender_address(f"0912{number % 100_000:06d}7")
    envelope = Envelope(
        message_id=identity,
        channel=Channel.SMS,
        provider="kavenegar",
        provider_message_id=str(number),
        line="10001420",
        sender=sender,
        text=text,
        occurred_at=now,
        received_at=now,
        correlation_id=identity,
    )
    return Record(INBOUND, sender.key, envelope.to_json())


def handled(base: str) -> int:
    """How many records the router says it has handled."""
    try:
        text = httpx.get(f"{base}/metrics").text
    except httpx.TransportError:
        return 0
    found = re.search(r'payam_bus_handled_total\{group="[^"]+"\} (\S+)', text)
    return int(float(found[1])) if found else 0
