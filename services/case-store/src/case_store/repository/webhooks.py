"""What partners are to be told, written in the transaction that it happens in."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from case_store.repository.database import Transaction
from case_store.schemas.submissions import SubmissionState
from case_store.schemas.webhooks import WebhookType
from envelope.models import CaseEvent, CaseEventType

_TOLD: Final[Mapping[CaseEventType, WebhookType]] = {
    CaseEventType.OPENED: WebhookType.OPENED,
    CaseEventType.MESSAGE_RECEIVED: WebhookType.OPENED,
    CaseEventType.REFERRED: WebhookType.REFERRED,
    CaseEventType.REPLIED: WebhookType.ANSWERED,
    CaseEventType.WAITING: WebhookType.WAITING,
    CaseEventType.CLOSED: WebhookType.CLOSED,
    CaseEventType.REOPENED: WebhookType.REOPENED,
    CaseEventType.OFFICIAL_REPLY_ISSUED: WebhookType.OFFICIAL_REPLY,
    CaseEventType.OFFICIAL_REPLY_REVOKED: WebhookType.OFFICIAL_REPLY,
}
"""What is not here stays inside. A message opens for whoever handed it in; nobody else is told of it."""
_STEPPED: Final[Mapping[SubmissionState, WebhookType]] = {
    SubmissionState.OPEN: WebhookType.OPENED,
    SubmissionState.ANSWERED: WebhookType.ANSWERED,
    SubmissionState.WITHDRAWN: WebhookType.WITHDRAWN,
}
"""What brings a submission in the sandbox there."""
_INSIDE: Final = (WebhookType.REFERRED, WebhookType.OFFICIAL_REPLY)
"""Not told to whose submission joined somebody else's case: they may know its state alone."""
_WRITE: Final = """
    INSERT INTO webhook_delivery
        (id, webhook_id, event_id, message_id, type, tracking_code, reference, standing, occurred_at,
        created_at, next_at)
    WITH told AS MATERIALIZED ({told})
    SELECT gen_random_uuid(), webhook.id, told.event_id, told.message_id, told.type, told.tracking_code,
        told.reference, told.standing, told.at, told.due_at, told.due_at
    FROM told JOIN webhook ON webhook.partner_id = told.partner_id AND webhook.sandbox = {sandbox}
        AND webhook.state = 'active' AND (webhook.types = '{{}}' OR told.type = ANY (webhook.types))
    WHERE EXISTS (SELECT FROM webhook WHERE state = 'active')
    FOR KEY SHARE OF webhook
"""
"""An endpoint that is taken away meanwhile is waited for, and then passed by: a case never fails for it."""
_TAKEN_BACK: Final = "coalesce(submission.withdrawn_at = cases.closed_at, false)"
_HAPPENED: Final = f"""
    SELECT gen_random_uuid() AS event_id, submission.message_id, submission.partner_id,
        submission.tracking_code, submission.reference, happened.at,
        $1::timestamptz + happened.nr * interval '1 microsecond' AS due_at,
        CASE WHEN {_TAKEN_BACK} THEN '{WebhookType.WITHDRAWN}' ELSE happened.type END AS type,
        CASE WHEN {_TAKEN_BACK} THEN 'withdrawn'
            WHEN cases.state = 'closed' THEN 'closed'
            WHEN EXISTS (
                SELECT FROM clock WHERE clock.case_id = cases.id AND clock.referral_id IS NULL
                    AND clock.stopped_at IS NULL AND clock.paused_at IS NOT NULL
            ) THEN 'waiting'
            WHEN cases.state = 'answered' THEN 'answered'
            ELSE 'open'
        END AS standing
    FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::timestamptz[])
        WITH ORDINALITY AS happened (case_id, type, message_id, at, nr)
    JOIN submission ON submission.case_id = happened.case_id
    JOIN cases ON cases.id = happened.case_id
    WHERE (happened.type <> '{WebhookType.OPENED}' OR happened.message_id = submission.message_id)
        AND (happened.type = '{WebhookType.CLOSED}' OR NOT {_TAKEN_BACK})
        AND (happened.type <> ALL ($6) OR EXISTS (
            SELECT FROM submission AS first WHERE first.case_id = submission.case_id
                AND first.partner_id = submission.partner_id AND first.opened
        ))
"""  # noqa: S608  (words and conditions of ours)
_TELL: Final = _WRITE.format(told=_HAPPENED, sandbox="false")
_TELL_SANDBOX: Final = _WRITE.format(
    told="""
    SELECT gen_random_uuid() AS event_id, NULL::uuid AS message_id, $1::text AS partner_id,
        $2::text AS tracking_code, $3::text AS reference, $4::text AS type, $5::text AS standing,
        $6::timestamptz AS at, $6::timestamptz AS due_at
    """,
    sandbox="true",
)
_TELL_TEST: Final = f"""
    INSERT INTO webhook_delivery (id, webhook_id, event_id, type, occurred_at, created_at, next_at)
    VALUES ($1, $2, gen_random_uuid(), '{WebhookType.TEST}', $3, $3, $3)
"""  # noqa: S608  (a word of ours)


async def tell(tx: Transaction, now: datetime, events: Sequence[CaseEvent]) -> None:
    """Write what partners are to be told of these events: one statement, or none.

    Where no endpoint is it looks no further. It reads the cases as they stand by now, so that it comes after
    what the transaction writes of them.
    """
    told = [
        (event.case_id, _TOLD[event.type], event.message_id, event.occurred_at)
        for event in events
        if event.type in _TOLD
    ]
    if told:
        await tx.raw.execute(_TELL, now, *zip(*told, strict=True), _INSIDE)


async def tell_sandbox(
    tx: Transaction,
    *,
    partner_id: str,
    tracking_code: str,
    reference: str | None,
    state: SubmissionState,
    at: datetime,
) -> None:
    """The same for a submission in the sandbox, whose case is none; `state` is what it came to."""
    await tx.raw.execute(_TELL_SANDBOX, partner_id, tracking_code, reference, _STEPPED[state], state, at)


async def tell_test(tx: Transaction, delivery_id: UUID, webhook_id: UUID, now: datetime) -> None:
    """Nothing happened: the endpoint is tried."""
    await tx.raw.execute(_TELL_TEST, delivery_id, webhook_id, now)
