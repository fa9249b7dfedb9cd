"""An answer on the spot: the person has heard it, so it is kept as delivered, and nothing is sent."""

from datetime import datetime
from uuid import uuid4

from case_store.handlers.clocks import Clocks
from case_store.lifecycle import Verb, after
from case_store.model import Case, CaseState, caused, storable
from case_store.plan.effects import Addressed
from case_store.repository import writes
from case_store.repository.database import Transaction
from envelope.models import CaseEvent, CaseEventType, Envelope, Lane, OutboundMessage, Purpose


async def speak(  # noqa: PLR0913, PLR0917  (what was said, where, by whom)
    tx: Transaction,
    clocks: Clocks,
    case: Case,
    heard: Envelope,
    text: str,
    by: str,
    now: datetime,
    *,
    close: bool,
) -> list[CaseEvent]:
    """Keep what the person was told, and what it does to the case and its clock; what happened by it.

    Raises:
        StateError: it is to be closed while somebody is asked about it.
    """
    said = OutboundMessage(
        id=caused(heard.message_id, "spoken"),
        case_id=case.id,
        to=heard.sender,
        channel=heard.channel,
        line=heard.line,
        text=storable(text),
        purpose=Purpose.REPLY,
        lane=Lane.PRIORITY,
        created_at=now,
        correlation_id=heard.correlation_id,
        causation_id=heard.message_id,
    )
    await writes.write_spoken(tx, Addressed(said, case.contact_id), by)
    case.state = after(Verb.REPLY, case.state)
    events = [_event(case, CaseEventType.REPLIED, said, by)]
    if close:
        case.state, case.closed_at = after(Verb.CLOSE, case.state), now
        events.append(_event(case, CaseEventType.CLOSED, said, by))
    if case.state is not CaseState.REFERRED:
        await clocks.answered(tx, case, now)
    await writes.change_cases(tx, [case])
    case.version += 1
    await writes.write_events(tx, events, versions={case.id: case.version})
    return events


def _event(case: Case, kind: CaseEventType, said: OutboundMessage, by: str) -> CaseEvent:
    return CaseEvent(
        id=uuid4(),
        type=kind,
        case_id=case.id,
        tracking_code=case.tracking_code,
        channel=said.channel,
        topic=case.topic,
        kind=case.kind,
        desk=case.desk,
        message_id=said.id,
        actor=by,
        occurred_at=said.created_at,
    )
