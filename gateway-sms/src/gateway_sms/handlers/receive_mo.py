"""A message from a mobile becomes an envelope that can no longer be lost."""

from datetime import UTC, datetime
from uuid import UUID

import structlog

from bus.errors import NotAcceptedError
from bus.intake import Intake
from envelope.addresses import sender_address
from envelope.models import Channel, Envelope, earliest, message_id_of
from gateway_sms.metrics import MO
from gateway_sms.providers.port import Mo
from gateway_sms.repository.seen import SeenMessages
from minting.mint import CodeMint

_log = structlog.get_logger()
_accepted = MO.labels("accepted")


class Inbound:
    """The one way in, for webhooks and for what the inbox shows was missed."""

    def __init__(self, provider: str, intake: Intake, mint: CodeMint, seen: SeenMessages) -> None:
        self._provider = provider
        self._intake = intake
        self._mint = mint
        self._seen = seen

    async def receive_mo(self, mo: Mo) -> UUID:
        """Take the message; its id. On return it is durable.

        Raises:
            NotAcceptedError: it is not; the provider must push it again.
        """
        received_at = datetime.now(UTC)
        message_id = message_id_of(Channel.SMS, mo.line, self._provider, mo.provider_message_id)
        envelope = Envelope(
            message_id=message_id,
            channel=Channel.SMS,
            provider=self._provider,
            provider_message_id=mo.provider_message_id,
            line=mo.line,
            sender=sender_address(mo.sender),
            text=mo.text,
            tracking_code=self._mint.take(),
            occurred_at=earliest(mo.occurred_at, received_at),
            received_at=received_at,
            correlation_id=message_id,
        )
        try:
            await self._intake.accept(envelope)
        except NotAcceptedError:
            MO.labels("not_accepted").inc()
            raise
        self._seen.note(mo.line, mo.provider_message_id)
        _accepted.inc()
        # At debug, for at thousands a second a line each costs more than all the rest of this function.
        _log.debug("mo_received", message_id=str(message_id))
        return message_id
