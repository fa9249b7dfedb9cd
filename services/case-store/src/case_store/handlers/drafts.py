"""Answers that are being written: nothing typed is lost with a connection, and nothing is sent by it."""

from datetime import UTC, datetime
from uuid import UUID

from case_store.errors import ForbiddenError, NotFoundError
from case_store.handlers.cases import NO_CASE, code_of
from case_store.model import storable
from case_store.repository import drafts, intake, reach
from case_store.repository.database import Database, Transaction
from case_store.staffing import Actor, Right


class Drafts:
    """One per case and member of the staff; no event, and no new version of the case."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    async def keep(self, actor: Actor, code: str, text: str) -> datetime:
        """Keep what has been written so far; when that was."""
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            case_id, staff_id = await _place(tx, actor, code)
            await drafts.keep(tx, case_id, staff_id, storable(text), now)
        return now

    async def drop(self, actor: Actor, code: str) -> None:
        """It is not wanted any more."""
        async with self._database.transaction() as tx:
            await drafts.drop(tx, *await _place(tx, actor, code))


async def _place(tx: Transaction, actor: Actor, code: str) -> tuple[UUID, UUID]:
    """The case, if it is within reach, and whose draft it is."""
    if actor.staff_id is None or not (actor.may(Right.ANSWER) or actor.may(Right.SETTLE)):
        message = "a draft is for members of the staff who answer"
        raise ForbiddenError(message)
    wanted = code_of(code)
    case = (await intake.cases_by_code(tx, [wanted])).get(wanted)
    if case is None or not await reach.reaches(tx, actor, case.id, case.desk):
        raise NotFoundError(NO_CASE)
    return case.id, actor.staff_id
