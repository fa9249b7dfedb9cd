"""How many routed messages a second are filed, and where the time goes.

`python -m tests.case_store.measure_intake`: 20,000 messages of 10,000 people, in batches of 500, to the
intake on an embedded PostgreSQL that flushes every commit.
"""

import asyncio
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import structlog
import uvloop

from case_store.migrate import migrate
from case_store.model import Rules
from case_store.repository.database import Database, Transaction
from envelope.models import RoutedMessage
from envelope.taxonomy import Topic
from envelope.tracking import mint
from payam.engines import running_engines
from tests.case_store.conftest import KEY, Store, routed

BATCH = 500


def messages(total: int) -> list[RoutedMessage]:
    """Two messages a person on average, four times in five on the person's own topic."""
    chance, topics = random.Random(1), list(Topic)
    made = []
    for number in range(total):
        person = chance.randrange(total // 2)
        topic = topics[person % len(topics)] if chance.random() < 0.8 else chance.choice(topics)
        made.append(
            routed(sender=f"+98912{person:07d}", topic=topic, code=mint(number, KEY), provider_id=str(number))
        )
    return made


def watch_copies() -> Counter[str]:
    """Seconds spent in each COPY."""
    spent: Counter[str] = Counter()
    copy = Transaction.copy

    async def timed(self: Transaction, table: str, columns, rows) -> None:
        began = time.perf_counter()
        await copy(self, table, columns, rows)
        spent[f"copy {table}"] += time.perf_counter() - began

    Transaction.copy = timed  # type: ignore[method-assign]
    return spent


async def measure(url: str, total: int) -> None:
    await migrate(url)
    database = Database(url)
    await database.start()
    store, batch = Store(database, Rules()), messages(total)
    spent = watch_copies()
    processor, began = time.process_time(), time.perf_counter()
    for start in range(0, total, BATCH):
        await store.file(*batch[start : start + BATCH])
    took, used = time.perf_counter() - began, time.process_time() - processor
    each, python = took / total * 1e6, used / total * 1e6
    print(f"{total / took:7.0f} messages/s; {each:.0f} µs each, {python:.0f} of them Python")
    for name, seconds in spent.most_common():
        print(f"{seconds / total * 1e6:7.1f} µs  {name}")
    began = time.perf_counter()
    for start in range(0, total, BATCH):
        await store.file(*batch[start : start + BATCH])
    print(f"{total / (time.perf_counter() - began):7.0f} messages/s when all of them are known")
    await database.stop()


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with (
            running_engines(Path(folder), kafka=False, redis=False) as engines,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            runner.run(measure(engines.urls.database, total))


if __name__ == "__main__":
    main()
