"""What a list or an export of cases may be narrowed by, and how a list runs."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from case_store.repository.tables import call_back, cases
from case_store.repository.tables.cases import UNDECIDED

WAITING: Final = sa.literal_column(f"({UNDECIDED})", sa.Boolean)
"""As the partial indexes have it."""
_EQUAL: Final = ("state", "desk", "topic", "section", "kind", "channel", "province")


class Order(StrEnum):
    """How a list runs."""

    NEWEST = "newest"
    """The latest opened first."""
    DUE = "due"
    """The nearest deadline first; undecided cases alone."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of cases may be narrowed by; None is no limit."""

    state: str | None = None
    desk: str | None = None
    topic: str | None = None
    section: str | None = None
    kind: str | None = None
    channel: str | None = None
    contact: UUID | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    province: str | None = None
    assignee: UUID | None = None
    unclaimed: bool = False
    """Those that nobody holds."""
    undecided: bool = False
    """Those that somebody of ours has to act on."""
    due_before: datetime | None = None
    """Undecided ones whose deadline is earlier."""
    due_after: datetime | None = None
    """Undecided ones whose deadline is then or later."""
    to_call_at: datetime | None = None
    """Undecided ones whose person is to be called back, and may be called at that moment."""


def conditions(filters: Filters) -> list[sa.ColumnElement[bool]]:
    """What the filters come to."""
    column = cases.c
    wanted = {name: getattr(filters, name) for name in _EQUAL}
    found = [column[name] == value for name, value in wanted.items() if value is not None]
    for name, value in (("contact_id", filters.contact), ("assignee_id", filters.assignee)):
        if value is not None:
            found.append(column[name] == value)
    if filters.created_after is not None:
        found.append(column.opened_at >= filters.created_after)
    if filters.created_before is not None:
        found.append(column.opened_at < filters.created_before)
    if filters.unclaimed:
        found.append(column.assignee_id.is_(None))
    acted_on = (filters.due_before, filters.due_after, filters.to_call_at)
    if filters.undecided or any(moment is not None for moment in acted_on):
        found.append(WAITING)
    if filters.due_before is not None:
        found.append(column.due_at < filters.due_before)
    if filters.due_after is not None:
        found.append(column.due_at >= filters.due_after)
    if filters.to_call_at is not None:
        found.append(_to_call(filters.to_call_at))
    return found


def _to_call(at: datetime) -> sa.ColumnElement[bool]:
    task = call_back.c
    now = sa.or_(task.next_at.is_(None), task.next_at <= at)
    return sa.exists().where(task.case_id == cases.c.id, task.state == sa.literal_column("'waiting'"), now)
