"""A new referral: who may be asked at which tier, and its clock."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from case_store.errors import NotFoundError, StateError
from case_store.handlers.action import Action
from case_store.handlers.clocks import Clocks
from case_store.model import CaseState, ReferralState, Tier, storable
from case_store.referring.steps import Referral, Unit, demand_fitting
from case_store.repository import referrals


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and of whom."""

    tier: Tier
    unit_id: str | None
    """None for the case's own unit."""
    text: str | None
    """None for the question as it came."""
    assignee_id: UUID | None = None
    """A colleague of that unit."""


async def put_question(
    action: Action, clocks: Clocks, question: Question, above: Referral | None
) -> tuple[Referral, Unit]:
    """Write a referral below another one or at the top; its clock runs.

    Raises:
        NotFoundError: no such unit.
        StateError: the case is closed, or this unit or colleague cannot be asked.
    """
    tx, case = action.tx, action.case
    if case.state is CaseState.CLOSED:
        message = "the case is closed; reopen it first"
        raise StateError(message)
    unit = await _unit(action, question)
    demand_fitting(question.tier, unit, above)
    if question.assignee_id and not await referrals.settles_in(tx, question.assignee_id, unit.id):
        message = "nobody of this id answers referrals in this unit"
        raise StateError(message)
    referral_id = uuid4()
    referral = Referral(
        id=referral_id,
        case_id=case.id,
        parent_id=above.id if above else None,
        tier=question.tier,
        unit_id=unit.id,
        assignee_id=question.assignee_id,
        state=ReferralState.OPEN,
        question=question.text or (above.question if above else ""),
        asked_by=storable(action.by),
        asked_by_id=action.actor.staff_id,
        asked_at=action.now,
        due_at=await clocks.referred(tx, case, referral_id, question.tier, action.now),
    )
    await referrals.put(tx, referral)
    return referral, unit


async def _unit(action: Action, question: Question) -> Unit:
    """The unit that was named; for an expert, else the one whose desk the case is on."""
    if question.unit_id is not None:
        unit = await referrals.unit(action.tx, question.unit_id)
        if unit is None:
            message = "no unit has this id"
            raise NotFoundError(message)
        return unit
    unit = None
    if question.tier is Tier.EXPERT:
        unit = await referrals.unit_of_desk(action.tx, action.case.desk)
    if unit is None:
        message = "say which unit is asked"
        raise StateError(message)
    return unit
