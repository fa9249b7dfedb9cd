"""Files of a case: what staff added, what its messages and calls brought, and copies to be played."""

import json
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from case_store.repository.database import Transaction

_ADD: Final = """
    INSERT INTO attachment (id, case_id, sha256, uri, media_type, size, name, added_by, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (id) DO NOTHING RETURNING id
"""
_FIND: Final = "SELECT * FROM attachment WHERE id = $1"
_ADDED: Final = "SELECT media_type, name FROM attachment WHERE case_id = $1 AND sha256 = $2"
_BROUGHT: Final = """
    SELECT file ->> 'media_type' AS media_type
    FROM message, jsonb_array_elements(attachments) AS file
    WHERE case_id = $1 AND attachments @> $2 AND file ->> 'sha256' = $3 LIMIT 1
"""
_COPIED: Final = """
    SELECT file #>> '{sound,playable,media_type}' AS media_type
    FROM message, jsonb_array_elements(attachments) AS file
    WHERE case_id = $1 AND attachments @> $2 AND file #>> '{sound,playable,sha256}' = $3 LIMIT 1
"""

_SPOKEN: Final = """
    SELECT CASE WHEN recording ->> 'sha256' = $2 THEN recording ->> 'media_type'
        ELSE recording #>> '{sound,playable,media_type}' END AS media_type
    FROM call_out
    WHERE case_id = $1 AND $2 IN (recording ->> 'sha256', recording #>> '{sound,playable,sha256}') LIMIT 1
"""


class NewFile(NamedTuple):
    """A file to add to a case, its bytes kept already."""

    id: UUID
    case_id: UUID
    sha256: str
    uri: str
    media_type: str
    size: int
    name: str
    added_by: str
    created_at: datetime


class Named(NamedTuple):
    """What a file is saved as."""

    media_type: str
    name: str | None
    """None where it came with a message: nobody named it."""


async def add(tx: Transaction, file: NewFile) -> bool:
    """Add a file; False if the case has it."""
    return await tx.raw.fetchval(_ADD, *file) is not None


async def find(tx: Transaction, attachment_id: UUID) -> dict[str, Any]:
    """A file's row."""
    return dict(await tx.raw.fetchrow(_FIND, attachment_id))


async def of_case(tx: Transaction, case_id: UUID, sha256: str) -> Named | None:
    """What a case calls these bytes; None if it has nothing of the kind."""
    added = await tx.raw.fetchrow(_ADDED, case_id, sha256)
    if added:
        return Named(added["media_type"], added["name"])
    media_type = await tx.raw.fetchval(_BROUGHT, case_id, json.dumps([{"sha256": sha256}]), sha256)
    if media_type is None:
        copy = json.dumps([{"sound": {"playable": {"sha256": sha256}}}])
        media_type = await tx.raw.fetchval(_COPIED, case_id, copy, sha256)
    if media_type is None:
        media_type = await tx.raw.fetchval(_SPOKEN, case_id, sha256)
    return Named(media_type, None) if media_type else None
