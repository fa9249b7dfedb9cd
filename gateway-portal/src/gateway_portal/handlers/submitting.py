"""What a partner hands in becomes an envelope, once for each idempotency key (design promises 1 and 2)."""

import json
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid4

from prometheus_client import Counter

from bus.errors import NotAcceptedError
from bus.intake import Intake
from envelope.addresses import Address, AddressKind
from envelope.errors import PayamError
from envelope.models import Channel, Envelope, earliest, message_id_of
from gateway_portal.clients.partners import PartnerStore
from gateway_portal.errors import ScopeError
from gateway_portal.model import Accepted, Caller, Scope, Submission
from gateway_portal.repository.once import Once
from minting.mint import CodeMint

LIVE_LINE: Final = "api"
SANDBOX_LINE: Final = "sandbox"
_submissions = Counter(
    "payam_partner_submissions", "What partners handed in, by what became of it.", ["world", "outcome"]
)


class Submitting:
    """The way of everything that other services hand in, whichever face they use."""

    def __init__(self, intake: Intake, mint: CodeMint, once: Once, store: PartnerStore) -> None:
        """Take the collaborators."""
        self._intake = intake
        self._mint = mint
        self._once = once
        self._store = store

    async def submit(self, caller: Caller, key: str, fingerprint: bytes, submission: Submission) -> Accepted:
        """Return once it can no longer be lost; a sandbox key's goes to the store's sandbox instead.

        Args:
            caller: Whose; the route has checked its scopes.
            key: The idempotency key, as the caller chose it.
            fingerprint: SHA-256 of the request as it came, to tell a retry from another payload.
            submission: What it is.

        Raises:
            UnderWayError: the same key's first request has not been answered yet (409).
            KeyReusedError: the same key came with another payload (422).
            QuotaError: so many a minute or a day were agreed (429); `seconds` until the next.
            NotAcceptedError: neither Kafka nor the spool took it; nothing has happened (503).
            StoreAwayError: of the sandbox, which the store keeps (503).
        """
        world = SANDBOX_LINE if caller.sandbox else LIVE_LINE
        claim = await self._once.claim(caller, key, fingerprint)
        message_id = message_id_of(Channel.API, world, caller.partner_id, key)
        if claim.known is not None:
            _submissions.labels(world, "replayed").inc()
            code, at = claim.known.split()
            return Accepted(message_id, code, datetime.fromisoformat(at), replayed=True)
        try:
            envelope = self._envelope(caller, key, message_id, submission)
            await self._hand_over(caller, envelope)
        except PayamError:
            _submissions.labels(world, "refused").inc()
            await self._once.release(claim, caller)
            raise
        _submissions.labels(world, "accepted").inc()
        code, at = str(envelope.tracking_code), envelope.received_at.isoformat()
        await self._once.keep(claim, f"{code} {at}", caller, code, remembered(envelope))
        return Accepted(message_id, code, envelope.received_at, replayed=False)

    async def _hand_over(self, caller: Caller, envelope: Envelope) -> None:
        if caller.sandbox:
            await self._store.put_in_sandbox(caller, envelope)
        else:
            await self._intake.accept(envelope)

    def _envelope(self, caller: Caller, key: str, message_id: UUID, submission: Submission) -> Envelope:
        code = self._mint.take()
        if code is None:
            message = "there is no tracking code to give just now; send it again"
            raise NotAcceptedError(message)
        now = datetime.now(UTC)
        return Envelope(
            message_id=message_id,
            channel=Channel.API,
            provider=caller.partner_id,
            provider_message_id=key,
            line=SANDBOX_LINE if caller.sandbox else LIVE_LINE,
            sender=submission.sender,
            text=submission.text,
            declared=submission.declared,
            tracking_code=code,
            refers_to=submission.refers_to,
            reference=submission.reference,
            occurred_at=earliest(submission.occurred_at, now),
            received_at=now,
            correlation_id=uuid4(),
        )


def person(caller: Caller, *, mobile: str | None, account: str | None) -> Address:
    """Whom a partner hands in for: a number (E.164) that it vouches for, or an account of its own.

    Raises:
        ScopeError: the key may not vouch for numbers.
    """
    if mobile is None:
        return Address(kind=AddressKind.ACCOUNT, value=f"{caller.partner_id}:{account}")
    if Scope.VOUCH not in caller.scopes:
        raise ScopeError(Scope.VOUCH)
    return Address(kind=AddressKind.MSISDN, value=mobile)


def remembered(envelope: Envelope) -> str:
    """What is known of a submission before the store has it: nothing of the person, none of their words."""
    declared, taken = envelope.declared, envelope.received_at.isoformat()
    told = {
        "message_id": str(envelope.message_id),
        "tracking_code": envelope.tracking_code,
        "reference": envelope.reference,
        "topic": declared.topic if declared else None,
        "kind": declared.kind if declared else None,
        "state": "received",
        "submitted_at": taken,
        "last_activity_at": taken,
    }
    return json.dumps(told)
