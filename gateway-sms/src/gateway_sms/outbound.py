"""What may go out at all, in which calls, and under which number: decisions without I/O."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import blake2b
from itertools import groupby
from typing import Final, NamedTuple
from uuid import UUID

from envelope.addresses import AddressKind
from envelope.models import Channel, DeliveryState, OutboundMessage
from persian.hours import CallHours

LONGEST_TEXT: Final = 900
"""Characters that the provider takes in one message; the case store keeps below it."""
_POSITIVE_63_BITS: Final = (1 << 63) - 1
_CARRIED: Final = frozenset({Channel.SMS, Channel.VOICE})


class Verdict(NamedTuple):
    """A message that will not go, and what is reported of it."""

    message: OutboundMessage
    state: DeliveryState
    reason: str


class Sorted(NamedTuple):
    """A batch after a first look."""

    sendable: list[OutboundMessage]
    expired: list[OutboundMessage]
    refused: list[Verdict]


def local_id(outbound_id: UUID) -> int:
    """The provider's idempotency key for a message: 63 bits of a hash of its id, never 0.

    Hashed because the first half of a UUID may be a time or a constant.
    """
    digest = blake2b(outbound_id.bytes, digest_size=8, person=b"payam-localid").digest()
    return (int.from_bytes(digest) & _POSITIVE_63_BITS) or 1


def by_day(message: OutboundMessage, hours: CallHours, now: datetime) -> OutboundMessage:
    """The same message; a call that would ring at night held until a telephone may."""
    if message.channel is not Channel.VOICE:
        return message
    wanted = max(message.not_before or now, now)
    rings = hours.next(wanted)
    return message if rings == wanted else message.model_copy(update={"not_before": rings})


def sort_out(messages: Iterable[OutboundMessage], now: datetime) -> Sorted:
    """What can go, what is too late, what can never go and why."""
    found = Sorted([], [], [])
    for message in messages:
        fault = _fault(message)
        if fault:
            found.refused.append(Verdict(message, DeliveryState.REJECTED, fault))
        elif message.expires_at is not None and message.expires_at <= (held_until(message, now) or now):
            found.expired.append(message)
        else:
            found.sendable.append(message)
    return found


def calls(messages: Sequence[OutboundMessage], now: datetime, size: int) -> Iterator[list[OutboundMessage]]:
    """Batches for one call each: of one line and one time, at most `size`, in order within a line.

    What is read out goes alone: a call has one text.
    """

    def call_of(message: OutboundMessage) -> tuple[bool, str, float]:
        held = held_until(message, now)
        return is_spoken(message), message.line, held.timestamp() if held else 0.0

    for (alone, _, _), group in groupby(sorted(messages, key=call_of), key=call_of):
        alike, most = list(group), 1 if alone else size
        for start in range(0, len(alike), most):
            yield alike[start : start + most]


def is_spoken(message: OutboundMessage) -> bool:
    """Whether it is read out over the telephone."""
    return message.channel is Channel.VOICE


def held_until(message: OutboundMessage, now: datetime) -> datetime | None:
    """When the provider is to hand it on, where that is not at once."""
    if message.not_before is None or message.not_before <= now:
        return None
    return message.not_before


def _fault(message: OutboundMessage) -> str | None:
    if message.channel not in _CARRIED:
        return "neither for SMS nor to be read out"
    if message.to.kind is not AddressKind.MSISDN:
        return "the address is not a phone number"
    if not message.text.strip():
        return "the text is empty"
    if len(message.text) > LONGEST_TEXT:
        return f"the text is longer than {LONGEST_TEXT} characters"
    return None
