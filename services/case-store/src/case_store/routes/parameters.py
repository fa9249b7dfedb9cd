"""What several routes take: a page, an idempotency key, the version that the caller read."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from fastapi import Header, Path, Query

from case_store.cursors import Position, to_cursor
from chassis.problems import Problem

_QUOTED: Final = re.compile(r'(?:W/)?"([^"]*)"')

Limit = Annotated[int, Query(ge=1, le=200, description="Rows a page.")]
Cursor = Annotated[str | None, Query(max_length=100, description="`next_cursor` of the page before.")]
Code = Annotated[
    str, Path(max_length=40, description="Ten digits; Persian digits, spaces and dashes are taken.")
]
IdempotencyKey = Annotated[
    str | None,
    Header(max_length=200, description="The same key writes once; with another payload it is refused (422)."),
]
IfMatch = Annotated[
    str | None, Header(description="The ETag of the case as it was read; 412 if it has changed.")
]


def version_of(if_match: str | None) -> int | None:
    """`"7"` → 7; `*` and nothing → None."""
    if if_match is None or if_match.strip() == "*":
        return None
    version = unquoted(if_match)
    if not version.isascii() or not version.isdigit():
        raise Problem(412, "The version does not match", "If-Match takes the ETag of a case.")
    return int(version)


def unquoted(value: str) -> str:
    """The header's string with or without its quotes."""
    quoted = _QUOTED.fullmatch(value.strip())
    return quoted[1] if quoted else value.strip()


def cut(
    rows: Sequence[Mapping[str, Any]], limit: int, at: str
) -> tuple[Sequence[Mapping[str, Any]], str | None]:
    """A page of one row more than asked for → the page, and the cursor if that row was there."""
    page = rows[:limit]
    if len(rows) <= limit:
        return page, None
    return page, to_cursor(Position(page[-1][at], page[-1]["id"]))
