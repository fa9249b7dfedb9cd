"""Say what a case is really about: it goes to the desk that knows, and the classifier learns from it."""

from dataclasses import dataclass
from typing import Any

import structlog

from case_store.cursors import Position
from case_store.errors import ForbiddenError, StateError
from case_store.handlers.action import Action, acting
from case_store.handlers.claims import set_free
from case_store.handlers.clocks import Clocks
from case_store.handlers.covering import seen_words
from case_store.lifecycle import Verb, after
from case_store.model import Case, CaseState, storable
from case_store.repository import corrections
from case_store.repository.corrections import Class
from case_store.repository.database import Database
from case_store.staffing import Actor, Right
from envelope.models import CaseEventType
from envelope.taxonomy import SECTION_OF

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a case is said to be; None leaves the province, and lets the section choose the desk."""

    found: Class
    province: str | None = None
    desk: str | None = None


class Sorting:
    """Reclassify, and give what was learnt by it."""

    def __init__(self, database: Database, clocks: Clocks) -> None:
        """Take the collaborators."""
        self._database = database
        self._clocks = clocks

    async def reclassify(
        self, actor: Actor, code: str, wanted: Sorted, author: str | None, version: int | None
    ) -> None:
        """Correct what a case is about. On another desk it is nobody's; saying the same changes nothing.

        Raises:
            StateError: there is no such desk.
        """
        async with acting(
            self._database, actor, code, Right.ANSWER, author=author, version=version
        ) as action:
            case = action.case
            before = Class(case.topic, case.kind, case.audience)
            desk = await self._desk(action, wanted)
            province = wanted.province or case.province
            if (before, case.desk, case.province) == (wanted.found, desk, province):
                return
            self._sort(action, wanted.found, province, desk)
            if before != wanted.found:
                await corrections.put(action.tx, case, before, storable(action.by), action.now)
            if case.state is not CaseState.CLOSED:
                await self._clocks.reclassified(action.tx, case, action.now)
            action.happened(CaseEventType.RECLASSIFIED, changes=_told(before, case, action.left_desk))
        _log.info("case_reclassified", case_id=str(case.id), moved=action.left_desk is not None)

    async def learnt(self, actor: Actor, after_: Position | None, limit: int) -> list[dict[str, Any]]:
        """Corrections, the newest first; the words alone for those who may export them.

        Raises:
            ForbiddenError: neither the audit nor exports are theirs.
        """
        if not (actor.may(Right.EXPORT) or actor.may(Right.READ_AUDIT)):
            message = "this needs the right 'export' or 'read_audit'"
            raise ForbiddenError(message)
        async with self._database.transaction() as tx:
            rows = await corrections.page(tx, after_, limit)
        if actor.may(Right.EXPORT):
            return seen_words(actor, rows)
        return [{**row, "text": None} for row in rows]

    async def _desk(self, action: Action, wanted: Sorted) -> str:
        """The one that was named; else the section's, if that is another or it waits in triage."""
        case, section = action.case, SECTION_OF[wanted.found.topic]
        if wanted.desk is not None:
            if not await corrections.desk_exists(action.tx, wanted.desk):
                message = "there is no such desk"
                raise StateError(message)
            return wanted.desk
        stays = section is case.section and case.state is not CaseState.TRIAGE
        return case.desk if stays or not await corrections.desk_exists(action.tx, section) else section

    def _sort(self, action: Action, found: Class, province: str | None, desk: str) -> None:
        case = action.case
        case.state = after(Verb.RECLASSIFY, case.state)
        case.topic, case.kind, case.audience = found.topic, found.kind, found.audience
        case.section, case.province = SECTION_OF[found.topic], province
        if desk != case.desk:
            action.left_desk, case.desk = case.desk, desk
            if case.assignee_id is not None and case.state is not CaseState.CLOSED:
                set_free(action)
        elif case.state is CaseState.NEW and case.assignee_id is not None:
            case.state = after(Verb.CLAIM, case.state)
        case.activity(action.now)


def _told(before: Class, case: Case, left_desk: str | None) -> dict[str, object]:
    """For the audit: what it was and what it is, where that differs."""
    was = {"topic": before.topic, "kind": before.kind, "audience": before.audience}
    told: dict[str, object] = {
        name: {"from": value, "to": getattr(case, name)}
        for name, value in was.items()
        if value != getattr(case, name)
    }
    return told | ({"desk": {"from": left_desk, "to": case.desk}} if left_desk else {})
