"""A telephone call or a visit as staff took it down, and the message that it is to everything after. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from case_store.model import storable
from envelope.addresses import Address
from envelope.models import (
    Channel,
    Classification,
    DecisionSource,
    Declared,
    Envelope,
    Intent,
    Language,
    RoutedMessage,
    message_id_of,
)
from envelope.taxonomy import SECTION_OF, Audience, Kind, Topic
from persian.normalize import normalize

_PROVIDER: Final = "desk"
_LINE_OF: Final[Mapping[Channel, str]] = {Channel.PHONE: "1420", Channel.IN_PERSON: "counter"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenDown:
    """What an agent wrote down while listening."""

    channel: Channel
    text: str
    topic: Topic
    kind: Kind
    audience: Audience = Audience.UNKNOWN
    province: str | None = None
    number: str | None = None
    """In E.164."""
    name: str | None = None
    national_id: str | None = None
    desk: str | None = None
    """The section's if None."""
    case: str | None = None
    """The code of the case that this is more of."""
    answer: str | None = None
    """What the person was told."""
    answer_id: UUID | None = None
    """The standard answer that it was made from."""
    answer_number: int | None = None
    """The version of it."""
    close: bool = False
    notify: bool = False


def message_id(taken: TakenDown, name: str) -> UUID:
    """The id of the message: the same for every retry under one name."""
    return message_id_of(taken.channel, _LINE_OF[taken.channel], _PROVIDER, name)


def as_message(taken: TakenDown, sender: Address, desk: str, name: str, now: datetime) -> RoutedMessage:
    """The message, with the class that was declared; `name` is what its provider, the desk, calls it."""
    ours = message_id(taken, name)
    text = storable(taken.text)
    envelope = Envelope(
        message_id=ours,
        channel=taken.channel,
        provider=_PROVIDER,
        provider_message_id=name,
        line=_LINE_OF[taken.channel],
        sender=sender,
        text=text,
        declared=Declared(
            topic=taken.topic, kind=taken.kind, audience=taken.audience, province=taken.province
        ),
        occurred_at=now,
        received_at=now,
        correlation_id=ours,
    )
    found = Classification(
        topic=taken.topic,
        section=SECTION_OF[taken.topic],
        kind=taken.kind,
        audience=taken.audience,
        confidence=1,
        source=DecisionSource.DECLARED,
        version=_PROVIDER,
    )
    return RoutedMessage(
        envelope=envelope,
        classification=found,
        intent=Intent.MESSAGE,
        desk=desk,
        language=Language.FA,
        normalized_text=normalize(text),
        routed_at=now,
    )
