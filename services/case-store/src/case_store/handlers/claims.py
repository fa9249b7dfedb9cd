"""Who has a case: claimed by one of two at once, let go again, or given to somebody by a supervisor."""

from datetime import datetime
from typing import NoReturn
from uuid import UUID

import structlog

from case_store.errors import ForbiddenError, StateError
from case_store.handlers.action import Action, acting
from case_store.lifecycle import Verb, after
from case_store.repository import holders
from case_store.repository.database import Database
from case_store.staffing import Actor, Right
from envelope.models import CaseEventType
from persian.dates import clock_time

_log = structlog.get_logger()


class Claims:
    """The verbs behind the API."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    async def claim(self, actor: Actor, code: str, version: int | None = None) -> None:
        """Take a case; claiming one's own changes nothing.

        Raises:
            ForbiddenError: a service is nobody who could hold it.
            StateError: somebody has it; its `holder` and `since` tell who and from when.
        """
        staff_id = _person(actor)
        async with acting(self._database, actor, code, Right.ANSWER) as action:
            case = action.case
            if case.assignee_id == staff_id:
                return
            if case.assignee_id is not None:
                await _refuse(action, case.assignee_id, case.assigned_at)
            await action.demand_version(version)
            self._give(action, Verb.CLAIM, staff_id)
            action.happened(CaseEventType.CLAIMED)
        _log.info("case_claimed", case_id=str(case.id))

    async def release(self, actor: Actor, code: str, version: int | None = None) -> None:
        """Let go of a case; one that nobody has stays as it is.

        Raises:
            StateError: it is somebody else's, and taking it from them is not the caller's right.
        """
        async with acting(self._database, actor, code, Right.ANSWER) as action:
            holder = action.case.assignee_id
            if holder is None:
                return
            if holder != actor.staff_id and not actor.may(Right.ASSIGN):
                await _refuse(action, holder, action.case.assigned_at)
            await action.demand_version(version)
            self._free(action)

    async def assign(
        self, actor: Actor, code: str, staff_id: UUID | None, author: str | None, version: int | None
    ) -> None:
        """Give a case to somebody who works at its desk, or to nobody.

        Raises:
            StateError: there is no such colleague, or the case would be out of their reach.
        """
        async with acting(
            self._database, actor, code, Right.ASSIGN, author=author, version=version
        ) as action:
            case = action.case
            if case.assignee_id == staff_id:
                return
            if staff_id is None:
                self._free(action)
                return
            colleague = await holders.find(action.tx, staff_id)
            if colleague is None or not colleague.may(Right.ANSWER):
                message = "nobody of this id answers cases"
                raise StateError(message)
            if not colleague.may(Right.READ_ALL) and case.desk not in colleague.queues:
                message = f"{colleague.name} does not work at the desk of this case"
                raise StateError(message)
            self._give(action, Verb.ASSIGN, staff_id)
            action.happened(CaseEventType.ASSIGNED, note=colleague.name, staff_id=staff_id)
        _log.info("case_assigned", case_id=str(case.id))

    def _give(self, action: Action, verb: Verb, staff_id: UUID) -> None:
        case = action.case
        case.state = after(verb, case.state)
        case.assignee_id, case.assigned_at = staff_id, action.now

    def _free(self, action: Action) -> None:
        holder = action.case.assignee_id
        set_free(action)
        action.happened(CaseEventType.RELEASED, staff_id=holder)


def set_free(action: Action) -> None:
    """Nobody has the case any more; it waits in its queue."""
    case = action.case
    case.state = after(Verb.RELEASE, case.state)
    case.assignee_id = case.assigned_at = None


async def _refuse(action: Action, holder: UUID, since: datetime | None) -> NoReturn:
    name = await holders.name_of(action.tx, holder) or "somebody who has left"
    message = f"{name} has this case since {clock_time(since)}" if since else f"{name} has this case"
    raise StateError(message).telling(holder={"id": holder, "name": name}, since=since)


def _person(actor: Actor) -> UUID:
    if actor.staff_id is None:
        message = "only a member of the staff can have a case"
        raise ForbiddenError(message)
    return actor.staff_id
