"""Two people made one, set by set: what was moved is remembered by id, so that it can be moved back."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from asyncpg import Record as Row

from case_store.repository.database import Transaction

_TOLD: Final = "id, tracking_code, channel, topic, kind, desk, version"
_ADDRESSES: Final = "UPDATE contact_address SET contact_id = $2 WHERE contact_id = $1 RETURNING kind, value"
_CASES: Final = f"""
    UPDATE cases SET contact_id = $2, version = version + 1 WHERE contact_id = $1 RETURNING {_TOLD}
"""  # noqa: S608  (column names of ours)
_LEFT_BEHIND: Final = """
    SELECT jsonb_array_elements_text(moved -> 'cases')::uuid AS id FROM contact_merge
    WHERE kept_id = $1 AND undone_at IS NOT NULL
"""
_IN_CASES: Final = """
    UPDATE {table} SET contact_id = $2 WHERE contact_id = $1 AND case_id = ANY($3) RETURNING {key} AS id
"""
_CASELESS: Final = """
    UPDATE {table} SET contact_id = $2 WHERE contact_id = $1 AND case_id IS NULL RETURNING {key} AS id
"""
_KEYS: Final = {"message": "message_id", "outbound_message": "id"}
_ADDRESSES_BACK: Final = """
    UPDATE contact_address SET contact_id = $2
    FROM unnest($3::text[], $4::text[]) AS moved (kind, value)
    WHERE contact_address.kind = moved.kind AND contact_address.value = moved.value AND contact_id = $1
"""
_CASES_BACK: Final = f"""
    UPDATE cases SET contact_id = $2, version = version + 1 WHERE id = ANY($3) AND contact_id = $1
    RETURNING {_TOLD}
"""  # noqa: S608  (column names of ours)
_BACK: Final = "UPDATE {table} SET contact_id = $2 WHERE {key} = ANY($3) AND contact_id = $1"
_PUT: Final = """
    INSERT INTO contact_merge (id, kept_id, merged_id, moved, reason, made_by, made_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_COLUMNS: Final = "id, kept_id, merged_id, moved, reason, made_by, made_at, undone_by, undone_at"
_FIND: Final = f"SELECT {_COLUMNS} FROM contact_merge WHERE id = $1"  # noqa: S608  (column names of ours)
_OF: Final = f"""
    SELECT {_COLUMNS} FROM contact_merge WHERE kept_id = $1
    UNION ALL SELECT {_COLUMNS} FROM contact_merge WHERE merged_id = $1
    ORDER BY made_at DESC, id
"""  # noqa: S608  (column names of ours)
_UNDONE: Final = "UPDATE contact_merge SET undone_by = $2, undone_at = $3 WHERE id = $1"


@dataclass(slots=True)
class Moved:
    """What a merge moved."""

    addresses: list[tuple[str, str]] = field(default_factory=list)
    """Kind and value: an address has no other id."""
    cases: list[UUID] = field(default_factory=list)
    messages: list[UUID] = field(default_factory=list)
    outbound: list[UUID] = field(default_factory=list)
    filled: list[str] = field(default_factory=list)
    """What the kept one did not have and was given."""


@dataclass(frozen=True, slots=True)
class Merge:
    """One person taken for another."""

    id: UUID
    kept_id: UUID
    merged_id: UUID
    moved: Moved
    reason: str
    made_by: str
    made_at: datetime
    undone_by: str | None = None
    undone_at: datetime | None = None


async def move(tx: Transaction, merged_id: UUID, kept_id: UUID) -> tuple[Moved, list[dict[str, Any]]]:
    """Give everything of one person to the other; what was moved, and the cases for their histories."""
    pair = merged_id, kept_id
    addresses = await tx.raw.fetch(_ADDRESSES, *pair)
    cases = [dict(row) for row in await tx.raw.fetch(_CASES, *pair)]
    ids = [row["id"] for row in cases]
    # What came between a merge and its undoing stayed here, though its case went back.
    left = [row["id"] for row in await tx.raw.fetch(_LEFT_BEHIND, merged_id)]
    moved = Moved([(row["kind"], row["value"]) for row in addresses], ids)
    for table, kept in (("message", moved.messages), ("outbound_message", moved.outbound)):
        names = {"table": table, "key": _KEYS[table]}
        kept += [row["id"] for row in await tx.raw.fetch(_IN_CASES.format(**names), *pair, [*ids, *left])]
        kept += [row["id"] for row in await tx.raw.fetch(_CASELESS.format(**names), *pair)]
    return moved, cases


async def move_back(tx: Transaction, merge: Merge) -> list[dict[str, Any]]:
    """Give back what still is where the merge put it; the cases that went back."""
    pair, moved = (merge.kept_id, merge.merged_id), merge.moved
    kinds, values = [kind for kind, _ in moved.addresses], [value for _, value in moved.addresses]
    await tx.raw.execute(_ADDRESSES_BACK, *pair, kinds, values)
    for table, ids in (("message", moved.messages), ("outbound_message", moved.outbound)):
        await tx.raw.execute(_BACK.format(table=table, key=_KEYS[table]), *pair, ids)
    return [dict(row) for row in await tx.raw.fetch(_CASES_BACK, *pair, moved.cases)]


async def put(tx: Transaction, merge: Merge) -> None:
    """Remember a merge."""
    moved = json.dumps(asdict(merge.moved), default=str)
    told = merge.reason, merge.made_by, merge.made_at
    await tx.raw.execute(_PUT, merge.id, merge.kept_id, merge.merged_id, moved, *told)


async def find(tx: Transaction, merge_id: UUID) -> Merge | None:
    """A merge by id."""
    row = await tx.raw.fetchrow(_FIND, merge_id)
    return _merge(row) if row else None


async def of(tx: Transaction, contact_id: UUID) -> Sequence[Merge]:
    """The merges that a person was in, the newest first."""
    return [_merge(row) for row in await tx.raw.fetch(_OF, contact_id)]


async def note_undone(tx: Transaction, undone: Merge) -> None:
    """Remember that it was undone."""
    await tx.raw.execute(_UNDONE, undone.id, undone.undone_by, undone.undone_at)


def _merge(row: Row) -> Merge:
    told: dict[str, Any] = row["moved"]
    moved = Moved(
        addresses=[(kind, value) for kind, value in told["addresses"]],
        cases=[UUID(one) for one in told["cases"]],
        messages=[UUID(one) for one in told["messages"]],
        outbound=[UUID(one) for one in told["outbound"]],
        filled=told["filled"],
    )
    return Merge(**{**row, "moved": moved})
