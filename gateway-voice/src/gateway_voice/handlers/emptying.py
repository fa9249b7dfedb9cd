"""Asterisk's own mailboxes, emptied: its `externnotify` can be missed, so they are looked through."""

import asyncio
import re
from pathlib import Path
from typing import Final

import structlog

from bus.errors import NotAcceptedError
from envelope.addresses import parse_msisdn
from gateway_voice.errors import MailboxBusyError
from gateway_voice.handlers.keeping import Keeping
from gateway_voice.metrics import CALLERS_UNKNOWN, MAILBOX
from gateway_voice.model import Recording
from gateway_voice.repository.mailboxes import Left, Mailboxes

PROVIDER: Final = "voicemail"
_NUMBER: Final = re.compile(r"<([^<>]*)>\s*$")
_log = structlog.get_logger()


class Emptying:
    """One look through all mailboxes: each message is kept, and only then deleted there."""

    def __init__(self, mailboxes: Mailboxes, keeping: Keeping, tmp: Path, line: str) -> None:
        """`tmp`: on the disk that recordings are kept on; `line`: our number behind every mailbox."""
        self._mailboxes = mailboxes
        self._keeping = keeping
        self._tmp = tmp
        self._line = line

    async def look(self) -> None:
        """A mailbox that Asterisk is at, or a disk that is full, waits for the next look."""
        for inbox in await asyncio.to_thread(self._mailboxes.inboxes):
            try:
                for left in await asyncio.to_thread(self._mailboxes.look, inbox):
                    await self._empty(left)
            except MailboxBusyError:
                MAILBOX.labels("busy").inc()
            except NotAcceptedError:
                MAILBOX.labels("refused").inc()
                return

    async def _empty(self, left: Left) -> None:
        audio = await asyncio.to_thread(self._mailboxes.take, left, self._tmp)
        if audio is None:
            MAILBOX.labels("without sound").inc()
            return
        try:
            await self._keeping.keep(self._recording(left, audio))
        finally:
            await asyncio.to_thread(audio.unlink, missing_ok=True)
        await asyncio.to_thread(self._mailboxes.delete, left)
        MAILBOX.labels("taken").inc()

    def _recording(self, left: Left, audio: Path) -> Recording:
        number = _NUMBER.search(left.caller)
        caller = parse_msisdn(number[1] if number else left.caller)
        if caller is None:
            CALLERS_UNKNOWN.labels("mailbox").inc()
        return Recording(
            provider=PROVIDER, id=left.id, audio=audio, caller=caller, called=self._line, at=left.at
        )
