"""Batches of cases for an export, each in a transaction of its own."""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from case_store.cursors import Position
from case_store.repository.database import Transaction
from case_store.repository.filters import Filters, conditions
from case_store.repository.reach import within
from case_store.repository.tables import cases, message, outbound_message
from case_store.staffing import Actor

_SAID: Final = """
    SELECT case_id, channel, text, occurred_at, received_at FROM message
    WHERE case_id = ANY($1) ORDER BY case_id, received_at, message_id
"""


async def batch(
    tx: Transaction, actor: Actor, filters: Filters, after: Position | None, limit: int
) -> list[dict[str, Any]]:
    """The newest cases that fit, with how much was said in them and when it was first answered."""
    case = cases.c
    reached = within(actor)
    query = sa.select(cases).where(*conditions(filters), *([] if reached is None else [reached]))
    if after is not None:
        query = query.where(sa.tuple_(case.opened_at, case.id) < sa.tuple_(after.at, after.id))
    page = query.order_by(case.opened_at.desc(), case.id.desc()).limit(limit).subquery("page")
    said = sa.select(sa.func.count()).where(message.c.case_id == page.c.id).scalar_subquery()
    replies = outbound_message.alias("replies")
    of_page = (replies.c.case_id == page.c.id) & (replies.c.purpose == "reply")
    answers = (
        sa.select(
            sa.func.count().label("replies"), sa.func.min(replies.c.created_at).label("first_replied_at")
        )
        .where(of_page)
        .lateral("answers")
    )
    whole = sa.select(page, said.label("messages"), answers.c.replies, answers.c.first_replied_at)
    whole = whole.select_from(page.join(answers, sa.true()))
    return await tx.rows(whole.order_by(page.c.opened_at.desc(), page.c.id.desc()))


async def said(tx: Transaction, case_ids: Collection[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """What the people of these cases said, in order."""
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in await tx.raw.fetch(_SAID, case_ids):
        fields = dict(row)
        found.setdefault(fields.pop("case_id"), []).append(fields)
    return found
