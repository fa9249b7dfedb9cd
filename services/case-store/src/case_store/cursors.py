"""Where a page ended, as an opaque word: keyset paging stays right while rows are added."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Final, NamedTuple
from uuid import UUID

from case_store.errors import BadCursorError

NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands in a position for a time that there is none of: after every other."""


class Position(NamedTuple):
    """The last row of a page: its time and, among rows of one time, its id."""

    at: datetime
    id: UUID


def until(at: datetime) -> Position:
    """Before all that is later: where a list that goes back in time begins."""
    return Position(at, UUID(int=2**128 - 1))


def to_cursor(position: Position) -> str:
    """A word that means nothing to the caller."""
    micros = int(position.at.timestamp() * 1_000_000 + 0.5)
    return base64.urlsafe_b64encode(micros.to_bytes(8) + position.id.bytes).rstrip(b"=").decode()


def from_cursor(cursor: str) -> Position:
    """Read our own word back.

    Raises:
        BadCursorError: it is not one of ours.
    """
    try:
        raw = base64.b64decode(
            cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True
        )
        micros, position = int.from_bytes(raw[:8]), UUID(bytes=raw[8:])
        seconds, rest = divmod(micros, 1_000_000)
        return Position(datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest), position)
    except (ValueError, binascii.Error, OverflowError, OSError) as error:
        message = "the cursor is not one that this API gave"
        raise BadCursorError(message) from error
