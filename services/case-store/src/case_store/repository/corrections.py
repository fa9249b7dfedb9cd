"""What staff say a case is about, against what the classifier said: training data, with who and when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

import sqlalchemy as sa

from case_store.cursors import Position
from case_store.model import Case
from case_store.repository.database import Transaction
from case_store.repository.tables import cases, correction, message, transcript
from envelope.taxonomy import Audience, Kind, Topic

_MESSAGE: Final = """
    SELECT message_id, classifier FROM message WHERE case_id = $1
    ORDER BY topic = $2 AND kind = $3 DESC, received_at, message_id LIMIT 1
"""
_DESK: Final = "SELECT id FROM desk WHERE id = $1 AND active"
_ANY_DESK: Final = "SELECT EXISTS (SELECT FROM desk)"


@dataclass(frozen=True, slots=True)
class Class:
    """What a case is about, whose it is and what they want."""

    topic: Topic
    kind: Kind
    audience: Audience


async def put(tx: Transaction, case: Case, before: Class, by: str, now: datetime) -> None:
    """Keep a correction of the message that gave the case its class; the case holds the new one."""
    said = await tx.raw.fetchrow(_MESSAGE, case.id, before.topic, before.kind)
    row = {
        "id": uuid4(),
        "case_id": case.id,
        "message_id": said["message_id"] if said else None,
        "classifier": said["classifier"] if said else None,
        "topic_before": before.topic,
        "kind_before": before.kind,
        "audience_before": before.audience,
        "topic": case.topic,
        "kind": case.kind,
        "audience": case.audience,
        "corrected_by": by,
        "corrected_at": now,
    }
    await tx.connection.execute(sa.insert(correction).values(row))


async def page(tx: Transaction, after: Position | None, limit: int) -> list[dict[str, Any]]:
    """Corrections, the newest first, with the message's normalised words, or what was heard in it."""
    written = sa.func.nullif(message.c.normalized_text, "")
    recordings = sa.select(sa.func.string_agg(transcript.c.text, sa.text("' ' ORDER BY sha256")))
    heard = recordings.where(transcript.c.message_id == correction.c.message_id).scalar_subquery()
    query = (
        sa.select(
            correction,
            cases.c.tracking_code,
            sa.func.coalesce(written, heard, message.c.normalized_text).label("text"),
            (written.is_(None) & heard.is_not(None)).label("heard"),
        )
        .join(cases, cases.c.id == correction.c.case_id)
        .outerjoin(message, message.c.message_id == correction.c.message_id)
        .order_by(correction.c.corrected_at.desc(), correction.c.id.desc())
        .limit(limit)
    )
    if after is not None:
        position = sa.tuple_(correction.c.corrected_at, correction.c.id)
        query = query.where(position < sa.tuple_(after.at, after.id))
    return await tx.rows(query)


async def desk_exists(tx: Transaction, desk: str) -> bool:
    """Whether cases can be put on a desk: it is active, or no desks were set up at all."""
    if await tx.raw.fetchval(_DESK, desk):
        return True
    return not await tx.raw.fetchval(_ANY_DESK)
