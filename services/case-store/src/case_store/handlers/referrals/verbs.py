"""What is done to a referral, from the question to what comes of it.

The person of the case is held for every step, so that of two who settle a referral at once one is taken and
the other is told who was first.
"""

from uuid import UUID

import structlog

from case_store.errors import ForbiddenError, NotFoundError, StateError
from case_store.handlers.action import acting
from case_store.handlers.cases import NO_CASE, code_of
from case_store.handlers.clocks import Clocks
from case_store.handlers.referrals.asking import Question, put_question
from case_store.handlers.referrals.steps import Steps, tell
from case_store.referring import sight
from case_store.referring.steps import Verb
from case_store.repository import audit, referrals
from case_store.repository.database import Database
from case_store.staffing import Actor, Right
from envelope.models import CaseEventType

_log = structlog.get_logger()


class Referrals:
    """The verbs behind the API; each checks that the referral stands where it fits and is the caller's."""

    def __init__(self, database: Database, clocks: Clocks) -> None:
        """Take the collaborators."""
        self._database = database
        self._clocks = clocks
        self._steps = Steps(database, clocks)

    async def ask(self, actor: Actor, code: str, question: Question, version: int | None) -> UUID:
        """Ask an expert or a liaison about a case of one's own desks; the new referral's id.

        Raises:
            ForbiddenError: the case is only within reach because their own unit was asked.
            StateError: the case is closed, or the unit cannot be asked at this tier.
        """
        async with acting(self._database, actor, code, Right.REFER, version=version) as action:
            if not sight.inside(actor, action.case.desk):
                message = "ask below the referral that brought you to this case"
                raise ForbiddenError(message)
            family = await referrals.of_case(action.tx, action.case.id)
            asked, unit = await put_question(action, self._clocks, question, above=None)
            await self._steps.stand(action, [*family, asked])
            tell(action, CaseEventType.REFERRED, asked, note=unit.name)
        _log.info("referral_asked", referral_id=str(asked.id), tier=asked.tier, unit=unit.id)
        return asked.id

    async def ask_below(
        self, actor: Actor, referral_id: UUID, question: Question, *, code: str, version: int | None
    ) -> UUID:
        """Ask another unit because of a referral to one's own, which waits for it; the new one's id."""
        async with self._steps.holding(actor, referral_id, Verb.ASK_BELOW) as held:
            action = held.action
            if await referrals.leads_to(action.tx, code_of(code)) != action.case.id:
                raise NotFoundError(NO_CASE)
            await action.demand_version(version)
            return await self._steps.send_on(held, Verb.ASK_BELOW, question)

    async def forward(self, actor: Actor, referral_id: UUID, question: Question, version: int | None) -> UUID:
        """Send its question on to another unit, as a referral below it; the new one's id."""
        async with self._steps.holding(actor, referral_id, Verb.FORWARD, version) as held:
            return await self._steps.send_on(held, Verb.FORWARD, question)

    async def answer(self, actor: Actor, referral_id: UUID, text: str, version: int | None) -> None:
        """Answer whoever asked."""
        async with self._steps.holding(actor, referral_id, Verb.ANSWER, version) as held:
            await self._steps.settle(held, Verb.ANSWER, text)
            tell(held.action, CaseEventType.REFERRAL_ANSWERED, held.referral)

    async def send_back(self, actor: Actor, referral_id: UUID, reason: str, version: int | None) -> None:
        """Return it unanswered."""
        async with self._steps.holding(actor, referral_id, Verb.RETURN, version) as held:
            await self._steps.settle(held, Verb.RETURN, reason)
            tell(held.action, CaseEventType.REFERRAL_RETURNED, held.referral, note=reason)

    async def recall(self, actor: Actor, referral_id: UUID, reason: str, version: int | None) -> None:
        """Take it back, and with it what was asked because of it."""
        async with self._steps.holding(actor, referral_id, Verb.RECALL, version) as held:
            await self._steps.settle(held, Verb.RECALL, reason)
            tell(held.action, CaseEventType.REFERRAL_RECALLED, held.referral, note=reason)

    async def claim(self, actor: Actor, referral_id: UUID, version: int | None) -> None:
        """Take it on; taking on what one has already changes nothing.

        Raises:
            StateError: a colleague has it; or a service asks, which is nobody.
        """
        if actor.staff_id is None:
            message = "only a person can take a referral on: send the token of a session"
            raise StateError(message)
        async with self._steps.holding(actor, referral_id, Verb.CLAIM, version) as held:
            action, referral = held.action, held.referral
            referral.step(Verb.CLAIM)
            if referral.assignee_id == actor.staff_id:
                return
            if referral.assignee_id is not None:
                who = await referrals.name_of(action.tx, referral.assignee_id)
                message = f"{who or 'a colleague'} has this referral"
                raise StateError(message).telling(assignee=who)
            referral.assignee_id = actor.staff_id
            await referrals.change(action.tx, [referral])
            code, detail = action.case.tracking_code, {"referral": str(referral.id)}
            await audit.record(action.tx, actor, "referral_claimed", code, action.now, detail)
        _log.info("referral_claimed", referral_id=str(referral_id))
