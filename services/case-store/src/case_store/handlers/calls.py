"""Click to call: an agent asks, a gateway claims it, tells how it goes, and the try is logged by itself."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import structlog

from case_store.calling import CLAIM_WITHIN, TRIED, CallResult, CallState, Terms, moves
from case_store.errors import ForbiddenError, NoAddressError, NotFoundError, StateError
from case_store.handlers.action import acting
from case_store.handlers.call_backs import line_of, log_try
from case_store.model import CaseState, Rules, storable
from case_store.repository import audit, call_backs, calls
from case_store.repository.calls import NewCall
from case_store.repository.database import Database
from case_store.schemas.call_backs import ProgressRequest
from case_store.staffing import Actor, Right
from envelope.models import Attachment

_LEASE: Final = timedelta(seconds=10)
_log = structlog.get_logger()


class Calls:
    """One live call an agent; the store decides who is called, the gateway how."""

    def __init__(self, database: Database, rules: Rules, terms: Terms) -> None:
        """Take the collaborators."""
        self._database = database
        self._rules = rules
        self._terms = terms

    async def ask(self, actor: Actor, code: str, number: str | None, version: int | None) -> UUID:
        """Have the person called, from the agent's own telephone; the id of the call.

        Raises:
            ForbiddenError: a service has no telephone.
            StateError: the case is closed, the agent has no extension (`extension` is `none`), or is calling
                already (`calling` is the code of that case).
            NoAddressError: no number is told, and none is known.
        """
        if actor.staff_id is None:
            message = "only a member of the staff has a telephone"
            raise ForbiddenError(message)
        await self.lapse()
        async with acting(self._database, actor, code, Right.ANSWER, version=version) as action:
            tx, case = action.tx, action.case
            if case.state is CaseState.CLOSED:
                message = "this case is closed; reopen it first"
                raise StateError(message).telling(state=case.state)
            extension = await calls.extension_of(tx, actor.staff_id)
            if extension is None:
                message = "no extension is known of you; an administrator enters it with your account"
                raise StateError(message).telling(extension="none")
            task = await call_backs.live(tx, case.id)
            called = number or (task and task.number)
            called = called or (
                await call_backs.number_of(tx, case.id, case.contact_id) if not task else None
            )
            if called is None:
                message = "a number to call is needed"
                raise NoAddressError(message)
            call = NewCall(
                uuid4(),
                case.id,
                actor.staff_id,
                storable(action.by),
                extension,
                called,
                line_of(action, self._rules),
                self._rules.record_calls,
                action.now,
            )
            if not await calls.ask(tx, call):
                message = "a call of yours is under way"
                raise StateError(message).telling(calling=await calls.held(tx, actor.staff_id))
            detail = {"call_id": call.id, "recorded": call.record}
            await audit.record(tx, actor, "call_asked", case.tracking_code, action.now, detail)
        _log.info("call_asked", call_id=str(call.id), case_id=str(case.id))
        return call.id

    async def claim(self, actor: Actor, limit: int) -> Sequence[Mapping[str, Any]]:
        """Calls to make now, for whoever makes them; one that nothing is said of is given out again."""
        actor.demand(Right.OPERATE)
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            return await calls.claim(tx, now, now + _LEASE, now - CLAIM_WITHIN, limit)

    async def progress(self, actor: Actor, call_id: UUID, told: ProgressRequest) -> None:
        """How far a call has come; told again, it is a sign of life; too late, nothing. Its end logs the try.

        Raises:
            NotFoundError: there is no such call.
        """
        actor.demand(Right.OPERATE)
        call = await self._find(call_id)
        if told.state is CallState.ENDED:
            await self._end(actor, call, told)
            return
        async with self._database.transaction() as tx:
            state, result = await calls.hold(tx, call_id)
            now = datetime.now(UTC)
            if moves(state, result, told.state):
                await calls.move(tx, call_id, call["case_id"], told.state, None, told.seconds, now)
            elif state is told.state:
                await calls.heard(tx, call_id, now)

    async def keep_recording(self, actor: Actor, call_id: UUID, recording: Attachment) -> None:
        """What was recorded of a call; its bytes are in the object store. Told again, it changes nothing.

        Raises:
            NotFoundError: there is no such call.
            StateError: another recording of it is kept.
        """
        actor.demand(Right.OPERATE)
        call = await self._find(call_id)
        async with self._database.transaction() as tx:
            kept = await calls.keep_recording(tx, call_id, recording.to_json().decode())
        if not kept:
            message = "another recording of this call is kept"
            raise StateError(message)
        _log.info("call_recording_kept", call_id=str(call_id), case_id=str(call["case_id"]))

    async def lapse(self) -> None:
        """End the calls of which nothing was heard for too long; called now and then."""
        async with self._database.transaction() as tx:
            lapsed = await calls.lapse(tx, datetime.now(UTC))
        if lapsed:
            _log.warning("calls_lapsed", count=lapsed)

    async def _end(self, actor: Actor, call: Mapping[str, Any], told: ProgressRequest) -> None:
        result = CallResult(told.result or CallResult.FAILED)
        async with acting(
            self._database, actor, call["tracking_code"], Right.OPERATE, author=call["made_by"]
        ) as action:
            if not moves(*await calls.hold(action.tx, call["id"]), CallState.ENDED):
                return
            moved = (CallState.ENDED, result, told.seconds, action.now)
            await calls.move(action.tx, call["id"], call["case_id"], *moved)
            if result in TRIED:
                await log_try(
                    action,
                    self._terms,
                    result=TRIED[result],
                    seconds=told.seconds,
                    call_id=call["id"],
                    made_by_id=call["staff_id"],
                )
        _log.info("call_ended", call_id=str(call["id"]), result=result)

    async def _find(self, call_id: UUID) -> Mapping[str, Any]:
        async with self._database.reading() as tx:
            call = await calls.find(tx, call_id)
        if call is None:
            message = "there is no such call"
            raise NotFoundError(message)
        return call
