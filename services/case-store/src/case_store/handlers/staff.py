"""What staff say on a case: reply, note, close and reopen, each once however often it is asked for."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple, Protocol
from uuid import UUID, uuid4

import structlog

from case_store.answers import Answer, Answers
from case_store.errors import KeyReusedError
from case_store.handlers.action import Action, acting
from case_store.handlers.clocks import Clocks
from case_store.handlers.sending import Said, send
from case_store.lifecycle import Verb, after
from case_store.model import Case, CaseState, Rules, caused, named, storable
from case_store.repository import cases, drafts, notes
from case_store.repository.database import Database, Transaction
from case_store.staffing import Actor, Right
from envelope.models import CaseEventType, Purpose

_log = structlog.get_logger()


class AnswerUsed(NamedTuple):
    """The version of a standard answer that a reply was made from."""

    id: UUID
    number: int


class CountsUses(Protocol):
    """Whoever counts how often a standard answer is used."""

    async def used(
        self, tx: Transaction, answer_id: UUID, number: int, case: Case, by: str, now: datetime
    ) -> None:
        """Count one use."""
        ...


class Staff:
    """The verbs behind the API."""

    def __init__(
        self,
        database: Database,
        answers: Answers,
        rules: Rules,
        clocks: Clocks,
        uses: CountsUses | None = None,
    ) -> None:
        """Take the collaborators."""
        self._database = database
        self._answers = answers
        self._rules = rules
        self._clocks = clocks
        self._uses = uses

    async def reply(  # noqa: PLR0913  (all of it is what the caller said)
        self,
        actor: Actor,
        code: str,
        text: str,
        author: str | None,
        *,
        key: str | None,
        version: int | None,
        answer: AnswerUsed | None = None,
        awaits_citizen: bool = False,
    ) -> Mapping[str, Any]:
        """Write to the person of a case; the same key writes once. Whoever's draft it was, it is gone.

        `awaits_citizen` says that it asks them something: the clock pauses till they write.

        Raises:
            NotFoundError: no such case within reach.
            NoAddressError: the person has no phone number.
            TooLongToHearError: it would be read out to them, and is too long for that.
            KeyReusedError: the key was used with another payload.
            VersionMismatchError: the case is not the one that the caller read.
        """
        outbound_id = named(f"reply|{key}") if key else uuid4()
        async with acting(self._database, actor, code, Right.ANSWER, author=author) as action:
            case = action.case
            told = f"{case.tracking_code}\x1f{action.by}\x1f{text}" + "\x1fawaits" * awaits_citizen
            fingerprint = sha256(told.encode()).digest()
            before = await cases.outbound(action.tx, outbound_id)
            if before is not None:
                if before["fingerprint"] != fingerprint:
                    message = "this idempotency key was used before with another payload"
                    raise KeyReusedError(message)
                return before
            await action.demand_version(version)
            said = Said(text, self._answers.read_out(text, case))
            await send(action, self._rules, outbound_id, said, Purpose.REPLY, fingerprint)
            await self._replied(action, outbound_id, awaits_citizen=awaits_citizen)
            if answer and self._uses:
                await self._uses.used(action.tx, answer.id, answer.number, case, action.by, action.now)
            written = await cases.outbound(action.tx, outbound_id)
        _log.info("case_replied", case_id=str(case.id))
        return written or {}

    async def note(
        self, actor: Actor, code: str, text: str, author: str | None, version: int | None
    ) -> Mapping[str, Any]:
        """Write a note for colleagues; the person never sees it."""
        async with acting(
            self._database, actor, code, Right.ANSWER, author=author, version=version
        ) as action:
            after(Verb.NOTE, action.case.state)
            note_id = await notes.put(
                action.tx, action.case.id, actor, storable(action.by), storable(text), action.now
            )
            action.happened(CaseEventType.NOTED, note_id=note_id)
            return {"id": note_id, "author": action.by, "text": text, "created_at": action.now}

    async def close(
        self,
        actor: Actor,
        code: str,
        reason: str,
        author: str | None,
        *,
        notify: bool,
        version: int | None,
    ) -> None:
        """Close a case; closing a closed one changes nothing."""
        async with acting(
            self._database, actor, code, Right.ANSWER, author=author, version=version
        ) as action:
            case = action.case
            if case.state is CaseState.CLOSED:
                return
            case.state, case.closed_at = after(Verb.CLOSE, case.state), action.now
            case.activity(action.now)
            await self._clocks.answered(action.tx, case, action.now)
            action.happened(CaseEventType.CLOSED, note=reason)
            if notify:
                said = Said(
                    self._answers.write(Answer.CLOSED, case.language, case),
                    self._answers.say(Answer.CLOSED, case.language, case),
                )
                outbound_id = caused(case.id, f"closed at version {case.version}")
                await send(action, self._rules, outbound_id, said, Purpose.CLOSED)
        _log.info("case_closed", case_id=str(case.id))

    async def reopen(
        self, actor: Actor, code: str, reason: str, author: str | None, version: int | None
    ) -> None:
        """Open a closed or answered case again, for whoever had it."""
        async with acting(
            self._database, actor, code, Right.ANSWER, author=author, version=version
        ) as action:
            case = action.case
            case.state, case.closed_at = after(Verb.REOPEN, case.state), None
            case.activity(action.now)
            await self._clocks.reopened(action.tx, case, action.now)
            action.happened(CaseEventType.REOPENED, note=reason)
        _log.info("case_reopened", case_id=str(case.id))

    async def _replied(self, action: Action, outbound_id: UUID, *, awaits_citizen: bool) -> None:
        """What a reply does to its case: its state, its clock, its history, the draft."""
        tx, case, now = action.tx, action.case, action.now
        case.state = after(Verb.REPLY, case.state)
        case.activity(now)
        waits = awaits_citizen and case.state is not CaseState.CLOSED
        if waits:
            await self._clocks.waiting(tx, case, now)
        elif case.state is CaseState.ANSWERED:
            await self._clocks.answered(tx, case, now)
        action.happened(CaseEventType.REPLIED, message_id=outbound_id)
        if waits:
            action.happened(CaseEventType.WAITING, message_id=outbound_id)
        if action.actor.staff_id is not None:
            await drafts.drop(tx, case.id, action.actor.staff_id)
