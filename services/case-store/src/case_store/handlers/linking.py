"""Say that two cases belong together: seen from both, told to the viewers of both."""

from datetime import datetime
from uuid import UUID, uuid4

from case_store.errors import NotFoundError, StateError
from case_store.handlers.action import Action, acting
from case_store.handlers.cases import NO_CASE, code_of
from case_store.lifecycle import Verb, after
from case_store.model import Case, LinkRelation, storable
from case_store.repository import intake, links, outbox, reach, writes
from case_store.repository.database import Database
from case_store.staffing import Actor, Right
from envelope.models import CaseEvent, CaseEventType


class Links:
    """The verbs behind the API."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    async def link(
        self,
        actor: Actor,
        code: str,
        other_code: str,
        relation: LinkRelation,
        author: str | None = None,
        version: int | None = None,
    ) -> None:
        """Link a case to another one; saying the same again changes nothing.

        Raises:
            NotFoundError: one of the two is not within reach.
            StateError: it is the same case, or they are linked in another way already.
        """
        async with acting(
            self._database, actor, code, Right.ANSWER, author=author, version=version
        ) as action:
            case, other = action.case, await _other(action, other_code)
            after(Verb.LINK, case.state)
            known = await links.between(action.tx, case.id, other.id)
            if known == relation:
                return
            if known is not None:
                message = f"the two cases are linked as '{known}' already; undo that first"
                raise StateError(message)
            await links.put(action.tx, case, other.id, relation, storable(action.by), action.now)
            await _tell_both(action, other, CaseEventType.LINKED)

    async def unlink(
        self, actor: Actor, code: str, other_code: str, author: str | None = None, version: int | None = None
    ) -> None:
        """Link them no longer; what was not linked stays so."""
        async with acting(
            self._database, actor, code, Right.ANSWER, author=author, version=version
        ) as action:
            other = await _other(action, other_code)
            if await links.between(action.tx, action.case.id, other.id) is None:
                return
            await links.drop(action.tx, action.case.id, other.id)
            await _tell_both(action, other, CaseEventType.UNLINKED)


async def _other(action: Action, code: str) -> Case:
    wanted = code_of(code)
    other = (await intake.cases_by_code(action.tx, [wanted])).get(wanted)
    if other is None or not await reach.reaches(action.tx, action.actor, other.id, other.desk):
        raise NotFoundError(NO_CASE)
    if other.id == action.case.id:
        message = "a case cannot be linked to itself"
        raise StateError(message)
    return other


async def _tell_both(action: Action, other: Case, kind: CaseEventType) -> None:
    """The other case is not held, so that two such actions never wait for each other: its history alone."""
    action.happened(kind, note=other.tracking_code, other=other.tracking_code)
    event = _event(uuid4(), kind, other, storable(action.by), action.now)
    await writes.write_events(action.tx, [event], action.case.tracking_code)
    await outbox.put(action.tx, action.now, events=[event])


def _event(event_id: UUID, kind: CaseEventType, case: Case, by: str, now: datetime) -> CaseEvent:
    return CaseEvent(
        id=event_id,
        type=kind,
        case_id=case.id,
        tracking_code=case.tracking_code,
        topic=case.topic,
        kind=case.kind,
        desk=case.desk,
        actor=by,
        occurred_at=now,
    )
