"""One case told from beginning to end: its row, its codes, its clocks, and what was said in it."""

from typing import Final

from case_store.model import Tier
from case_store.seeding.chance import dated
from case_store.seeding.crew import Colleague
from case_store.seeding.labour import Labour
from case_store.seeding.life import Life
from case_store.seeding.moments import at
from case_store.seeding.people import Person
from case_store.seeding.rows import CaseRow, ClockRow, CodeRow, MessageRow
from case_store.seeding.stage import Stage
from case_store.seeding.talk import LINES, Talk
from case_store.seeding.words import said
from envelope.models import CaseEventType, Channel
from envelope.taxonomy import SECTION_OF
from envelope.tracking import mint

_PROVINCE_KNOWN: Final = 0.9
_ENGLISH: Final = 0.015
_URGENT: Final = 0.04
_EXPERT_ASKED: Final = 0.6
_TOLD_BY_SMS: Final = {Channel.PHONE: 0.3, Channel.IN_PERSON: 0.3, Channel.API: 0.0}
"""How likely the code and the answer go out by SMS; where nothing else is said, they do."""


class Episode:
    """A case while it is being told."""

    def __init__(self, stage: Stage, life: Life, person: Person) -> None:
        """Begin one."""
        self._stage, self._rows, self._chance = stage, stage.rows, stage.chance
        self._life, self._person = life, person
        unit = stage.crew.units.of_desk[life.desk]
        self._handler = None if life.taken is None else stage.crew.anyone(unit, "agent", stage.chance)
        self._labour = Labour(stage, life, self._handler)

    def tell(self, number: int, more: int, before: CaseRow | None) -> CaseRow:
        """Write everything down.

        Args:
            number: of the case in the story.
            more: how many messages came after the one that opened it.
            before: an earlier closed case of the person, if one is near.
        """
        life, chance = self._life, self._chance
        moments = sorted(
            [life.opened + int(chance.random() * (life.until - life.opened)) for _ in range(more)]
        )
        case, clocks = self._case(number, before, moments)
        self._rows.cases.append(case)
        self._rows.tracking_code.append(CodeRow(case.tracking_code, case.id))
        self._rows.clock.extend(clocks)
        tokens = self._converse(case, moments, number)
        self._labour.work(case, clocks, tokens)
        self._labour.remember(case)
        if self._person.name is not None:
            tokens.update([f"#{token}" for token in said(self._person.name).tokens])
        self._rows.documents[case.id] = " ".join(tokens)
        return case

    def _clocks(self, case_id: str, province: str | None) -> list[ClockRow]:
        """The case's own, and that of a question to somebody else."""
        life, deadlines, ids = self._life, self._stage.deadlines, self._stage.ids
        clocks = [
            deadlines.clock(dated(next(ids), life.opened), case_id, life, province, started=life.opened)
        ]
        if life.referred is not None:
            tier = Tier.EXPERT if self._chance.random() < _EXPERT_ASKED else Tier.LIAISON
            asked = deadlines.clock(
                dated(next(ids), life.referred),
                case_id,
                life,
                province,
                started=life.referred,
                tier=tier,
                referral_id=next(ids),
            )
            clocks.append(asked)
        return clocks

    def _case(
        self, number: int, before: CaseRow | None, moments: list[int]
    ) -> tuple[CaseRow, list[ClockRow]]:
        life, handler, chance = self._life, self._handler, self._chance
        case_id, code = dated(next(self._stage.ids), life.opened), self._code(number)
        province = self._stage.words.provinces.pick(chance) if chance.random() < _PROVINCE_KNOWN else None
        clocks = self._clocks(case_id, province)
        follows = before is not None and before.closed_at is not None and before.closed_at <= at(life.opened)
        last = max(life.opened, life.answered or 0, life.closed or 0, *moments[-1:])
        case = CaseRow(
            case_id, self._person.id, code, life.state, life.channel, LINES[life.channel][0], life.topic,
            SECTION_OF[life.topic], life.kind, life.audience, province, life.desk,
            "en" if chance.random() < _ENGLISH else "fa", at(life.opened), at(last),
            None if life.closed is None else at(life.closed), before.id if before and follows else None,
            int(chance.random() < _URGENT), handler.id if handler else None,
            None if life.taken is None else at(life.taken),
            None if life.answered is not None else min([clock.due_at for clock in clocks]),
        )  # fmt: skip
        return case, clocks

    def _code(self, number: int) -> str:
        return mint(self._stage.plan.first_code + number, self._stage.plan.code_key)

    def _converse(self, case: CaseRow, moments: list[int], number: int) -> set[str]:
        """Both directions; the tokens of what was said."""
        life, chance, stage = self._life, self._chance, self._stage
        talk = Talk(self._rows, case, life, self._person, chance, stage.ids, stage.words)
        alias = None
        if moments and talk.keeps_alias:
            alias = self._code(stage.plan.cases + number)
            self._rows.tracking_code.append(CodeRow(alias, case.id))
        heard = talk.hear([life.opened, *moments], alias)
        self._labour.say(life.opened, CaseEventType.OPENED, heard[0].message_id, "citizen")
        for message, moment in zip(heard[1:], moments, strict=True):
            self._labour.say(moment, CaseEventType.MESSAGE_RECEIVED, message.message_id, "citizen")
        told = _TOLD_BY_SMS.get(life.channel, 1.0)
        if chance.random() < told:
            talk.acknowledge(heard[0], life.opened)
        if life.answered is not None and self._handler is not None:
            self._answer(talk, heard[-1], self._handler, life.answered, by_sms=chance.random() < told)
        return talk.tokens

    def _answer(self, talk: Talk, last: MessageRow, handler: Colleague, moment: int, *, by_sms: bool) -> None:
        """Written, or said on the telephone and written down."""
        if by_sms:
            self._labour.say(
                moment, CaseEventType.REPLIED, talk.reply(handler.name, last, moment), handler.name
            )
        else:
            told = self._stage.words.reply(self._life.topic, self._chance).text
            self._labour.say(moment, CaseEventType.REPLIED, None, handler.name, told)
