"""A recording is safe on our own disk before anybody is told so; what comes after may take its time."""

import asyncio
from typing import Final

import structlog

from bus.errors import NotAcceptedError
from gateway_voice.metrics import KEPT, OLDEST, WAITING
from gateway_voice.model import Recording
from gateway_voice.repository.shelf import Shelf
from minting.mint import CodeMint

_LONG: Final = 900.0
"""Seconds that a recording may wait to become a message before somebody should know."""
_log = structlog.get_logger()


class Keeping:
    """The one way of a recording into the gateway."""

    name = "recordings"

    def __init__(self, shelf: Shelf, mint: CodeMint) -> None:
        """`mint` gives codes to recordings whose callers were told none."""
        self._shelf = shelf
        self._mint = mint
        self._open = False
        self.wake = asyncio.Event()

    async def start(self) -> None:
        """Open the folders; refuse to start where they cannot be written."""
        self._shelf.open()
        self._open = True
        self.wake.set()

    async def stop(self) -> None:
        """What waits is on disk."""

    def health(self) -> str | None:
        """Whether something waits for long; new recordings are taken all the same."""
        if not self._open:
            return "the folder of recordings is not open yet"
        waiting, seconds = self._shelf.age()
        WAITING.set(waiting)
        OLDEST.set(seconds)
        return f"{waiting} recordings wait, one for {seconds:.0f} s" if seconds > _LONG else None

    async def keep(self, recording: Recording) -> None:
        """Return once audio and facts are on disk: whoever recorded it may delete their copy then.

        Raises:
            NotAcceptedError: the disk would not take it; nothing has happened, give it again.
        """
        known, _ = await asyncio.to_thread(self._shelf.code_of, recording.message_id)
        if known:
            await asyncio.to_thread(recording.audio.unlink, missing_ok=True)
            KEPT.labels(recording.provider, "again").inc()
            return
        try:
            kept = await asyncio.to_thread(self._shelf.put, recording, self._code_for(recording))
        except NotAcceptedError:
            KEPT.labels(recording.provider, "refused").inc()
            raise
        KEPT.labels(recording.provider, "kept" if kept else "again").inc()
        if kept:
            _log.info("recording_kept", provider=recording.provider, message_id=str(recording.message_id))
        self.wake.set()

    async def code_of(self, recording: Recording) -> str | None:
        """The tracking code of a recording that was kept; None where there was none to mint."""
        _, code = await asyncio.to_thread(self._shelf.code_of, recording.message_id)
        return code

    def _code_for(self, recording: Recording) -> str | None:
        """What goes with a call of an agent's is no case of its own."""
        return None if recording.of_call is not None else recording.code or self._mint.take()

    async def forget(self) -> None:
        """The ids and codes of recordings that nobody will send again."""
        await asyncio.to_thread(self._shelf.forget)
