"""Files that people send along: told by their bytes, stripped of what they tell of people, kept by hash."""

import asyncio
from typing import IO, Final

from envelope.models import Attachment
from gateway_portal.images import cleaned, guard_memory
from objects.inspection import Inspected, inspect
from objects.store import Objects, key_of

_AT_ONCE: Final = 2
"""Files made anew at the same time: each may need memory for forty million pixels."""
_GROWN: Final = 4
"""A picture drawn anew may be larger than it came, though not by more than so many times."""


class Enclosing:
    """The way of every file."""

    def __init__(self, objects: Objects, most_bytes: int) -> None:
        """`most_bytes`: of one file."""
        guard_memory()
        self._objects = objects
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self.most_bytes = most_bytes

    async def keep(self, content: IO[bytes]) -> Attachment:
        """Keep a file.

        Raises:
            FileTooLargeError, FileRefusedError: it is not taken.
            ObjectsUnavailableError: it cannot be kept just now.
        """
        async with self._turns:
            kept, found = await asyncio.to_thread(self._clean, content)
        try:
            await self._objects.put(found.sha256, kept)
        finally:
            if kept is not content:
                kept.close()
        return Attachment(
            uri=key_of(found.sha256), sha256=found.sha256, media_type=found.media.type, size=found.size
        )

    def _clean(self, content: IO[bytes]) -> tuple[IO[bytes], Inspected]:
        found = inspect(content, self.most_bytes)
        kept = cleaned(content, found.media.type)
        return (content, found) if kept is content else (kept, inspect(kept, self.most_bytes * _GROWN))
