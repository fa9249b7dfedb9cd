"""What staff do with cases: the handlers of it, put together once for the app and for the tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from case_store.answers import Answers
from case_store.handlers.call_backs import CallBacks
from case_store.handlers.calls import Calls
from case_store.handlers.cases import Cases
from case_store.handlers.changes import Changes
from case_store.handlers.claims import Claims
from case_store.handlers.clocks import Clocks
from case_store.handlers.codes import TrackingCodes
from case_store.handlers.drafts import Drafts
from case_store.handlers.linking import Links
from case_store.handlers.queues import Queues
from case_store.handlers.registration.taking import Registration
from case_store.handlers.silence import Silence
from case_store.handlers.sorting import Sorting
from case_store.handlers.staff import Staff
from case_store.handlers.standard_answers import StandardAnswers
from case_store.handlers.supervision import Supervision
from case_store.handlers.witness import Witness
from case_store.model import Rules
from case_store.repository.database import Database
from chassis.parts import Part, Periodic

_LISTEN_SECONDS: Final = 60.0
_LAPSE_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Casework:
    """The pieces; `parts` live as long as the service."""

    cases: Cases
    staff: Staff
    claims: Claims
    sorting: Sorting
    links: Links
    drafts: Drafts
    registration: Registration
    queues: Queues
    supervision: Supervision
    changes: Changes
    silence: Silence
    call_backs: CallBacks
    calls: Calls
    parts: Sequence[Part]


def build_casework(  # noqa: PLR0913  (what it all rests on)
    database: Database,
    codes: TrackingCodes,
    answers: Answers,
    rules: Rules,
    clocks: Clocks,
    witness: Witness,
    *,
    fresh_seconds: float = 0.25,
) -> Casework:
    """`fresh_seconds` is how old a queue's count may be."""
    call_backs = CallBacks(database, answers, rules, clocks)
    calls = Calls(database, rules, call_backs.terms)
    cases = Cases(database, witness, tries=call_backs.terms.tries)
    queues = Queues(database, fresh_seconds=fresh_seconds)
    silence, changes = Silence(database), Changes(database)
    uses = StandardAnswers(database)
    return Casework(
        cases=cases,
        staff=Staff(database, answers, rules, clocks, uses),
        claims=Claims(database),
        sorting=Sorting(database, clocks),
        links=Links(database),
        drafts=Drafts(database),
        registration=Registration(database, codes, answers, rules, clocks, uses),
        queues=queues,
        supervision=Supervision(database, cases, queues, silence),
        changes=changes,
        silence=silence,
        call_backs=call_backs,
        calls=calls,
        parts=(
            changes,
            Periodic("silence", _LISTEN_SECONDS, silence.listen),
            Periodic("calls", _LAPSE_SECONDS, calls.lapse),
        ),
    )
