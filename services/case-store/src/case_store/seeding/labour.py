"""What staff did in a case besides answering: claimed, asked somebody, noted, closed; its history."""

from typing import Final

from case_store.model import ReferralState, Tier
from case_store.seeding.crew import Colleague
from case_store.seeding.life import Life
from case_store.seeding.moments import at
from case_store.seeding.rows import CaseRow, ClockRow, EventRow, NoteRow, ReferralRow
from case_store.seeding.stage import Stage
from envelope.models import CaseEventType

_NOTED: Final = 0.06
_TAKEN_UP: Final = 0.5
"""Of the questions that are open."""


class Labour:
    """One case's history while it is gathered."""

    def __init__(self, stage: Stage, life: Life, handler: Colleague | None) -> None:
        """Begin with nothing done."""
        self._stage, self._life, self._handler = stage, life, handler
        self._happened: list[tuple[int, CaseEventType, str | None, str, str | None]] = []

    def say(
        self, moment: int, kind: CaseEventType, message_id: str | None, actor: str, note: str | None = None
    ) -> None:
        """Something happened."""
        self._happened.append((moment, kind, message_id, actor, note))

    def work(self, case: CaseRow, clocks: list[ClockRow], tokens: set[str]) -> None:
        """Everything, as the case's life has it; `tokens` gets those of a note."""
        life, handler = self._life, self._handler
        for clock in clocks:
            if clock.breached_at is not None:
                self.say(int(clock.due_at.timestamp()), CaseEventType.DEADLINE_BREACHED, None, "system")
        if handler is None or life.taken is None:
            return
        self.say(life.taken, CaseEventType.CLAIMED, None, handler.name)
        for clock in clocks[1:]:
            self._refer(case, clock, handler)
        if self._stage.chance.random() < _NOTED:
            tokens.update(self._note(case, handler, life.taken))
        if life.closed is not None:
            reason = self._stage.words.one("reasons", self._stage.chance).text
            self.say(life.closed, CaseEventType.CLOSED, None, handler.name, reason)

    def remember(self, case: CaseRow) -> None:
        """Write the history down, in order."""
        self._happened.sort(key=lambda happened: happened[0])
        self._stage.rows.case_event += [
            EventRow(
                next(self._stage.ids), case.id, kind, message_id, actor, case.channel, case.topic, case.kind,
                case.desk, note, at(moment),
            )
            for moment, kind, message_id, actor, note in self._happened
        ]  # fmt: skip

    def _note(self, case: CaseRow, author: Colleague, moment: int) -> list[str]:
        noted = self._stage.words.one("notes", self._stage.chance)
        row = NoteRow(next(self._stage.ids), case.id, author.name, author.id, noted.text, at(moment))
        self._stage.rows.note.append(row)
        self.say(moment, CaseEventType.NOTED, None, author.name)
        return [f"#{token}" for token in noted.tokens]

    def _refer(self, case: CaseRow, clock: ClockRow, handler: Colleague) -> None:
        """A question to an expert of the unit or a liaison of another one; answered if the case is."""
        life, crew, words, chance = self._life, self._stage.crew, self._stage.words, self._stage.chance
        expert = clock.tier == Tier.EXPERT
        unit = crew.units.of_desk[life.desk]
        if not expert:
            unit = crew.units.specialised[int(chance.random() * len(crew.units.specialised))]
        asked = crew.anyone(unit, "expert" if expert else "liaison", chance)
        settled = life.answered is not None
        self._stage.rows.referral.append(
            ReferralRow(
                clock.referral_id or next(self._stage.ids), case.id, clock.tier, unit,
                asked.id if settled or chance.random() < _TAKEN_UP else None,
                ReferralState.ANSWERED if settled else ReferralState.OPEN,
                words.one("referral_questions", chance).text, handler.name, handler.id, clock.started_at,
                clock.due_at, words.one("referral_answers", chance).text if settled else None,
                asked.name if settled else None, clock.stopped_at,
            )
        )  # fmt: skip
        self.say(life.referred or life.opened, CaseEventType.REFERRED, None, handler.name)
        if life.answered is not None:
            self.say(life.answered, CaseEventType.REFERRAL_ANSWERED, None, asked.name)
