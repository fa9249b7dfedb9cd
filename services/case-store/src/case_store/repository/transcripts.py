"""What machines took recordings for: kept whenever it comes, before its message or long after."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from case_store.model import storable
from case_store.repository.database import Transaction
from envelope.models import Suggestion

_KEEP: Final = """
    INSERT INTO transcript (message_id, sha256, text, confidence, language, model, transcribed_at, topic,
        kind, audience, topic_confidence, decided_by, classifier, reasons, stored_at)
    SELECT message_id, sha256, text, confidence, language, model, transcribed_at, topic, kind, audience,
        topic_confidence, decided_by, classifier, string_to_array(reasons, chr(10)), $15
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::float8[], $5::text[], $6::text[], $7::timestamptz[],
        $8::text[], $9::text[], $10::text[], $11::float8[], $12::text[], $13::text[], $14::text[])
        AS new (message_id, sha256, text, confidence, language, model, transcribed_at, topic, kind, audience,
            topic_confidence, decided_by, classifier, reasons)
    ON CONFLICT (message_id, sha256) DO UPDATE SET (text, confidence, language, model, transcribed_at, topic,
        kind, audience, topic_confidence, decided_by, classifier, reasons, stored_at) = (excluded.text,
        excluded.confidence, excluded.language, excluded.model, excluded.transcribed_at, excluded.topic,
        excluded.kind, excluded.audience, excluded.topic_confidence, excluded.decided_by, excluded.classifier,
        excluded.reasons, excluded.stored_at)
    WHERE excluded.transcribed_at > transcript.transcribed_at
    RETURNING message_id
"""
_OF: Final = """
    SELECT message_id, sha256, text, confidence, language, model, transcribed_at, topic, kind, audience,
        topic_confidence, decided_by, classifier, reasons
    FROM transcript WHERE message_id = ANY($1) ORDER BY message_id, sha256
"""


async def keep(tx: Transaction, suggestions: Sequence[Suggestion], now: datetime) -> list[UUID]:
    """Keep what is new or newer; the messages that it is of, whether they are here or not."""
    rows = [_row(one) for one in _newest(suggestions)]
    kept = await tx.raw.fetch(_KEEP, *zip(*rows, strict=True), now)
    return [row["message_id"] for row in kept]


async def of(tx: Transaction, message_ids: Collection[UUID]) -> Mapping[UUID, list[dict[str, Any]]]:
    """The transcripts of these messages' recordings, by message."""
    found: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in await tx.raw.fetch(_OF, message_ids):
        found[row["message_id"]].append(dict(row))
    return found


def _newest(suggestions: Sequence[Suggestion]) -> list[Suggestion]:
    """One a recording, as a statement writes a row once; in one order, so that no two wait for each other."""
    newest: dict[tuple[UUID, str], Suggestion] = {}
    for one in sorted(suggestions, key=lambda one: one.transcript.transcribed_at):
        newest[one.transcript.message_id, one.transcript.sha256] = one
    return [newest[key] for key in sorted(newest)]


def _row(suggestion: Suggestion) -> tuple[Any, ...]:
    heard, found = suggestion.transcript, suggestion.classification
    return (
        heard.message_id, heard.sha256, storable(heard.text), heard.confidence,
        storable(heard.language) if heard.language else None, storable(heard.model), heard.transcribed_at,
        found.topic, found.kind, found.audience, found.confidence, found.source, found.version,
        # As lines of one text: an array of arrays could not be ragged.
        "\n".join(found.reasons),
    )  # fmt: skip
