"""What may be done to a case where it stands, and where that leads: one table of verbs by states. Pure.

| verb, from | new | triage | open | referred | answered | closed |
|---|---|---|---|---|---|---|
| claim, assign | open | triage | open | referred | answered | |
| release | new | triage | new | referred | answered | |
| reply | answered | answered | answered | referred | answered | closed |
| close | closed | closed | closed | | closed | closed |
| reopen | | | | | open | open |
| reclassify | new | new | open | referred | answered | closed |
| note, link | new | triage | open | referred | answered | closed |

A reply while somebody has been asked is a word in between: the case waits for its expert as before, and its
clock runs. A word after the close is a courtesy. What is not in the table is refused. Referrals have a table
of their own (`referring`); what citizens' messages do is in `threads`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final
from uuid import UUID

from case_store.errors import StateError
from case_store.model import UNDECIDED, CaseState
from case_store.staffing import Actor, Right


class Verb(StrEnum):
    """What staff do to a case itself."""

    CLAIM = "claim"
    RELEASE = "release"
    ASSIGN = "assign"
    REPLY = "reply"
    CLOSE = "close"
    REOPEN = "reopen"
    RECLASSIFY = "reclassify"
    NOTE = "note"
    LINK = "link"


_NEW, _TRIAGE, _OPEN = CaseState.NEW, CaseState.TRIAGE, CaseState.OPEN
_REFERRED, _ANSWERED, _CLOSED = CaseState.REFERRED, CaseState.ANSWERED, CaseState.CLOSED
_STAYS: Final = {state: state for state in CaseState}
_TAKEN: Final = {state: state for state in CaseState if state is not _CLOSED} | {_NEW: _OPEN}

AFTER: Final[Mapping[Verb, Mapping[CaseState, CaseState]]] = {
    Verb.CLAIM: _TAKEN,
    Verb.ASSIGN: _TAKEN,
    Verb.RELEASE: {_NEW: _NEW, _TRIAGE: _TRIAGE, _OPEN: _NEW, _REFERRED: _REFERRED, _ANSWERED: _ANSWERED},
    Verb.REPLY: dict.fromkeys((_NEW, _TRIAGE, _OPEN, _ANSWERED), _ANSWERED)
    | {_REFERRED: _REFERRED, _CLOSED: _CLOSED},
    Verb.CLOSE: dict.fromkeys((_NEW, _TRIAGE, _OPEN, _ANSWERED, _CLOSED), _CLOSED),
    Verb.REOPEN: {_ANSWERED: _OPEN, _CLOSED: _OPEN},
    Verb.RECLASSIFY: _STAYS | {_TRIAGE: _NEW},
    Verb.NOTE: _STAYS,
    Verb.LINK: _STAYS,
}
"""Every legal step; what is not here is refused."""

RIGHT_OF: Final[Mapping[Verb, Right]] = dict.fromkeys(Verb, Right.ANSWER) | {Verb.ASSIGN: Right.ASSIGN}
"""Whose each verb is."""
_UNCLOSED: Final = frozenset(CaseState) - {_CLOSED}
_BESIDE: Final[Mapping[str, tuple[Right, frozenset[CaseState]]]] = {
    "draft": (Right.ANSWER, frozenset(CaseState)),
    "attach": (Right.ANSWER, frozenset(CaseState)),
    "call": (Right.ANSWER, _UNCLOSED),
    "call_back": (Right.ANSWER, UNDECIDED),
    "refer": (Right.REFER, _UNCLOSED),
    "issue_official": (Right.ISSUE_OFFICIAL, frozenset(CaseState)),
    "edit_person": (Right.EDIT_PEOPLE, frozenset(CaseState)),
}
"""What leaves the state to others, or as it is: whose it is, and where it can be done."""

_REFUSALS: Final[Mapping[tuple[Verb, CaseState], str]] = {
    (
        Verb.CLOSE,
        _REFERRED,
    ): "somebody has been asked about this case; wait for the answer or recall the question",
    **{(verb, _CLOSED): "this case is closed; reopen it first" for verb in Verb},
    **{
        (Verb.REOPEN, state): "this case is not closed, nor answered: there is nothing to reopen"
        for state in _TAKEN
    },
}


def after(verb: Verb, state: CaseState) -> CaseState:
    """Where a verb leads from where a case stands.

    Raises:
        StateError: it does not fit; the message says what happened in plain words.
    """
    led = AFTER[verb].get(state)
    if led is None:
        raise StateError(_REFUSALS[verb, state]).telling(state=state)
    return led


def offered(actor: Actor, state: CaseState, holder: UUID | None) -> list[str]:
    """What somebody who reaches the case could do now: verbs of the table, and what goes beside it."""
    verbs = [verb for verb in Verb if state in AFTER[verb] and _theirs(actor, verb, state, holder)]
    beside = [name for name, (right, fits) in _BESIDE.items() if actor.may(right) and state in fits]
    return [*verbs, *beside]


def _theirs(actor: Actor, verb: Verb, state: CaseState, holder: UUID | None) -> bool:
    held = holder is not None
    mine = held and holder == actor.staff_id
    match verb:
        case Verb.CLAIM:
            fits = actor.staff_id is not None and not held
        case Verb.RELEASE:
            fits = mine or (held and actor.may(Right.ASSIGN))
        case Verb.CLOSE:
            fits = state is not CaseState.CLOSED
        case _:
            fits = True
    return fits and actor.may(RIGHT_OF[verb])
