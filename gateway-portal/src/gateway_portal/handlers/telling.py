"""Tell partners what happened: claim what is due, post it signed, report how it went."""

import asyncio
from typing import Final

import structlog
from prometheus_client import Counter

from chassis.parts import Task
from gateway_portal.clients.webhook_work import WebhookWork
from gateway_portal.clients.webhooks import WebhookSender
from gateway_portal.errors import StoreAwayError
from gateway_portal.schemas.webhooks import Outcome, Why
from gateway_portal.schemas.webhooks import Telling as Told

_AT_ONCE: Final = 40
_LEASE_SECONDS: Final = 60
"""Longer than a try can last, with the wait for a store that is away before it is reported."""
_IDLE_SECONDS: Final = 1.0
_AWAY_SECONDS: Final = 3.0
_MOST_REPORTED: Final = 500
_LAST_TRIES_SECONDS: Final = 5.0
_told = Counter("payam_portal_webhooks", "Webhooks posted, by how that went.", ["outcome"])
_log = structlog.get_logger()


class Telling:
    """A part of the service: its work runs as long as it does.

    What is under way when the service ends is waited for, for a while; what is not reported by then is given
    out again when its lease is over, and told twice at worst: the event's id is the same.
    """

    name = "webhooks"

    def __init__(
        self, work: WebhookWork, sender: WebhookSender, *, idle_seconds: float = _IDLE_SECONDS
    ) -> None:
        """Take the collaborators.

        Args:
            work: What the case store has for us to do.
            sender: Who posts it.
            idle_seconds: How long to wait before it is asked again when there was nothing.
        """
        self._work = work
        self._sender = sender
        self._idle_seconds = idle_seconds
        self._under_way: set[asyncio.Task[None]] = set()
        self._unreported: list[tuple[Told, Outcome]] = []
        self._trouble: str | None = None
        self._running = Task(self.name, self._run)

    async def start(self) -> None:
        """Begin to ask for work."""
        await self._running.start()

    async def stop(self) -> None:
        """Ask for no more, wait a while for what is under way, and report it."""
        await self._running.stop()
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=_LAST_TRIES_SECONDS)
            for task in late:
                task.cancel()
        try:
            await self._report()
        except StoreAwayError:
            _log.warning("webhook_results_lost", results=len(self._unreported))
        await self._sender.close()

    def health(self) -> str | None:
        """Why nothing is told, if nothing is."""
        return self._trouble or self._running.health()

    def failure(self) -> BaseException | None:
        """What ended it for good."""
        return self._running.failure()

    async def _run(self) -> None:
        while True:
            try:
                claimed = await self._turn()
            except StoreAwayError as error:
                if self._trouble is None:
                    _log.warning("webhook_work_away")
                self._trouble = str(error)
                await asyncio.sleep(_AWAY_SECONDS)
                continue
            self._trouble = None
            await self._pause(0 if claimed else self._idle_seconds)

    async def _turn(self) -> int:
        """Report what has ended, claim what there is room for, begin it; how much that was."""
        await self._report()
        room = _AT_ONCE - len(self._under_way)
        claimed = await self._work.claim(room, _LEASE_SECONDS) if room else ()
        for told in claimed:
            task = asyncio.create_task(self._tell(told))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return len(claimed)

    async def _pause(self, seconds: float) -> None:
        """Until there is something to report, or it is time to ask again."""
        if self._under_way:
            await asyncio.wait(
                self._under_way, timeout=self._idle_seconds, return_when=asyncio.FIRST_COMPLETED
            )
        else:
            await asyncio.sleep(seconds)

    async def _tell(self, told: Told) -> None:
        try:
            outcome = await self._sender.post(told)
        except Exception as error:  # noqa: BLE001  (one event that cannot be told must not be claimed for ever)
            _log.error("webhook_fault", delivery_id=str(told.delivery_id), error=type(error).__name__)
            outcome = Outcome(error=Why.FAULT)
        self._unreported.append((told, outcome))
        _told.labels(outcome.error or "delivered").inc()
        _log.info(
            "webhook_posted",
            delivery_id=str(told.delivery_id),
            attempt=told.attempt,
            status=outcome.status,
            error=outcome.error,
        )

    async def _report(self) -> None:
        while self._unreported:
            some = self._unreported[:_MOST_REPORTED]
            await self._work.report(some)
            del self._unreported[: len(some)]
