"""What was said in a case, in both directions, and how far our words came."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final

from case_store.seeding.chance import Weighted, dated
from case_store.seeding.life import Life
from case_store.seeding.moments import at
from case_store.seeding.people import Person
from case_store.seeding.rows import CaseRow, MessageRow, OutboundRow, ReportRow, Rows
from case_store.seeding.words import Said, Words
from envelope.models import Channel, DeliveryState, Intent, Lane, Purpose
from envelope.tracking import spaced
from persian.digits import persian_digits

LINES: Final = {
    Channel.SMS: ("10001420", "kavenegar"),
    Channel.USSD: ("*4*1420#", "mci"),
    Channel.VOICE: ("1420", "asterisk"),
    Channel.PORTAL: ("portal", "portal"),
    Channel.API: ("api", "tamin"),
    Channel.PHONE: ("1420", "desk"),
    Channel.IN_PERSON: ("desk", "desk"),
}
"""Our line and the carrier of each channel."""
_ENDINGS: Final = Weighted(
    {
        (DeliveryState.DELIVERED, "10"): 0.94,
        (DeliveryState.UNDELIVERED, "11"): 0.035,
        (DeliveryState.FAILED, "6"): 0.01,
        (DeliveryState.BLOCKED, "14"): 0.01,
        (DeliveryState.SENT, "4"): 0.005,
    }
)
_RIAL_A_PART: Final = 1_450
_LONE_PART, _JOINED_PART = 70, 67
_CODED: Final = frozenset({Channel.SMS, Channel.USSD, Channel.PORTAL})
"""Their gateways mint a code for every message; the simulated share of those that people kept is small."""
_KEPT: Final = 0.1
_ACKNOWLEDGEMENT: Final = "پیام شما ثبت شد.\nکد پیگیری: {}\nتأمین اجتماعی ۱۴۲۰"


@dataclass(slots=True)
class Talk:
    """One case's conversation while it is being written down."""

    rows: Rows
    case: CaseRow
    life: Life
    sender: Person
    chance: Random
    ids: Iterator[str]
    words: Words
    tokens: set[str] = field(default_factory=set)
    """What a search finds the case by."""

    def hear(self, moments: list[int], alias: str | None) -> list[MessageRow]:
        """What the person said at these moments; the first opens the case. The alias came with the second."""
        heard = [self._message(next(self.ids), moments[0], self._first_words(), self.case.tracking_code)]
        for moment in moments[1:]:
            said = self.words.one("follow_ups", self.chance)
            heard.append(self._message(next(self.ids), moment, said, alias))
            alias = None
        self.rows.message += heard
        return heard

    @property
    def keeps_alias(self) -> bool:
        """Whether a later message brought a code that still leads here."""
        return self.life.channel in _CODED and self.chance.random() < _KEPT

    def acknowledge(self, caused_by: MessageRow, moment: int) -> None:
        """The code by SMS."""
        text = _ACKNOWLEDGEMENT.format(persian_digits(spaced(self.case.tracking_code)))
        self._send(Purpose.ACKNOWLEDGEMENT, text, None, moment, caused_by)

    def reply(self, author: str, caused_by: MessageRow, moment: int) -> str:
        """What somebody of the staff wrote."""
        said = self.words.reply(self.life.topic, self.chance)
        self.tokens.update(said.tokens)
        return self._send(Purpose.REPLY, said.text, author, moment, caused_by)

    def _first_words(self) -> Said:
        if self.case.language == "en":
            return self.words.one("english", self.chance)
        return self.words.matter(self.life.topic, self.life.kind, self.chance)

    def _message(self, message_id: str, moment: int, said: Said, code: str | None) -> MessageRow:
        self.tokens.update(said.tokens)
        case, when = self.case, at(moment)
        line, provider = LINES[self.life.channel]
        return MessageRow(
            message_id, case.id, self.sender.id, case.channel, provider, f"seed-{message_id}", line,
            "msisdn", self.sender.number, Intent.MESSAGE, said.text, said.plain, code, case.topic, case.kind,
            case.audience, 0.6 + 0.4 * self.chance.random(), "rules", "seed", (), when, when, when,
            message_id,
        )  # fmt: skip

    def _send(
        self, purpose: Purpose, text: str, author: str | None, moment: int, caused_by: MessageRow
    ) -> str:
        drawn = self.chance.getrandbits(40)
        outbound_id, provider_id = dated(next(self.ids), moment), str(drawn)
        state, status = _ENDINGS.pick(self.chance)
        parts = 1 if len(text) <= _LONE_PART else -(-len(text) // _JOINED_PART)
        cost, ended = parts * _RIAL_A_PART, at(moment + 2 + drawn % 90)
        self.rows.outbound_message.append(
            OutboundRow(
                outbound_id, self.case.id, self.sender.id, purpose, Lane.PRIORITY, Channel.SMS, "10001420",
                "msisdn", self.sender.number, text, caused_by.correlation_id, author, state, "kavenegar",
                provider_id, status, parts, cost, at(moment), ended,
            )
        )  # fmt: skip
        self._report(outbound_id, provider_id, (DeliveryState.QUEUED, "1"), parts, moment + 1)
        self._report(outbound_id, provider_id, (state, status), parts, moment + 2 + drawn % 90)
        return outbound_id

    def _report(
        self, outbound_id: str, provider_id: str, step: tuple[DeliveryState, str], parts: int, moment: int
    ) -> None:
        report_id = dated(next(self.ids), moment)
        self.rows.delivery_report.append(
            ReportRow(
                report_id,
                outbound_id,
                "kavenegar",
                provider_id,
                *step,
                parts,
                parts * _RIAL_A_PART,
                at(moment),
                at(moment),
            )
        )
