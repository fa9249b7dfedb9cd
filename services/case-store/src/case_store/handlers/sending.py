"""Write to the person of a case: the message kept, and its way out begun, in the action's transaction."""

from typing import NamedTuple
from uuid import UUID

from case_store.answers import LONGEST_HEARD
from case_store.errors import NoAddressError, TooLongToHearError
from case_store.handlers.action import Action
from case_store.model import Reach, Rules, storable
from case_store.plan.consequences import held_until
from case_store.plan.effects import Addressed
from case_store.repository import cases, outbox, writes
from envelope.models import Channel, Lane, OutboundMessage, Purpose


class Said(NamedTuple):
    """One message in both its forms."""

    read: str
    """As an SMS, or where a partner reads it."""
    heard: str
    """As it is given to a voice."""


async def send(
    action: Action,
    rules: Rules,
    outbound_id: UUID,
    said: Said,
    purpose: Purpose,
    fingerprint: bytes | None = None,
) -> None:
    """By SMS or by voice, to the number that they last wrote from; else by the partner that spoke for them.

    For a partner it is kept till the partner reads it, or is told of it: nothing is sent, nor sent again.
    That a case was closed a partner sees by itself: there is nothing to keep.

    Raises:
        NoAddressError: we know of no way.
        TooLongToHearError: it would be read out, and takes longer than anybody listens.
    """
    case = action.case
    reached = await cases.reached(action.tx, case)
    if reached is None:
        message = "the person of this case has no phone number that we know"
        raise NoAddressError(message).telling(reach=Reach.NONE)
    by_phone = reached.by is not Channel.API
    if purpose is Purpose.CLOSED and not by_phone:
        return
    text = said.heard if reached.by is Channel.VOICE else said.read
    if reached.by is Channel.VOICE and len(text) > LONGEST_HEARD:
        message = "read out, the text is too long"
        raise TooLongToHearError(message).telling(too_many=len(text) - LONGEST_HEARD)
    outbound = OutboundMessage(
        id=outbound_id,
        case_id=case.id,
        to=reached.to,
        channel=reached.by,
        line=reached.line or rules.sms_line,
        text=storable(text),
        purpose=purpose,
        lane=Lane.PRIORITY,
        not_before=held_until(reached.by, rules, action.now),
        created_at=action.now,
        correlation_id=reached.correlation_id or outbound_id,
        causation_id=reached.message_id,
    )
    await writes.write_outbound(
        action.tx,
        [Addressed(outbound, case.contact_id)],
        action.now + rules.redrive_after if by_phone else None,
        author=action.by if purpose is Purpose.REPLY else None,
        fingerprint=fingerprint,
    )
    if by_phone:
        await outbox.put(action.tx, action.now, outbound=[outbound])
