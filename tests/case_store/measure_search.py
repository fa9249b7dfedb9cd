"""How long a search takes, how fast documents are written, and what they weigh.

`python -m tests.case_store.measure_search [cases]`: 200,000 cases with two messages each over two years, on
an embedded PostgreSQL; words as in the labelled messages, a tenth of them rare.
"""

import asyncio
import json
import logging
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from uuid import UUID, uuid4

import structlog
import uvloop

from case_store.handlers.search import Search
from case_store.handlers.search_index import SearchIndex
from case_store.handlers.witness import Witness
from case_store.migrate import migrate
from case_store.repository.database import Database
from case_store.staffing import Actor, Role, member, service
from payam.engines import running_engines

LABELLED = Path(__file__).parents[1] / "router" / "messages-labelled.jsonl"
LETTERS = "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
TIMES = 20
PEOPLE = 1_000
DESKS = ("insurance", "treatment", "retirement", "general")
CASE = (
    *("id", "contact_id", "tracking_code", "state", "channel", "line", "topic", "section", "kind"),
    *("audience", "desk", "language", "opened_at", "last_activity_at"),
)
MESSAGE = (
    *("message_id", "case_id", "contact_id", "channel", "provider", "provider_message_id", "line"),
    *(
        "sender_kind",
        "sender",
        "intent",
        "text",
        "normalized_text",
        "topic",
        "kind",
        "audience",
        "confidence",
    ),
    *("decided_by", "classifier", "reasons", "occurred_at", "received_at", "stored_at", "correlation_id"),
)
RARE = "زعفرانکاری"


def texts(chance: random.Random) -> Iterator[str]:
    """Sixteen words on average; one word in a thousand texts is `RARE`."""
    said = [word for line in LABELLED.read_text().splitlines() for word in json.loads(line)["text"].split()]
    rare = ["".join(chance.choices(LETTERS, k=chance.randint(3, 8))) for _ in range(60_000)]
    while True:
        words = [
            chance.choice(said) if chance.random() < 0.9 else chance.choice(rare)
            for _ in range(max(3, int(chance.gauss(16, 8))))
        ]
        if chance.random() < 0.001:
            words.append(RARE)
        yield " ".join(words)


async def fill(database: Database, total: int) -> None:
    chance = random.Random(1)
    words, now = texts(chance), datetime.now(UTC)
    people = [uuid4() for _ in range(PEOPLE)]
    async with database.transaction() as tx:
        await tx.copy("contact", ("id", "created_at"), [(person, now) for person in people])
    for start in range(0, total, 10_000):
        cases, messages = [], []
        for number in range(start, min(start + 10_000, total)):
            case_id, person, desk = uuid4(), chance.choice(people), chance.choice(DESKS)
            at = now - timedelta(days=730) * (1 - number / total)
            about = ("answered", "sms", "1", "other", desk, "question", "unknown", desk, "fa")
            cases.append((case_id, person, str(number), *about, at, at))
            for _ in range(2):
                text = next(words)
                came = ("sms", "k", "1", "1", "msisdn", "+98912", "message", text, text)
                found = ("other", "question", "unknown", 0.9, "rules", "1", [])
                messages.append((uuid4(), case_id, person, *came, *found, at, at, at, UUID(int=1)))
        async with database.transaction() as tx:
            await tx.copy("cases", CASE, cases)
            await tx.copy("message", MESSAGE, messages)


async def measure(url: str, total: int) -> None:
    await migrate(url)
    database = Database(url)
    await database.start()
    await fill(database, total)
    began = time.perf_counter()
    await SearchIndex(database).catch_up()
    took = time.perf_counter() - began
    print(f"{total / took:.0f} documents/s, {took / total * 1e6:.0f} µs each")
    async with database.transaction() as tx:
        await tx.raw.execute("ANALYZE")
        for name in ("search_entry", "search_entry_words", "search_entry_newest", "search_word"):
            print(f"{await tx.raw.fetchval('SELECT pg_relation_size($1)', name) / 1e6:8.1f} MB  {name}")
    agent = member(
        uuid4(), "agent", frozenset({Role.AGENT}), frozenset({"treatment"}), frozenset({"treatment"})
    )
    queries = ("بیمه", "حقوق بازنشستگی", "بازنش", "ب", RARE, f"{RARE} بیمه", "واریز نشده لطفا پیگی", "qqqq")
    for name, actor in (("everything", service()), ("one desk", agent)):
        for query in queries:
            await one(Search(database, Witness(database)), name, actor, query)
    await database.stop()


async def one(search: Search, name: str, actor: Actor, query: str) -> None:
    spent = []
    for _ in range(TIMES):
        began = time.perf_counter()
        found = await search.find(actor, query, None, 21)
        spent.append((time.perf_counter() - began) * 1e3)
    told = f"{min(spent):6.1f} … {median(spent):6.1f} … {max(spent):6.1f} ms"
    print(f"{told}  {name}: {query!r} finds {len(found.cases)}")


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with (
            running_engines(Path(folder), kafka=False, redis=False) as engines,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            runner.run(measure(engines.urls.database, total))


if __name__ == "__main__":
    main()
