"""Standard answers: written by experts, approved by somebody else, offered while they are valid."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

import structlog
import yaml

from case_store.approval import Step, after, is_offered, is_writer
from case_store.cursors import Position
from case_store.errors import NotFoundError, StateError
from case_store.handlers.action import demand_version
from case_store.model import AnswerState, Case, named
from case_store.repository import answer_lists, audit, standard_answers
from case_store.repository.answer_lists import Wanted
from case_store.repository.database import Database, Transaction
from case_store.staffing import Actor, Right
from envelope.taxonomy import Topic
from persian.dates import tehran_date
from persian.search import search_key

NO_ANSWER: Final = "no standard answer has this id and version"
_DEFAULTS: Final = files("case_store") / "defaults"
_NOBODY: Final = Actor("system", frozenset())
_log = structlog.get_logger()


class Draft(NamedTuple):
    """A version as somebody wrote it."""

    title: str
    text: str
    language: str = "fa"
    valid_from: date | None = None
    valid_to: date | None = None


class StandardAnswers:
    """The knowledge base."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    async def load_defaults(self) -> None:
        """Fill an empty table with the answers that ship with the service, approved by `system`."""
        shipped = yaml.safe_load(
            (files("case_store") / "defaults" / "standard_answers.yaml").read_text("utf-8")
        )
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            if not await standard_answers.is_first(tx):
                return
            for one in shipped:
                answer_id = named(f"default answer|{one['shortcut']}")
                about = {"topic": Topic(one["topic"]), "kind": None, "shortcut": one["shortcut"]}
                await standard_answers.add(tx, {"id": answer_id, "created_at": now, **about})
                row = _row(_NOBODY, Draft(one["title"], one["text"].strip()), now)
                decided = {"state": AnswerState.APPROVED, "decided_by": _NOBODY.name, "decided_at": now}
                await standard_answers.add_version(tx, answer_id, {**row, **decided})
        _log.info("standard_answers_loaded", answers=len(shipped))

    async def page(
        self, actor: Actor, wanted: Wanted, after_row: Position | None, limit: int
    ) -> list[dict[str, Any]]:
        """Whoever writes or approves sees every answer; everybody else what is offered today."""
        actor.demand(Right.READ)
        today = tehran_date(datetime.now(UTC))
        async with self._database.transaction() as tx:
            rows = await answer_lists.page(tx, wanted, None if _sees_all(actor) else today, after_row, limit)
        return [{**row, "offered": _offered(row, row, today)} for row in rows]

    async def find(self, actor: Actor, answer_id: UUID) -> dict[str, Any]:
        """An answer with its versions, the newest first; for readers those that were approved."""
        actor.demand(Right.READ)
        today = tehran_date(datetime.now(UTC))
        async with self._database.transaction() as tx:
            found = await standard_answers.find(tx, answer_id)
        if found is None:
            raise NotFoundError(NO_ANSWER)
        versions = [
            {**version, "offered": _offered(found, version, today)}
            for version in found["versions"]
            if _sees_all(actor) or version["state"] == AnswerState.APPROVED
        ]
        if not versions:
            raise NotFoundError(NO_ANSWER)
        return {**found, "versions": versions}

    async def write(
        self, actor: Actor, topic: str, kind: str | None, shortcut: str | None, draft: Draft
    ) -> UUID:
        """A new answer with its first version, a draft.

        Raises:
            StateError: another answer has the shortcut.
        """
        actor.demand(Right.WRITE_ANSWERS)
        now, answer_id = datetime.now(UTC), uuid4()
        async with self._database.transaction() as tx:
            if shortcut and await answer_lists.page(tx, Wanted(shortcut=shortcut), None, None, 1):
                message = "another answer has this shortcut"
                raise StateError(message)
            fields = {"id": answer_id, "topic": topic, "kind": kind, "shortcut": shortcut}
            await standard_answers.add(tx, {**fields, "created_at": now})
            await standard_answers.add_version(tx, answer_id, _row(actor, draft, now))
            await self._record(tx, actor, "answer_written", answer_id, now, number=1)
        return answer_id

    async def add_version(self, actor: Actor, answer_id: UUID, draft: Draft, version: int | None) -> int:
        """The next version, a draft; what is offered stays offered until this one is approved."""
        actor.demand(Right.WRITE_ANSWERS)
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            await self._held(tx, answer_id, version)
            number = await standard_answers.add_version(tx, answer_id, _row(actor, draft, now))
            await standard_answers.touch(tx, answer_id)
            await self._record(tx, actor, "answer_version_written", answer_id, now, number=number)
        return number

    async def decide(
        self,
        actor: Actor,
        answer_id: UUID,
        number: int,
        step: Step,
        reason: str | None,
        version: int | None,
    ) -> None:
        """Take one step with a version: submit, approve, refuse or withdraw."""
        if not _sees_all(actor):
            actor.demand(Right.WRITE_ANSWERS)
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            await self._held(tx, answer_id, version)
            if (row := await standard_answers.find_version(tx, answer_id, number)) is None:
                raise NotFoundError(NO_ANSWER)
            wrote = is_writer(actor, row["written_by"], row["written_by_id"])
            state = after(step, AnswerState(row["state"]), actor, wrote=wrote)
            decided = {"decided_by": actor.name, "decided_at": now, "decision_reason": reason}
            fields = {} if step is Step.SUBMIT else decided
            await standard_answers.change_version(tx, answer_id, number, {"state": state, **fields})
            await standard_answers.touch(tx, answer_id)
            await self._record(tx, actor, f"answer_{state}", answer_id, now, number=number)

    async def retire(self, actor: Actor, answer_id: UUID, version: int | None) -> None:
        """Offer an answer no more, and free its shortcut; a retired one stays retired."""
        actor.demand(Right.APPROVE_ANSWERS)
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            await self._held(tx, answer_id, version)
            await standard_answers.touch(tx, answer_id, retired_at=now, shortcut=None)
            await self._record(tx, actor, "answer_retired", answer_id, now)

    async def used(
        self, tx: Transaction, answer_id: UUID, number: int, case: Case, by: str, now: datetime
    ) -> None:
        """Count that a reply was made from a version, in the reply's own transaction.

        Raises:
            NotFoundError: there is no such version.
        """
        if await standard_answers.find_version(tx, answer_id, number) is None:
            raise NotFoundError(NO_ANSWER)
        await standard_answers.count_use(tx, answer_id, number, case.id, by, now)

    async def _held(self, tx: Transaction, answer_id: UUID, version: int | None) -> None:
        """Hold an answer that is not retired."""
        if (found := await standard_answers.lock(tx, answer_id)) is None:
            raise NotFoundError(NO_ANSWER)
        demand_version(found["version"], version)
        if found["retired_at"] is not None:
            message = "this answer is retired"
            raise StateError(message)

    async def _record(
        self, tx: Transaction, actor: Actor, action: str, answer_id: UUID, now: datetime, **detail: object
    ) -> None:
        await audit.record(tx, actor, action, f"answer:{answer_id}", now, detail)
        _log.info(action, answer_id=str(answer_id))


def _sees_all(actor: Actor) -> bool:
    return actor.may(Right.WRITE_ANSWERS) or actor.may(Right.APPROVE_ANSWERS)


def _offered(answer: Mapping[str, Any], version: Mapping[str, Any], today: date) -> bool:
    return answer["retired_at"] is None and is_offered(version, today)


def _row(actor: Actor, draft: Draft, now: datetime) -> dict[str, Any]:
    return {
        **draft._asdict(),
        "normalized_text": search_key(f"{draft.title}\n{draft.text}"),
        "state": AnswerState.DRAFT,
        "written_by": actor.name,
        "written_by_id": actor.staff_id,
        "written_at": now,
    }
