"""Asterisk's own mailboxes on disk: read and emptied under the lock that Asterisk itself takes.

`<context>/<mailbox>/INBOX/msgNNNN.txt` tells of `msgNNNN.wav`. Numbers move when others are deleted, so a
message is known by its `msg_id`, and each look and each deletion is made under `.lock`.
"""

import configparser
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

from gateway_voice.errors import MailboxBusyError
from objects.disk import Disk

_SOUNDS: Final = ("wav", "WAV", "wav16", "gsm", "ulaw", "alaw")
"""Endings, the one that tells most first: the same message may be there in several."""
_LOCK: Final = ".lock"
_STALE_SECONDS: Final = 300.0
"""A lock so old was left by a process that died; Asterisk holds one for moments."""
_LONGEST_TEXT: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Left:
    """A message in a mailbox."""

    inbox: Path
    text: Path
    """`msgNNNN.txt`, under this name at the time of the look."""
    id: str
    caller: str
    """As Asterisk has it: `"Name" <number>`."""
    at: datetime


class Mailboxes:
    """All mailboxes below one folder."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        """Asterisk's `voicemail` folder; `disk` writes our copies."""
        self._folder = folder
        self._disk = disk or Disk()

    def inboxes(self) -> list[Path]:
        """Where new messages lie; an OSError where the folder itself is not there."""
        self._folder.stat()
        return sorted(path for path in self._folder.glob("*/*/INBOX") if path.is_dir())

    def look(self, inbox: Path) -> list[Left]:
        """The messages in one of them, the oldest first.

        Raises:
            MailboxBusyError: Asterisk is at it.
        """
        with _locked(inbox):
            found = [left for text in sorted(inbox.glob("msg[0-9]*.txt")) if (left := _read(inbox, text))]
        return sorted(found, key=lambda left: left.at)

    def take(self, left: Left, folder: Path) -> Path | None:
        """A copy of its sound in `folder`; None if the message has gone, or has none.

        Raises:
            MailboxBusyError: Asterisk is at it.
        """
        with _locked(left.inbox):
            now = _again(left)
            sound = _sound(now.text) if now else None
            if sound is None:
                return None
            copy = folder / f"{uuid4()}.voicemail"
            try:
                with sound.open("rb") as theirs, self._disk.write(copy) as ours:
                    shutil.copyfileobj(theirs, ours)
            except OSError:
                copy.unlink(missing_ok=True)
                raise
            return copy

    def delete(self, left: Left) -> bool:
        """Delete it, wherever it has moved to; False if it has gone.

        Raises:
            MailboxBusyError: Asterisk is at it.
        """
        with _locked(left.inbox):
            now = _again(left)
            if now is None:
                return False
            # The text goes last: while it is there the message is, and the next look finds what is left.
            for part in sorted(now.inbox.glob(f"{now.text.stem}.*"), key=lambda path: path.suffix == ".txt"):
                part.unlink(missing_ok=True)
        return True


@contextmanager
def _locked(inbox: Path) -> Iterator[None]:
    """As `ast_lock_path` does: a file of its own name, linked to `.lock`, which only one can be."""
    own, lock = inbox / f"{_LOCK}-{secrets.token_hex(4)}", inbox / _LOCK
    os.close(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        _clear_stale(lock)
        lock.hardlink_to(own)
    except FileExistsError:
        message = "Asterisk is at work in this mailbox"
        raise MailboxBusyError(message) from None
    finally:
        own.unlink(missing_ok=True)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _clear_stale(lock: Path) -> None:
    with suppress(FileNotFoundError):
        if time.time() - lock.stat().st_mtime > _STALE_SECONDS:
            lock.unlink()


def _again(left: Left) -> Left | None:
    """The same message under the name that it has now."""
    if (same := _read(left.inbox, left.text)) and same.id == left.id:
        return same
    others = (_read(left.inbox, text) for text in left.inbox.glob("msg[0-9]*.txt"))
    return next((other for other in others if other and other.id == left.id), None)


def _read(inbox: Path, text: Path) -> Left | None:
    """None where it cannot be read: being written by hand, or gone."""
    parser = configparser.ConfigParser(interpolation=None, strict=False, comment_prefixes=(";",))
    try:
        if text.stat().st_size > _LONGEST_TEXT:
            return None
        parser.read_string(text.read_text("utf-8", "replace"))
        told: Mapping[str, str] = parser["message"]
        at = datetime.fromtimestamp(int(told["origtime"]), UTC)
    except (OSError, configparser.Error, KeyError, ValueError, OverflowError):
        return None
    mailbox = f"{inbox.parent.parent.name}/{inbox.parent.name}"
    caller = told.get("callerid", "")
    return Left(
        inbox=inbox,
        text=text,
        id=told.get("msg_id") or _named(mailbox, told, caller),
        caller=caller,
        at=at,
    )


def _named(mailbox: str, told: Mapping[str, str], caller: str) -> str:
    """Of an old Asterisk that gives no id: what does not change when a message is moved."""
    facts = "|".join((mailbox, told["origtime"], caller, told.get("duration", "")))
    return hashlib.sha256(facts.encode()).hexdigest()[:32]


def _sound(text: Path) -> Path | None:
    return next((path for ending in _SOUNDS if (path := text.with_suffix(f".{ending}")).is_file()), None)
