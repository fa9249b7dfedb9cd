"""A consumer that loses nothing and stops for nobody: effect first, offset after, poison aside."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError, RebalanceInProgressError
from prometheus_client import Counter, Histogram

from bus.dead_letters import Origin, bury
from bus.errors import BusUnavailableError
from bus.kafka import KafkaBus
from bus.port import Record

T = TypeVar("T")
_POLL_MS: Final = 200
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 10.0
_log = structlog.get_logger()

_handled = Counter("payam_bus_handled", "Records handled.", ["group"])
_buried = Counter("payam_bus_dead_letters", "Records laid aside.", ["group", "topic"])
_seconds = Histogram("payam_bus_batch_seconds", "Time to handle one batch.", ["group"])


class _Item(NamedTuple, Generic[T]):
    record: Record
    origin: Origin
    value: T


class Consumer(Generic[T]):
    """Reads topics as one member of a group and hands batches to `handle`.

    * Offsets are committed after `handle` returns: a crash repeats a batch, never skips one.
    * An error whose class says `retriable` holds the batch back and tries again, for ever.
    * Any other error halves the batch until the poison record is alone; it goes to `<topic>.dlq`.
    * When a forgetful broker comes back empty, reading starts again at the beginning.
    """

    def __init__(
        self,
        bus: KafkaBus,
        *,
        topics: Sequence[str],
        group: str,
        decode: Callable[[Record], T],
        handle: Callable[[Sequence[T]], Awaitable[None]],
        max_batch: int = 500,
    ) -> None:
        """Name what is read and who handles it; `start` joins the group."""
        self.name = f"consumer:{group}"
        self._bus = bus
        self._topics = tuple(topics)
        self._group = group
        self._decode = decode
        self._handle = handle
        self._max_batch = max_batch
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._reason: str | None = "has not joined its group yet"

    async def start(self) -> None:
        """Join in the background."""
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def stop(self) -> None:
        """Finish the batch in hand, commit, leave the group."""
        self._stopping.set()
        if self._task is not None:
            await asyncio.wait({self._task})

    def health(self) -> str | None:
        """Ready once joined, and as long as batches go through."""
        return self._reason

    def failure(self) -> BaseException | None:
        """What ended the reading, if it has ended: the process must end with it."""
        if self._task is None or not self._task.done() or self._stopping.is_set():
            return None
        if self._task.cancelled():
            return RuntimeError("reading was cancelled from inside")
        return self._task.exception() or RuntimeError("reading came to an end")

    async def _run(self) -> None:
        while not self._stopping.is_set():
            generation = self._bus.generation
            consumer = self._new_consumer()
            try:
                if await self._join(consumer, from_beginning=generation > 0):
                    await self._read(consumer, generation)
            finally:
                await self._leave(consumer)

    def _new_consumer(self) -> AIOKafkaConsumer:
        settings = self._bus.settings
        return AIOKafkaConsumer(
            bootstrap_servers=settings.bootstrap_servers,
            group_id=self._group,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            fetch_max_wait_ms=settings.fetch_max_wait_ms,
            session_timeout_ms=settings.session_timeout_ms,
            heartbeat_interval_ms=settings.session_timeout_ms // 6,
            max_partition_fetch_bytes=4 * settings.max_batch_bytes,
            metadata_max_age_ms=30_000,
        )

    async def _join(self, consumer: AIOKafkaConsumer, *, from_beginning: bool) -> bool:
        listener = _FromBeginning(consumer) if from_beginning else None
        consumer.subscribe(topics=self._topics, listener=listener)
        try:
            await consumer.start()
        except (KafkaError, OSError) as error:
            self._reason = f"cannot reach Kafka: {type(error).__name__}"
            await self._pause(_FIRST_PAUSE * 5)
            return False
        self._reason = None
        return True

    async def _leave(self, consumer: AIOKafkaConsumer) -> None:
        """Leave the group, whatever comes: aiokafka lets the cancellation of its own tasks out of `stop`."""
        leaving = asyncio.create_task(consumer.stop())
        await asyncio.wait({leaving}, timeout=_LONGEST_PAUSE)
        if not leaving.done():
            leaving.cancel()
        elif not leaving.cancelled() and (error := leaving.exception()) is not None:
            _log.warning("group_left_in_haste", group=self._group, error=type(error).__name__)

    async def _read(self, consumer: AIOKafkaConsumer, generation: int) -> None:
        while not self._stopping.is_set() and self._bus.generation == generation:
            try:
                fetched = await consumer.getmany(timeout_ms=_POLL_MS, max_records=self._max_batch)
            except (KafkaError, OSError) as error:
                self._reason = f"cannot read: {type(error).__name__}"
                await self._pause(_FIRST_PAUSE)
                continue
            if not fetched:
                continue
            items = await self._decoded(fetched)
            with _seconds.labels(self._group).time():
                taken = await self._take(items)
            if taken and self._bus.generation == generation:
                await self._commit(consumer, {tp: batch[-1].offset + 1 for tp, batch in fetched.items()})

    async def _decoded(self, fetched: dict[TopicPartition, list]) -> list[_Item[T]]:  # type: ignore[type-arg]  # aiokafka's records are untyped
        items: list[_Item[T]] = []
        for tp, messages in fetched.items():
            for message in messages:
                record = Record(tp.topic, message.key or b"", message.value or b"", message.headers)
                origin = Origin(tp.topic, tp.partition, message.offset)
                try:
                    items.append(_Item(record, origin, self._decode(record)))
                except Exception as error:  # noqa: BLE001  (whatever is wrong with one record, the rest goes on)
                    await self._bury(record, origin, error)
        return items

    async def _take(self, items: Sequence[_Item[T]]) -> bool:
        """Handle a batch; False when stopping came first and nothing may be committed."""
        if not items:
            return True
        try:
            taken = await self._until_available([item.value for item in items])
        except Exception as error:  # noqa: BLE001  (the poison is sought, laid aside and counted)
            if len(items) == 1:
                return await self._bury(items[0].record, items[0].origin, error)
            middle = len(items) // 2
            return await self._take(items[:middle]) and await self._take(items[middle:])
        _handled.labels(self._group).inc(len(items))
        return taken

    async def _until_available(self, values: Sequence[T]) -> bool:
        pause = _FIRST_PAUSE
        while not self._stopping.is_set():
            try:
                await self._handle(values)
            except Exception as error:
                if not getattr(error, "retriable", False):
                    raise
                self._reason = f"holds a batch back: {type(error).__name__}"
                _log.warning("batch_held_back", group=self._group, error=type(error).__name__, pause=pause)
                await self._pause(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                self._reason = None
                return True
        return False

    async def _bury(self, record: Record, origin: Origin, error: Exception) -> bool:
        letter = bury(record, origin, error)
        pause = _FIRST_PAUSE
        while not self._stopping.is_set():
            try:
                await self._bus.publish([letter])
            except BusUnavailableError:
                await self._pause(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                _buried.labels(self._group, origin.topic).inc()
                _log.error(
                    "record_laid_aside", group=self._group, **origin._asdict(), error=type(error).__name__
                )
                return True
        return False

    async def _commit(self, consumer: AIOKafkaConsumer, offsets: dict[TopicPartition, int]) -> None:
        try:
            await consumer.commit(offsets)
        except (CommitFailedError, IllegalStateError, RebalanceInProgressError):
            # The partitions went to another member, which will read the batch again: handlers are idempotent.
            _log.info("commit_lost_to_rebalance", group=self._group)
        except (KafkaError, OSError) as error:
            _log.warning("commit_failed", group=self._group, error=type(error).__name__)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)


class _FromBeginning(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """Offsets committed to a broker that has since forgotten its log mean nothing."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: list[TopicPartition]) -> None:
        """Nothing to do."""

    async def on_partitions_assigned(self, assigned: list[TopicPartition]) -> None:
        """Read from the beginning."""
        if assigned:
            await self._consumer.seek_to_beginning(*assigned)
