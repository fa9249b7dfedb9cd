"""Kafka behind the port: batches by partition, `acks=all`, and an eye on a broker that forgets."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final
from zlib import crc32

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from aiokafka.producer.message_accumulator import BatchBuilder

from bus.errors import BusUnavailableError, RecordTooLargeError
from bus.port import Record
from bus.settings import KafkaSettings
from bus.topics_admin import ensure_topics

_LINGER_MS: Final = 5
_FEW: Final = 8
"""So few records of one partition wait a moment for others; more go as a batch of their own at once."""
_WATCH_SECONDS: Final = 0.5
_RETRY_SECONDS: Final = 0.5
_log = structlog.get_logger()


class KafkaBus:
    """One producer for a process, and the generation of the broker's memory.

    Partitions are chosen by CRC-32 of the key (`docs/decisions/0004`), so that one person's messages
    stay in order; every producer of ours goes through here and agrees.
    """

    name = "kafka"

    def __init__(self, settings: KafkaSettings) -> None:
        """Build nothing yet; `start` connects."""
        self.settings = settings
        self.generation = 0
        self._producer: AIOKafkaProducer | None = None
        self._reason: str | None = "not connected yet"
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False
        self._on_forgotten: list[Callable[[], None]] = []

    def on_forgotten(self, call: Callable[[], None]) -> None:
        """Have `call` run whenever a forgetful broker comes back empty."""
        self._on_forgotten.append(call)

    async def start(self) -> None:
        """Connect in the background: a gateway must come up and spool while Kafka is away."""
        self._tasks = [asyncio.create_task(self._connect(), name="kafka-connect")]
        if self.settings.forgetful:
            self._tasks.append(asyncio.create_task(self._watch(), name="kafka-watch"))

    async def stop(self) -> None:
        """Flush what is under way, then disconnect."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._producer is not None:
            try:
                async with asyncio.timeout(self.settings.publish_timeout_seconds):
                    await self._producer.stop()
            except (KafkaError, OSError, TimeoutError):
                _log.warning("kafka_left_in_haste")

    def health(self) -> str | None:
        """Ready once connected, and as long as the last publish was taken."""
        return self._reason

    def failure(self) -> BaseException | None:
        """What ended the connecting or the watching; a process that notices nothing any more must end."""
        for task in self._tasks:
            if task.done() and not self._stopping:
                return RuntimeError("cancelled from inside") if task.cancelled() else task.exception()
        return None

    async def publish(self, records: Sequence[Record]) -> None:
        """See `Publisher.publish`."""
        producer = self._producer
        if producer is None:
            message = "Kafka has not been reached yet"
            raise BusUnavailableError(message)
        try:
            async with asyncio.timeout(self.settings.publish_timeout_seconds):
                await self._send(producer, records)
        except MessageSizeTooLargeError:
            message = "a record is larger than the broker takes"
            raise RecordTooLargeError(message) from None
        except (KafkaError, OSError, TimeoutError) as error:
            self._reason = f"Kafka did not take the last publish: {type(error).__name__}"
            message = f"Kafka did not take the records in time ({type(error).__name__})"
            raise BusUnavailableError(message) from None
        self._reason = None

    async def _send(self, producer: AIOKafkaProducer, records: Sequence[Record]) -> None:
        grouped: defaultdict[tuple[str, int], list[Record]] = defaultdict(list)
        counts: dict[str, int] = {}
        for record in records:
            topic = record.topic
            if topic not in counts:
                counts[topic] = await self._partitions(producer, topic)
            grouped[topic, crc32(record.key) % counts[topic]].append(record)
        taken = []
        for (topic, partition), group in grouped.items():
            if len(group) <= _FEW:
                taken += [await _lingering(producer, record, partition) for record in group]
                continue
            batch = producer.create_batch()
            for record in group:
                if not _added(batch, record):
                    taken.append(await _at_once(producer, batch, topic, partition))
                    batch = producer.create_batch()
                    if not _added(batch, record):
                        message = "a record is larger than a batch may be"
                        raise RecordTooLargeError(message)
            taken.append(await _at_once(producer, batch, topic, partition))
        await asyncio.gather(*taken)

    async def _partitions(self, producer: AIOKafkaProducer, topic: str) -> int:
        """How many there are, as the broker says.

        Not the embedded one, which makes a topic with four by being asked of it, and takes what is sent to a
        partition that is not there: a producer that remembers a topic of its last life would write to nobody.
        """
        return 1 if self.settings.forgetful else len(await producer.partitions_for(topic))

    async def _connect(self) -> None:
        while self._producer is None:
            # A producer without idempotence is a setting: the embedded broker refuses it.
            producer = AIOKafkaProducer(
                bootstrap_servers=self.settings.bootstrap_servers,
                acks="all",
                linger_ms=_LINGER_MS,
                enable_idempotence=self.settings.idempotent_producer,
                max_batch_size=self.settings.max_batch_bytes,
                max_request_size=2 * self.settings.max_batch_bytes,
                request_timeout_ms=int(self.settings.publish_timeout_seconds * 2000),
                metadata_max_age_ms=30_000,
            )
            try:
                await producer.start()
            except (KafkaError, OSError) as error:
                self._reason = f"Kafka cannot be reached: {type(error).__name__}"
                await producer.stop()
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                self._producer = producer
                self._reason = None

    async def _watch(self) -> None:
        """A memory broker gets a new cluster id at each start: a change means that it forgot everything."""
        known: str | None = None
        while True:
            try:
                async with self._admin() as admin:
                    while True:
                        cluster_id = await self._cluster_id(admin)
                        if known is not None and cluster_id != known:
                            await self._forgotten()
                        known = cluster_id
                        await asyncio.sleep(_WATCH_SECONDS)
            except (KafkaError, OSError, TimeoutError, BusUnavailableError):
                await asyncio.sleep(_WATCH_SECONDS)  # away; what it has forgotten shows when it is back

    async def _forgotten(self) -> None:
        await ensure_topics(self.settings)
        self.generation += 1
        _log.warning("broker_forgot", generation=self.generation)
        for call in self._on_forgotten:
            call()

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        """One connection for all the asking: a new one each time is most of what an idle service does."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.settings.bootstrap_servers)
        try:
            async with asyncio.timeout(self.settings.publish_timeout_seconds):
                await admin.start()
            yield admin
        finally:
            await admin.close()

    async def _cluster_id(self, admin: AIOKafkaAdminClient) -> str:
        async with asyncio.timeout(self.settings.publish_timeout_seconds):
            described = await admin.describe_cluster()
        return str(described["cluster_id"])


async def _lingering(producer: AIOKafkaProducer, record: Record, partition: int) -> "asyncio.Future[object]":
    topic, key, value, headers = record
    taken: asyncio.Future[object] = await producer.send(
        topic, value, key, partition=partition, headers=list(headers)
    )
    return taken


async def _at_once(
    producer: AIOKafkaProducer, batch: BatchBuilder, topic: str, partition: int
) -> "asyncio.Future[object]":
    batch.close()  # a closed batch does not linger
    taken: asyncio.Future[object] = await producer.send_batch(batch, topic, partition=partition)
    return taken


def _added(batch: BatchBuilder, record: Record) -> bool:
    headers = list(record.headers)
    return batch.append(timestamp=None, key=record.key, value=record.value, headers=headers) is not None
