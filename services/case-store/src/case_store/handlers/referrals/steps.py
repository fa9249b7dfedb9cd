"""What every verb on a referral shares: the case held, clocks stopped and started, the case's own state."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import structlog

from case_store.handlers.action import Action, acting, demand_version
from case_store.handlers.clocks import Clocks
from case_store.handlers.referrals.asking import Question, put_question
from case_store.handlers.referrals.watch import case_behind, no_referral
from case_store.model import CaseState, ReferralState, storable
from case_store.referring import sight
from case_store.referring.steps import Referral, Verb, below, case_state, come_back
from case_store.repository import referrals
from case_store.repository.database import Database
from case_store.staffing import Actor, Right
from envelope.models import CaseEventType

_log = structlog.get_logger()


@dataclass(slots=True)
class Held:
    """A referral while an action works on it, with every one of its case."""

    action: Action
    referral: Referral
    family: list[Referral]


class Steps:
    """The moves that the verbs are made of."""

    def __init__(self, database: Database, clocks: Clocks) -> None:
        """Take the collaborators."""
        self._database = database
        self._clocks = clocks

    @asynccontextmanager
    async def holding(
        self, actor: Actor, referral_id: UUID, verb: Verb, version: int | None = None
    ) -> AsyncIterator[Held]:
        """Hold a referral's case for one verb.

        Raises:
            NotFoundError: none that the actor may see.
            ForbiddenError: the verb is not theirs.
            VersionMismatchError: the referral is not the one that the caller read.
        """
        right = Right.READ if verb is Verb.RECALL else Right.SETTLE
        actor.demand(right)
        async with self._database.transaction() as tx:
            code = (await case_behind(tx, actor, referral_id)).tracking_code
        async with acting(self._database, actor, code, right) as action:
            family = await referrals.of_case(action.tx, action.case.id)
            referral = next(one for one in family if one.id == referral_id)
            if referral_id not in sight.chain(actor, action.case.desk, family):
                raise no_referral()
            sight.demand(actor, verb, referral)
            demand_version(referral.version, version)
            yield Held(action, referral, family)

    async def send_on(self, held: Held, verb: Verb, question: Question) -> UUID:
        """Ask below; the referral's own clock stops, what runs now is the clock of the one below."""
        action, referral = held.action, held.referral
        ran = referral.state is ReferralState.OPEN
        referral.step(verb)
        asked, unit = await put_question(action, self._clocks, question, above=referral)
        if ran:
            await self._clocks.settled(action.tx, action.case, referral.id, action.now)
        await referrals.change(action.tx, [referral])
        await self.stand(action, [*held.family, asked])
        tell(action, CaseEventType.REFERRAL_FORWARDED, asked, note=unit.name)
        _log.info("referral_forwarded", referral_id=str(asked.id), tier=asked.tier, unit=unit.id)
        return asked.id

    async def settle(self, held: Held, verb: Verb, words: str) -> None:
        """End it; the one above is open again, with a fresh allowance, once nothing below it is live."""
        action, referral, family = held.action, held.referral, held.family
        changed = [referral]
        if verb is Verb.RECALL:
            changed += [one for one in below(referral, family) if one.live]
        await self.end(action, changed, verb, words)
        above = come_back(referral, family)
        if above is not None:
            above.due_at = await self._clocks.referred(
                action.tx, action.case, above.id, above.tier, action.now
            )
            changed.append(above)
        await referrals.change(action.tx, changed)
        await self.stand(action, family)
        _log.info("referral_settled", referral_id=str(referral.id), state=referral.state)

    async def end(self, action: Action, ending: Sequence[Referral], verb: Verb, words: str) -> None:
        """Settle each and stop its clock; a forwarded one's stands already."""
        for one in ending:
            ran = one.state is ReferralState.OPEN
            one.settle(verb, storable(words), storable(action.by), action.now)
            if ran:
                await self._clocks.settled(action.tx, action.case, one.id, action.now)

    async def stand(self, action: Action, family: Sequence[Referral]) -> None:
        """Move the case to where its referrals put it; one that was answered is due anew."""
        before = action.case.state
        action.case.state = case_state(before, family)
        if before is CaseState.ANSWERED:
            await self._clocks.reopened(action.tx, action.case, action.now)


def tell(action: Action, kind: CaseEventType, referral: Referral, note: str | None = None) -> None:
    """Into history, events and audit; the words of question and answer stay with the referral."""
    action.happened(kind, note=note, referral=str(referral.id), unit=referral.unit_id, tier=referral.tier)
