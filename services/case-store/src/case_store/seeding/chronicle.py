"""Cases and people by number: rows of every table, for any stretch of the story alone."""

from typing import Final

from case_store.seeding.chance import ids, spread, stream
from case_store.seeding.crew import Crew
from case_store.seeding.deadlines import Deadlines
from case_store.seeding.episode import Episode
from case_store.seeding.life import live
from case_store.seeding.moments import at
from case_store.seeding.people import national_id, person_of
from case_store.seeding.plan import SeedPlan, first_case_of, people_until
from case_store.seeding.rhythm import TAIL_SHARE, Rhythm
from case_store.seeding.rows import AddressRow, CaseRow, ContactRow, Rows
from case_store.seeding.stage import Stage
from case_store.seeding.words import Words

_LEAST_UNDECIDED: Final = 0.75
"""How many of the oldest late cases wait, against how many of the newest."""
_COMES_AGAIN_SOON: Final = 2.5
"""The greater, the likelier it is that who comes again was here a short while ago."""


class Chronicle:
    """The story of one plan."""

    def __init__(self, plan: SeedPlan, words: Words, deadlines: Deadlines) -> None:
        """Prepare what every batch needs."""
        self._plan = plan
        self._words = words
        self._deadlines = deadlines
        self._crew = Crew(plan.seed, plan.units, words)
        self._rhythm = Rhythm(plan.until)
        self._now = int(plan.until.timestamp())
        self._early = plan.cases - max(int(plan.cases * TAIL_SHARE), plan.undecided)

    def people(self, first: int, last: int) -> Rows:
        """The people from one number to before another, known since their first case."""
        rows, before = Rows(), self._plan.people_before
        for number in range(first, last):
            person = person_of(self._plan.seed, before + number, self._words)
            since = at(self._opened(first_case_of(number)))
            known = None if person.identity is None else national_id(person.identity)
            rows.contact.append(ContactRow(person.id, since, person.name, known))
            rows.contact_address.append(AddressRow("msisdn", person.number, person.id, since))
        return rows

    def cases(self, first: int, last: int) -> Rows:
        """The cases from one number to before another, with everything that belongs to them."""
        plan = self._plan
        chance = stream(plan.seed, plan.people_before, "cases", first)
        stage = Stage(plan, Rows(), chance, ids(chance), self._words, self._crew, self._deadlines)
        further = plan.messages - plan.cases
        count = last * further // plan.cases - first * further // plan.cases
        closed: dict[int, CaseRow] = {}
        for number, more in zip(range(first, last), spread(chance, count, last - first), strict=True):
            life = live(chance, self._opened(number), self._now, undecided=self._is_undecided(number))
            person = self._person(stage, number)
            who = person_of(plan.seed, plan.people_before + person, self._words)
            case = Episode(stage, life, who).tell(number, more, closed.get(person))
            if case.closed_at is not None:
                closed[person] = case
        return stage.rows

    def _opened(self, case: int) -> int:
        """When a case came: later for every later number."""
        within = (case * 2_654_435_761 & 0xFFFF) / 0x10000
        return self._rhythm.moment((case + within) / self._plan.cases)

    def _is_undecided(self, case: int) -> bool:
        """Late cases alone, the newest most likely; exactly as many as the plan says."""
        late = self._plan.cases - self._early
        place = case - self._early
        return place >= 0 and self._waiting(place + 1, late) > self._waiting(place, late)

    def _waiting(self, place: int, late: int) -> int:
        share = place / late
        rise = (1 - _LEAST_UNDECIDED) / 2
        return round(
            self._plan.undecided * (_LEAST_UNDECIDED * share + rise * share**2) / (_LEAST_UNDECIDED + rise)
        )

    def _person(self, stage: Stage, case: int) -> int:
        """Somebody new, or somebody who was here before."""
        known = people_until(case)
        if people_until(case + 1) > known:
            return known
        return known - 1 - int(known * stage.chance.random() ** _COMES_AGAIN_SOON)
