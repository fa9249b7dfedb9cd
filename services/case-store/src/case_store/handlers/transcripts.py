"""Keep what machines took recordings for: beside the message, and of no effect on any case."""

from collections.abc import Sequence
from datetime import UTC, datetime

import structlog

from case_store import metrics
from case_store.repository import changes, transcripts
from case_store.repository.database import Database
from envelope.models import Suggestion

_log = structlog.get_logger()


class Transcripts:
    """A hint: it moves, threads and closes nothing; whoever has the case decides."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    async def keep(self, suggestions: Sequence[Suggestion]) -> None:
        """Keep a batch; the same one again changes nothing, and one without its message waits for it."""
        async with self._database.transaction() as tx:
            kept = await transcripts.keep(tx, suggestions, datetime.now(UTC))
            if kept:
                await changes.tell_of_transcripts(tx, kept)
        metrics.TRANSCRIPTS_KEPT.inc(len(kept))
        _log.info("transcripts_kept", kept=len(kept), known=len(suggestions) - len(kept))
