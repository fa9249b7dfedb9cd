"""What every change of working time has in common: the right, its turn, the audit, and clocks that follow."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import structlog

from case_store.handlers.clocks import Clocks
from case_store.repository import audit, worktime
from case_store.repository.database import Database, Transaction
from case_store.staffing import Actor, Right

_log: Final = structlog.get_logger()


@dataclass(slots=True)
class Edit:
    """One change: its transaction, and what the audit shall say."""

    tx: Transaction
    now: datetime
    detail: dict[str, Any] = field(default_factory=dict)


@asynccontextmanager
async def editing(
    database: Database, clocks: Clocks, actor: Actor, action: str, subject: str
) -> AsyncIterator[Edit]:
    """Change working time, one editor after the other; running clocks are set anew at the next sweep.

    Raises:
        ForbiddenError: the right is not theirs.
    """
    actor.demand(Right.CONFIGURE)
    async with database.transaction() as tx:
        version = await worktime.turn(tx)
        edit = Edit(tx, datetime.now(UTC))
        yield edit
        await audit.record(tx, actor, action, subject, edit.now, {**edit.detail, "working_time": version})
    _log.info("working_time_changed", action=action, version=version)
    await clocks.refresh()
