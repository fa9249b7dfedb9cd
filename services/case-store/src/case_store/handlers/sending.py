"""Write to the person of a case: the message kept, and its way out begun, in the action's transaction."""

from uuid import UUID

from case_store.errors import NoAddressError
from case_store.handlers.action import Action
from case_store.model import Reach, Rules, storable
from case_store.plan.effects import Addressed
from case_store.repository import cases, outbox, writes
from envelope.addresses import AddressKind
from envelope.models import Channel, Lane, OutboundMessage, Purpose


async def send(
    action: Action,
    rules: Rules,
    outbound_id: UUID,
    text: str,
    purpose: Purpose,
    fingerprint: bytes | None = None,
) -> None:
    """By SMS, to the number that they last wrote from; else by the partner that handed in for them.

    For a partner it is kept till the partner reads it, or is told of it: nothing is sent, nor sent again.
    That a case was closed a partner sees by itself: there is nothing to keep.

    Raises:
        NoAddressError: we know of no way.
    """
    case = action.case
    reached = await cases.reached(action.tx, case)
    if reached is None:
        message = "the person of this case has no phone number that we know"
        raise NoAddressError(message).telling(reach=Reach.NONE)
    by_sms = reached.to.kind is AddressKind.MSISDN
    if purpose is Purpose.CLOSED and not by_sms:
        return
    outbound = OutboundMessage(
        id=outbound_id,
        case_id=case.id,
        to=reached.to,
        channel=Channel.SMS if by_sms else Channel.API,
        line=reached.line or rules.sms_line,
        text=storable(text),
        purpose=purpose,
        lane=Lane.PRIORITY,
        created_at=action.now,
        correlation_id=reached.correlation_id or outbound_id,
        causation_id=reached.message_id,
    )
    await writes.write_outbound(
        action.tx,
        [Addressed(outbound, case.contact_id)],
        action.now + rules.redrive_after if by_sms else None,
        author=action.by if purpose is Purpose.REPLY else None,
        fingerprint=fingerprint,
    )
    if by_sms:
        await outbox.put(action.tx, action.now, outbound=[outbound])
