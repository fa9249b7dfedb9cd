"""Calling people back: asked for, tried, done, given up; every try is in the case's story and the audit."""

from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

import structlog

from case_store.answers import Answer, Answers
from case_store.calling import CallBack, CallBackState, Terms, TryResult, after_try
from case_store.errors import NoAddressError, StateError
from case_store.handlers.action import Action, acting
from case_store.handlers.clocks import Clocks
from case_store.handlers.sending import Said, send
from case_store.lifecycle import Verb, after
from case_store.model import UNDECIDED, CaseState, Rules, caused, storable
from case_store.plan.effects import Addressed, CallBackWanted
from case_store.repository import call_backs, people, writes
from case_store.repository.call_backs import Try
from case_store.repository.database import Database
from case_store.schemas.call_backs import CallBackRequest, DoneRequest, TryRequest
from case_store.staffing import Actor, Right
from envelope.addresses import Address, AddressKind
from envelope.models import CaseEventType, Channel, Lane, OutboundMessage, Purpose

_log = structlog.get_logger()
_TOLD: Final = frozenset({TryResult.ANSWERED, TryResult.WRONG_NUMBER})
"""What an agent says of a number by saying what came of the call."""


class CallBacks:
    """The verbs behind the API."""

    def __init__(
        self, database: Database, answers: Answers, rules: Rules, clocks: Clocks, terms: Terms | None = None
    ) -> None:
        """Take the collaborators; `terms` say how often and how soon somebody is tried."""
        self._database = database
        self._answers = answers
        self._rules = rules
        self._clocks = clocks
        self.terms = terms or call_backs.shipped()

    async def ask(self, actor: Actor, code: str, asked: CallBackRequest, version: int | None) -> None:
        """Have the person called; where that is wanted already, at this number and not before that time.

        Raises:
            StateError: the case is answered or closed.
            NoAddressError: no number is told, and none is known.
        """
        async with acting(
            self._database, actor, code, Right.ANSWER, author=asked.author, version=version
        ) as action:
            tx, case = action.tx, action.case
            if case.state not in UNDECIDED:
                message = "this case is answered; open it again first"
                raise StateError(message).telling(state=case.state)
            task = await call_backs.live(tx, case.id)
            number = asked.number or (task and task.number)
            number = number or await call_backs.number_of(tx, case.id, case.contact_id)
            if number is None or (task and task.state is CallBackState.NEEDS_NUMBER and not asked.number):
                message = "a number to call is needed"
                raise NoAddressError(message)
            if task is None:
                wanted = CallBackWanted(uuid4(), case.id, number, action.now)
                await call_backs.open_all(tx, [wanted], action.by)
                task = CallBack(wanted.id, case.id, number, CallBackState.WAITING)
            # A number that was not tried yet begins anew.
            failures = task.failures if number == task.number else 0
            changed = CallBack(task.id, case.id, number, CallBackState.WAITING, failures, asked.next_at)
            await call_backs.change(tx, changed)
            action.happened(CaseEventType.CALL_BACK_ASKED)

    async def tried(self, actor: Actor, code: str, told: TryRequest, version: int | None) -> None:
        """Log a try; what it comes to for the task is `calling.after_try`."""
        async with acting(
            self._database, actor, code, Right.ANSWER, author=told.author, version=version
        ) as action:
            await log_try(
                action,
                self.terms,
                result=told.result,
                seconds=told.seconds,
                note=told.note,
                next_at=told.next_at,
            )

    async def done(self, actor: Actor, code: str, told: DoneRequest, version: int | None) -> None:
        """They were told on the telephone: that is the answer, and it is not sent.

        A try that was answered is logged where none was yet.

        Raises:
            StateError: nobody is to be called, or there is no number.
        """
        async with acting(
            self._database, actor, code, Right.ANSWER, author=told.author, version=version
        ) as action:
            tx, case = action.tx, action.case
            task = await _task(action)
            if task.number is None:
                message = "this call-back waits for a number"
                raise StateError(message).telling(state=task.state)
            if not await call_backs.spoken_with(tx, task):
                await log_try(action, self.terms, result=TryResult.ANSWERED, seconds=told.seconds)
            said = self._said(action, task.number, told.answer, caused(task.id, "done"))
            await writes.write_spoken(tx, Addressed(said, case.contact_id), storable(action.by))
            await call_backs.settle(tx, case.id, CallBackState.DONE, action.by, action.now)
            case.state = after(Verb.REPLY, case.state)
            case.activity(action.now)
            action.happened(CaseEventType.CALL_BACK_DONE)
            action.happened(CaseEventType.REPLIED, message_id=said.id)
            if told.close:
                case.state, case.closed_at = after(Verb.CLOSE, case.state), action.now
                action.happened(CaseEventType.CLOSED, message_id=said.id)
            if case.state is not CaseState.REFERRED:
                await self._clocks.answered(tx, case, action.now)
        _log.info("call_back_done", case_id=str(case.id))

    async def give_up(self, actor: Actor, code: str, author: str | None, version: int | None) -> None:
        """Tried often enough: the person is written to, once, and the clock waits for them.

        Raises:
            StateError: nobody is to be called, or it was not tried often enough; `tries` and `needed` tell.
        """
        async with acting(
            self._database, actor, code, Right.ANSWER, author=author, version=version
        ) as action:
            tx, case = action.tx, action.case
            task = await _task(action)
            if task.state is not CallBackState.WAITING or task.failures < self.terms.tries:
                message = f"this is given up after {self.terms.tries} tries without an answer"
                raise StateError(message).telling(tries=task.failures, needed=self.terms.tries)
            await call_backs.settle(tx, case.id, CallBackState.GIVEN_UP, action.by, action.now)
            case.state = after(Verb.REPLY, case.state)
            case.activity(action.now)
            await self._clocks.waiting(tx, case, action.now)
            written = await self._write(action, task)
            action.happened(CaseEventType.CALL_BACK_GIVEN_UP, tries=task.failures)
            action.happened(CaseEventType.WAITING, message_id=written)
        _log.info("call_back_given_up", case_id=str(case.id), tries=task.failures)

    async def _write(self, action: Action, task: CallBack) -> UUID | None:
        """That we called; nothing where no way leads to them."""
        outbound_id, case = caused(task.id, "given up"), action.case
        said = Said(
            self._answers.write(Answer.NOT_REACHED, case.language, case),
            self._answers.say(Answer.NOT_REACHED, case.language, case),
        )
        try:
            await send(action, self._rules, outbound_id, said, Purpose.STATUS)
        except NoAddressError:
            return None
        return outbound_id

    def _said(self, action: Action, number: str, text: str, outbound_id: UUID) -> OutboundMessage:
        return OutboundMessage(
            id=outbound_id,
            case_id=action.case.id,
            to=Address(kind=AddressKind.MSISDN, value=number),
            channel=Channel.PHONE,
            line=line_of(action, self._rules),
            text=storable(text),
            purpose=Purpose.REPLY,
            lane=Lane.PRIORITY,
            created_at=action.now,
            correlation_id=outbound_id,
        )


async def log_try(  # noqa: PLR0913  (what a try is)
    action: Action,
    terms: Terms,
    *,
    result: TryResult,
    seconds: float | None = None,
    note: str | None = None,
    next_at: datetime | None = None,
    call_id: UUID | None = None,
    made_by_id: UUID | None = None,
) -> None:
    """Keep a try with its case, and bring its task on; `made_by_id` is whose call a gateway made."""
    tx, case, now = action.tx, action.case, action.now
    task = await call_backs.live(tx, case.id)
    if call_id is None and result in _TOLD:  # by whoever picked up; a network tells nothing of who that is
        await _told_of_number(action, task, result)
    staff_id = made_by_id or action.actor.staff_id
    words = storable(note) if note else None
    made = (storable(action.by), staff_id, now, seconds, words)
    await call_backs.add_try(tx, Try(uuid4(), case.id, task.id if task else None, call_id, result, *made))
    if task is not None:
        await call_backs.change(tx, after_try(task, result, now, terms, next_at))
    action.happened(CaseEventType.PERSON_CALLED, result=result, seconds=seconds, call_id=call_id)


def line_of(action: Action, rules: Rules) -> str:
    """The number of ours that the person sees: the one they called."""
    return action.case.line if action.case.channel is Channel.VOICE else rules.voice_line


async def _told_of_number(action: Action, task: CallBack | None, result: TryResult) -> None:
    case = action.case
    number = task.number if task else await call_backs.number_of(action.tx, case.id, case.contact_id)
    if number is not None:
        wrong = result is TryResult.WRONG_NUMBER
        await people.set_wrong(action.tx, case.contact_id, number, action.now if wrong else None)


async def _task(action: Action) -> CallBack:
    task = await call_backs.live(action.tx, action.case.id)
    if task is None:
        message = "nobody is to be called about this case"
        raise StateError(message).telling(state=action.case.state)
    return task
