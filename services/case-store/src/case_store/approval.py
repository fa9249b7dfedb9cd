"""How a version of a standard answer comes to be offered: who may take which step from where. Pure.

| step / stands | draft | submitted | approved | refused | withdrawn |
|---|---|---|---|---|---|
| submit | submitted | | | | |
| approve | | approved | | | |
| refuse | | refused | | | |
| withdraw | withdrawn | withdrawn | withdrawn | | |

Nobody approves what they wrote. A text never changes: what should read otherwise is a new version.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from case_store.errors import ForbiddenError, StateError
from case_store.model import AnswerState
from case_store.staffing import Actor, Right


class Step(StrEnum):
    """What is done to a version."""

    SUBMIT = "submit"
    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


_LEADS_TO: Final[Mapping[tuple[Step, AnswerState], AnswerState]] = {
    (Step.SUBMIT, AnswerState.DRAFT): AnswerState.SUBMITTED,
    (Step.APPROVE, AnswerState.SUBMITTED): AnswerState.APPROVED,
    (Step.REFUSE, AnswerState.SUBMITTED): AnswerState.REFUSED,
    (Step.WITHDRAW, AnswerState.DRAFT): AnswerState.WITHDRAWN,
    (Step.WITHDRAW, AnswerState.SUBMITTED): AnswerState.WITHDRAWN,
    (Step.WITHDRAW, AnswerState.APPROVED): AnswerState.WITHDRAWN,
}


def after(step: Step, state: AnswerState, actor: Actor, *, wrote: bool) -> AnswerState:
    """Where a step leads; `wrote` says that the actor wrote this version.

    Raises:
        ForbiddenError: the step is not theirs.
        StateError: it does not fit where the version stands.
    """
    actor.demand(_right(step, state))
    if step is Step.APPROVE and wrote:
        message = "whoever wrote a version does not approve it"
        raise ForbiddenError(message)
    if (step, state) not in _LEADS_TO:
        message = f"a version that is {state} cannot be moved on by '{step}'"
        raise StateError(message)
    return _LEADS_TO[step, state]


def is_offered(version: Mapping[str, Any], today: date) -> bool:
    """Whether a version is approved and valid on a day; both dates count."""
    if version["state"] != AnswerState.APPROVED:
        return False
    begins, ends = version["valid_from"] or today, version["valid_to"] or today
    return bool(begins <= today <= ends)


def is_writer(actor: Actor, name: str, staff_id: UUID | None) -> bool:
    """Whether the actor wrote it: by id, and by name where a service wrote."""
    return actor.staff_id == staff_id if staff_id or actor.staff_id else actor.name == name


def _right(step: Step, state: AnswerState) -> Right:
    """Taking back what nobody is offered yet is a writer's; all else is decided by whoever approves."""
    if step is Step.SUBMIT or (step is Step.WITHDRAW and state is not AnswerState.APPROVED):
        return Right.WRITE_ANSWERS
    return Right.APPROVE_ANSWERS
