"""What follows from one message on one case: an event, and an answer to its sender. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from case_store.answers import Answer
from case_store.model import Case, Rating, caused, dated
from envelope.models import (
    CaseEvent,
    CaseEventType,
    Channel,
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


def answer_to(
    message: RoutedMessage, answer: Answer, text: str, *, case: Case | None, sms_line: str, now: datetime
) -> OutboundMessage:
    """An SMS to whoever wrote, from the line they wrote to if that was by SMS."""
    envelope, purpose = message.envelope, _PURPOSE_OF[answer]
    return OutboundMessage(
        id=caused(dated(envelope.message_id, envelope.received_at), purpose),
        case_id=case.id if case else None,
        to=envelope.sender,
        channel=Channel.SMS,
        line=envelope.line if envelope.channel is Channel.SMS else sms_line,
        text=text,
        purpose=purpose,
        lane=Lane.PRIORITY,
        created_at=now,
        correlation_id=envelope.correlation_id,
        causation_id=envelope.message_id,
    )


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
