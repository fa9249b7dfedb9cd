"""What follows from one message on one case: an event, and an answer to its sender. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from case_store.answers import Answer
from case_store.model import Case, Rating, Rules, caused, dated
from case_store.plan.effects import CallBackWanted
from envelope.addresses import AddressKind
from envelope.models import (
    CaseEvent,
    CaseEventType,
    Channel,
    Envelope,
    Lane,
    OutboundMessage,
    Purpose,
    RoutedMessage,
)

_PURPOSE_OF: Final[Mapping[Answer, Purpose]] = {
    Answer.ACKNOWLEDGEMENT: Purpose.ACKNOWLEDGEMENT,
    Answer.JOINED: Purpose.ACKNOWLEDGEMENT,
    Answer.STATUS: Purpose.STATUS,
    Answer.NO_CASE: Purpose.STATUS,
    Answer.HELP: Purpose.HELP,
    Answer.OPT_OUT: Purpose.OPT_OUT,
    Answer.OPT_IN: Purpose.OPT_OUT,
    Answer.CLOSED: Purpose.CLOSED,
}
_STARS: Final = "12345"
_CREDIBLE: Final = timedelta(days=30)
"""A recording that claims to be older comes from a machine whose clock is wrong."""


def begun_at(envelope: Envelope) -> datetime:
    """When the clock of a message begins: of one that was spoken then, and not when the recording came."""
    spoken, came = envelope.occurred_at, envelope.received_at
    heard_later = envelope.channel is Channel.VOICE and came - _CREDIBLE <= spoken <= came
    return spoken if heard_later else came


def call_back_of(message: RoutedMessage, case: Case) -> CallBackWanted:
    """Whoever spoke is to be called back, at the number that they called from or keyed in."""
    envelope = message.envelope
    known = envelope.sender.kind is AddressKind.MSISDN
    number = envelope.sender.value if known else None
    return CallBackWanted(caused(envelope.message_id, "call back"), case.id, number, begun_at(envelope))


def answer_to(  # noqa: PLR0913  (all of it stands in the message)
    message: RoutedMessage,
    answer: Answer,
    text: str,
    *,
    case: Case | None,
    channel: Channel,
    rules: Rules,
    now: datetime,
) -> OutboundMessage:
    """To whoever wrote, from the line they wrote to if that was by SMS; a call not before people are up."""
    envelope, purpose = message.envelope, _PURPOSE_OF[answer]
    return OutboundMessage(
        id=caused(dated(envelope.message_id, envelope.received_at), purpose),
        case_id=case.id if case else None,
        to=envelope.sender,
        channel=channel,
        line=envelope.line if envelope.channel is Channel.SMS else rules.sms_line,
        text=text,
        purpose=purpose,
        lane=Lane.PRIORITY,
        not_before=held_until(channel, rules, now),
        created_at=now,
        correlation_id=envelope.correlation_id,
        causation_id=envelope.message_id,
    )


def held_until(channel: Channel, rules: Rules, now: datetime) -> datetime | None:
    """When a message may go, where that is not at once: nobody is rung at night."""
    rings = rules.call_hours.next(now)
    return rings if channel is Channel.VOICE and rings > now else None


def event_of(message: RoutedMessage, kind: CaseEventType, case: Case, actor: str, now: datetime) -> CaseEvent:
    """That this message did this to the case."""
    return CaseEvent(
        id=caused(message.envelope.message_id, kind),
        type=kind,
        case_id=case.id,
        tracking_code=case.tracking_code,
        channel=message.envelope.channel,
        topic=case.topic,
        kind=case.kind,
        desk=case.desk,
        message_id=message.envelope.message_id,
        actor=actor,
        occurred_at=now,
    )


def rating_of(message: RoutedMessage, case: Case) -> Rating | None:
    """What a rating says of a case: the stars chosen in a form and its words, or the one digit of a text."""
    envelope = message.envelope
    if envelope.declared is not None and envelope.declared.rating is not None:
        stars, words = envelope.declared.rating, envelope.text
    else:
        digits = [letter for letter in message.normalized_text if letter in _STARS]
        if len(digits) != 1:
            return None
        stars, words = int(digits[0]), ""
    return Rating(case.id, stars, words, envelope.message_id, envelope.received_at)
