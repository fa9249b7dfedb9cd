"""Pushes to our webhooks, as Kavenegar makes them: form POSTs, one number's in order, 200 or not taken."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import NamedTuple
from zlib import crc32

import httpx

from simulator.settings import SimulatorSettings


class Push(NamedTuple):
    """One form on its way to one of our webhooks."""

    hook: str
    """`mo` or `dlr`."""
    form: Mapping[str, str]
    lane: str
    """Whose pushes must keep their order: a phone's number."""
    done: Callable[[bool], None]
    """Told whether the webhook said 200."""


class Webhooks:
    """A part: lanes that each push one thing at a time."""

    name = "webhooks"

    def __init__(self, settings: SimulatorSettings) -> None:
        """Push to the gateway of the settings."""
        secret = settings.webhook_secret.get_secret_value()
        self._base = f"{str(settings.gateway_url).rstrip('/')}/kavenegar/{secret}"
        self._timeout = settings.push_timeout_seconds
        self._lanes: list[asyncio.Queue[Push]] = [asyncio.Queue() for _ in range(settings.push_lanes)]
        self._workers: list[asyncio.Task[None]] = []

    @property
    def waiting(self) -> int:
        """Pushes that wait for their lane."""
        return sum(lane.qsize() for lane in self._lanes)

    def push(self, push: Push) -> None:
        """Lay a push into the lane of its number."""
        self._lanes[crc32(push.lane.encode()) % len(self._lanes)].put_nowait(push)

    async def start(self) -> None:
        """Open the lanes."""
        self._workers = [asyncio.create_task(self._work(lane), name="webhook-lane") for lane in self._lanes]

    async def stop(self) -> None:
        """Close the lanes; what still waits is as lost as it would be at Kavenegar's."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    def health(self) -> str | None:
        """A gateway that is away is no fault of the world's."""
        return None if all(not worker.done() for worker in self._workers) else "a webhook lane has ended"

    async def _work(self, lane: asyncio.Queue[Push]) -> None:
        async with httpx.AsyncClient(timeout=self._timeout, trust_env=False) as client:
            while True:
                push = await lane.get()
                accepted = False
                with contextlib.suppress(httpx.HTTPError):
                    answer = await client.post(f"{self._base}/{push.hook}", data=dict(push.form))
                    accepted = answer.status_code == HTTPStatus.OK
                push.done(accepted)
