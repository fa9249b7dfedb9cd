"""What staff look at is written down too: gathered in memory, sealed in batches, once a second."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from case_store.repository import audit
from case_store.repository.audit import Entry
from case_store.repository.database import Database
from case_store.staffing import Actor
from chassis.parts import Periodic

_EVERY_SECONDS: Final = 1.0
_ONCE_IN_SECONDS: Final = 300.0
"""Somebody who looks again so soon is still looking."""
_REMEMBERED: Final = 20_000


class Witness:
    """A Part. A crash loses the last second at most; while PostgreSQL is away nothing can be looked at."""

    name = "witness"

    def __init__(self, database: Database) -> None:
        """Nothing has been seen yet."""
        self._database = database
        self._noticed: list[Entry] = []
        self._lately: dict[tuple[object, str, str], float] = {}
        self._writing = Periodic(self.name, _EVERY_SECONDS, self.flush)

    def saw(self, actor: Actor, subject: str, action: str = "case_seen") -> None:
        """A member of the staff looked at a case; a service's look is not written down."""
        if actor.staff_id is None:
            return
        now, key = time.monotonic(), (actor.staff_id, action, subject)
        if now - self._lately.get(key, -_ONCE_IN_SECONDS) < _ONCE_IN_SECONDS:
            return
        if len(self._lately) >= _REMEMBERED:
            self._lately = {k: at for k, at in self._lately.items() if now - at < _ONCE_IN_SECONDS}
        self._lately[key] = now
        self.noticed(actor, action, subject)

    def searched(self, actor: Actor, kind: str, found: int) -> None:
        """A member of the staff searched; by what kind of word, never by which."""
        if actor.staff_id is not None:
            self.noticed(actor, "searched", f"search:{kind}", {"found": found})

    def noticed(
        self, actor: Actor, action: str, subject: str, detail: Mapping[str, Any] | None = None
    ) -> None:
        """Write this down with the next batch: for what has no transaction of its own."""
        at = datetime.now(UTC)
        self._noticed.append(Entry(actor.name, actor.staff_id, action, subject, at, detail or {}))

    async def flush(self) -> None:
        """Seal what was noticed; what cannot be written now stays for the next time."""
        entries = tuple(self._noticed)
        if not entries:
            return
        async with self._database.transaction() as tx:
            await audit.record_all(tx, entries)
        del self._noticed[: len(entries)]

    async def start(self) -> None:
        """Begin to write."""
        await self._writing.start()

    async def stop(self) -> None:
        """Write what is left."""
        await self._writing.stop()
        await self.flush()

    def health(self) -> str | None:
        """As the last batches went."""
        return self._writing.health()

    def failure(self) -> BaseException | None:
        """What ended it for good."""
        return self._writing.failure()
