"""Who may do what to a referral, and what of a case is shown to somebody who was only asked about it.

Section staff see all of their desks' cases. Whoever reaches a case only because their unit was asked sees the
conversation, and of the referrals their own chain: the questions that led to them and what came of theirs.
Not the centre's notes, nor what other units were asked, nor where the person can be reached.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self
from uuid import UUID

from case_store.errors import ForbiddenError
from case_store.model import ReferralState
from case_store.referring.steps import AFTER, Verb
from case_store.staffing import Actor, Right

_SETTLING: Final = frozenset(Verb) - {Verb.RECALL}
_CENTRE_ALONE: Final = ("notes", "links", "other_cases", "corrections", "tries", "calls")


class Seen(Protocol):
    """What of a referral decides who sees it and who may settle it."""

    id: UUID
    parent_id: UUID | None
    unit_id: str
    state: ReferralState
    asked_by_id: UUID | None


@dataclass(slots=True)
class Row:
    """A row of the store seen as a referral."""

    id: UUID
    parent_id: UUID | None
    unit_id: str
    state: ReferralState
    asked_by_id: UUID | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Of whatever has these columns."""
        state = ReferralState(row["state"])
        return cls(row["id"], row["parent_id"], row["unit_id"], state, row["asked_by_id"])


def inside(actor: Actor, desk: str) -> bool:
    """Whether a desk's cases are theirs, not only what was referred to their unit."""
    return actor.may(Right.READ_ALL) or desk in actor.queues


def may(actor: Actor, verb: Verb, referral: Seen) -> bool:
    """Whether the verb is theirs: settling belongs to the unit asked, recalling to who asked."""
    if verb in _SETTLING:
        return actor.may(Right.SETTLE) and (actor.staff_id is None or referral.unit_id in actor.units)
    asked = actor.staff_id is not None and actor.staff_id == referral.asked_by_id
    return asked or actor.may(Right.ASSIGN)


def demand(actor: Actor, verb: Verb, referral: Seen) -> None:
    """Go on only if the verb is theirs.

    Raises:
        ForbiddenError: it is another unit's referral, or somebody else asked.
    """
    if not may(actor, verb, referral):
        whose = "who asked or a supervisor" if verb is Verb.RECALL else "staff of the unit that was asked"
        message = f"to {verb.replace('_', ' ')} this referral is for {whose}"
        raise ForbiddenError(message)


def verbs(actor: Actor, referral: Seen) -> list[Verb]:
    """What they could do with it as it stands."""
    return [verb for verb in Verb if (referral.state, verb) in AFTER and may(actor, verb, referral)]


def chain(actor: Actor, desk: str, family: Sequence[Seen]) -> set[UUID]:
    """The referrals of a case that somebody sees: who was only asked sees theirs, those above and below."""
    if inside(actor, desk):
        return {one.id for one in family}
    theirs = {one.id for one in family if one.unit_id in actor.units}
    lines = {one.id: above(one.id, family) for one in family}
    over = {up for one in theirs for up in lines[one]}
    under = {one for one, line in lines.items() if theirs & {*line}}
    return theirs | over | under


def above(referral_id: UUID, family: Sequence[Seen]) -> list[UUID]:
    """The questions that led to a referral, the nearest first."""
    parents = {one.id: one.parent_id for one in family}
    line: list[UUID] = []
    up = parents.get(referral_id)
    while up is not None:
        line.append(up)
        up = parents.get(up)
    return line


def visible(actor: Actor, case: Mapping[str, Any]) -> dict[str, Any]:
    """A case as this actor may see it: whole for the centre, the conversation for who was only asked.

    Args:
        actor: whoever looks; the case is within their reach.
        case: as the store found it; `referrals` are rows with `id`, `parent_id`, `unit_id`.
    """
    if inside(actor, case["desk"]):
        return dict(case)
    rows = case.get("referrals", ())
    seen = chain(actor, case["desk"], [Row.of(row) for row in rows])
    shown = {name: [] if name in _CENTRE_ALONE else value for name, value in case.items()}
    shown["person"] = {**case["person"], "addresses": [], "national_id": None}
    shown["events"] = [{**event, "note": None} for event in case.get("events", ())]
    shown["call_back"] = None
    shown["referrals"] = [row for row in rows if row["id"] in seen]
    shown["messages"] = [{**message, "sender": None} for message in case["messages"]]
    theirs = {None, *seen}
    shown["clocks"] = [clock for clock in case.get("clocks", ()) if clock["referral_id"] in theirs]
    return shown
