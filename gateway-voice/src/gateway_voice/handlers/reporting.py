"""How one call goes, told to the case store: the newest state, again and again while nobody answers."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from gateway_voice.calls.two_legs import Result, Stage
from gateway_voice.clients.call_store import CallStore
from gateway_voice.errors import CallUnknownError, CaseStoreAwayError
from gateway_voice.metrics import ASKED_REFUSED
from gateway_voice.repository.asked import CallNote

_SIGN_OF_LIFE: Final = 60.0
"""Seconds after which a state is told again: who hears nothing takes the call as lapsed."""
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a call stands."""

    stage: Stage
    at: datetime
    result: Result | None = None
    seconds: float | None = None

    @classmethod
    def of(cls, note: CallNote) -> "Progress":
        """As it is noted."""
        return cls(note.stage, note.at, note.result, note.seconds)


class Report:
    """Of one call."""

    def __init__(self, store: CallStore, call: UUID) -> None:
        """Nothing is told before `tell`."""
        self._store = store
        self._call = call
        self._newest: Progress | None = None
        self._wake = asyncio.Event()

    def tell(self, progress: Progress) -> None:
        """It stands there now; what was not told of before need not be."""
        self._newest = progress
        self._wake.set()

    async def run(self) -> None:
        """Until its end is told, or the case store wants to hear no more of it."""
        pause = _FIRST_PAUSE
        while True:
            await self._something_to_tell()
            told = self._newest
            if told is None:
                continue
            try:
                await self._store.progress(self._call, told.stage, told.result, told.seconds, told.at)
            except CallUnknownError as error:
                ASKED_REFUSED.labels("progress").inc()
                _log.warning("call_not_known", call=str(self._call), state=told.stage, status=str(error))
                if told.stage is Stage.ENDED:
                    return
            except CaseStoreAwayError as error:
                _log.warning("call_told_later", call=str(self._call), error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                self._wake.set()
            else:
                pause = _FIRST_PAUSE
                if told.stage is Stage.ENDED:
                    return

    async def _something_to_tell(self) -> None:
        try:
            async with asyncio.timeout(_SIGN_OF_LIFE):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()
