"""What a verb makes of a referral, of the ones above and below it, and of its case."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from case_store.errors import StateError
from case_store.model import CaseState, ReferralState, Tier, UnitKind

LIVE: Final = frozenset({ReferralState.OPEN, ReferralState.FORWARDED})
"""States in which somebody still owes an answer."""


class Verb(StrEnum):
    """What can be done to a referral."""

    CLAIM = "claim"
    ANSWER = "answer"
    RETURN = "return"
    FORWARD = "forward"
    """Its question goes on to another unit."""
    ASK_BELOW = "ask_below"
    """A question of its unit's own goes to another unit, beside those already asked."""
    RECALL = "recall"


AFTER: Final[Mapping[tuple[ReferralState, Verb], ReferralState]] = {
    (ReferralState.OPEN, Verb.CLAIM): ReferralState.OPEN,
    (ReferralState.OPEN, Verb.ANSWER): ReferralState.ANSWERED,
    (ReferralState.OPEN, Verb.RETURN): ReferralState.RETURNED,
    (ReferralState.OPEN, Verb.FORWARD): ReferralState.FORWARDED,
    (ReferralState.OPEN, Verb.ASK_BELOW): ReferralState.FORWARDED,
    (ReferralState.OPEN, Verb.RECALL): ReferralState.RECALLED,
    (ReferralState.FORWARDED, Verb.ASK_BELOW): ReferralState.FORWARDED,
    (ReferralState.FORWARDED, Verb.RECALL): ReferralState.RECALLED,
}
"""Every legal step; what is not here is refused."""
_RANK: Final = {Tier.AGENT: 0, Tier.EXPERT: 1, Tier.LIAISON: 2}
_KIND_OF: Final = {Tier.EXPERT: UnitKind.SECTION, Tier.LIAISON: UnitKind.SPECIALISED}


@dataclass(frozen=True, slots=True)
class Unit:
    """Whom a referral may go to."""

    id: str
    kind: UnitKind
    name: str
    """In Persian, as histories show it."""
    active: bool


@dataclass(slots=True)
class Referral:
    """A question to a unit while an action works on it."""

    id: UUID
    case_id: UUID
    parent_id: UUID | None
    tier: Tier
    unit_id: str
    assignee_id: UUID | None
    state: ReferralState
    question: str
    asked_by: str
    asked_by_id: UUID | None
    asked_at: datetime
    due_at: datetime
    """By its own clock; the last one when it is settled."""
    answer: str | None = None
    """What came back: the answer, or why it was returned or recalled."""
    settled_by: str | None = None
    settled_at: datetime | None = None
    version: int = 1

    @property
    def live(self) -> bool:
        """Whether somebody still owes an answer."""
        return self.state in LIVE

    def step(self, verb: Verb) -> None:
        """Go on to where the verb leads.

        Raises:
            StateError: it does not fit where the referral stands; the words tell who was first.
        """
        after = AFTER.get((self.state, verb))
        if after is None:
            by = f" by {self.settled_by}" if self.settled_by else ""
            message = f"this referral is {self.state}{by} already"
            raise StateError(message).telling(state=self.state, by=self.settled_by, at=self.settled_at)
        self.state = after

    def settle(self, verb: Verb, words: str | None, by: str, now: datetime) -> None:
        """Answer, return or recall it."""
        self.step(verb)
        self.answer, self.settled_by, self.settled_at = words, by, now


def come_back(settled: Referral, family: Sequence[Referral]) -> Referral | None:
    """The referral above that is open again because the last one below it is settled, if so it is."""
    parent = next((one for one in family if one.id == settled.parent_id), None)
    if parent is None or parent.state is not ReferralState.FORWARDED:
        return None
    if any(one.live for one in family if one.parent_id == parent.id):
        return None
    parent.state = ReferralState.OPEN
    return parent


def below(referral: Referral, family: Sequence[Referral]) -> list[Referral]:
    """Everything asked because of it, the nearest first."""
    found: list[Referral] = []
    edge = {referral.id}
    while edge:
        children = [one for one in family if one.parent_id in edge]
        found += children
        edge = {child.id for child in children}
    return found


def case_state(before: CaseState, family: Iterable[Referral]) -> CaseState:
    """Where a case stands after a step: referred while any referral of it is live, then open again.

    A question puts an answered case back to work; nothing opens a closed one.
    """
    if before is CaseState.CLOSED:
        return before
    return CaseState.REFERRED if any(one.live for one in family) else CaseState.OPEN


def demand_fitting(tier: Tier, unit: Unit, above: Referral | None) -> None:
    """Go on only if this unit can be asked at this tier.

    Raises:
        StateError: an expert sits in a section's unit, a liaison in a specialised one, and a question never
            goes back to the unit that holds it, nor down a tier.
    """
    message = None
    if not unit.active:
        message = "this unit takes no more referrals"
    elif unit.kind is not _KIND_OF.get(tier):
        message = f"a referral to a unit of this kind is not for tier {tier}"
    elif above is not None and above.unit_id == unit.id:
        message = "the referral is with this unit already"
    elif above is not None and _RANK[tier] < _RANK[above.tier]:
        message = "a referral does not go down a tier; return it"
    if message:
        raise StateError(message)
