"""Cases in bulk, as CSV or JSON lines: a batch at a time, so that neither memory nor a transaction grows."""

import csv
import io
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import structlog

from case_store.cursors import Position
from case_store.handlers.covering import seen_words
from case_store.repository import audit, exports
from case_store.repository.database import Database
from case_store.repository.filters import Filters
from case_store.staffing import Actor, Right

_BATCH: Final = 500
_BOM: Final = "\ufeff"
"""Without it spreadsheets take Persian for something else."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_CASE: Final = (
    *("tracking_code", "state", "channel", "line", "topic", "section", "kind", "audience", "province"),
    *("desk", "language", "priority", "opened_at", "last_activity_at", "closed_at", "due_at"),
    *("first_replied_at", "messages", "replies", "contact_id", "id"),
)
_log = structlog.get_logger()


class Format(StrEnum):
    """How a case is written down."""

    CSV = "csv"
    JSONL = "jsonl"


class Exports:
    """For reports and the warehouse; who took what is in the audit."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    async def cases(
        self, actor: Actor, filters: Filters, written: Format, *, messages: bool
    ) -> AsyncIterator[bytes]:
        """The cases that fit, the newest first, in pieces; the right is checked before the first of them.

        With `messages` each line of JSON holds what the person said, without national ids for who may not
        read them. A case that changes meanwhile is written
        as it was when its batch was read; none is written twice or left out.
        """
        actor.demand(Right.EXPORT)
        now = datetime.now(UTC)
        told = {name: value for name, value in asdict(filters).items() if value not in {None, False}}
        async with self._database.transaction() as tx:
            detail = {"format": written, "messages": messages, "filters": told}
            await audit.record(tx, actor, "cases_exported", "cases", now, detail)
        _log.info("cases_exported", format=written, messages=messages)
        return self._pieces(actor, filters, written, messages=messages)

    async def _pieces(
        self, actor: Actor, filters: Filters, written: Format, *, messages: bool
    ) -> AsyncIterator[bytes]:
        if written is Format.CSV:
            yield (_BOM + _line(_CASE)).encode()
        after: Position | None = None
        while True:
            async with self._database.transaction() as tx:
                rows = await exports.batch(tx, actor, filters, after, _BATCH)
                said = await exports.said(tx, [row["id"] for row in rows]) if messages else {}
            if not rows:
                return
            after = Position(rows[-1]["opened_at"], rows[-1]["id"])
            lines = ({name: row[name] for name in _CASE} | _said(row, said) for row in rows)
            yield "".join(_written(seen_words(actor, line), written) for line in lines).encode()


def _said(row: Mapping[str, Any], said: Mapping[UUID, list[dict[str, Any]]]) -> dict[str, Any]:
    return {"said": said.get(row["id"], [])} if said else {}


def _written(told: Mapping[str, Any], written: Format) -> str:
    if written is Format.CSV:
        return _line([_cell(told[name]) for name in _CASE])
    return json.dumps(told, ensure_ascii=False, default=_plain) + "\n"


def _line(cells: Sequence[str]) -> str:
    """One record of RFC 4180."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()


def _cell(value: object) -> str:
    """A text that a spreadsheet would reckon with is marked as text by an apostrophe."""
    text = "" if value is None else str(_plain(value) if isinstance(value, datetime) else value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else str(value)
