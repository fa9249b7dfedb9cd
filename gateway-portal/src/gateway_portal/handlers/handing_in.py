"""What a person said becomes an envelope, and is safe before the page says so (design promise 1)."""

from uuid import uuid4

from bus.intake import Intake
from envelope.models import Channel, Envelope, message_id_of
from gateway_portal.model import Said

_PROVIDER = "portal"


class HandingIn:
    """The way of everything that people say here."""

    def __init__(self, intake: Intake, line: str) -> None:
        """`line`: what the portal is called on the wire."""
        self._intake = intake
        self._line = line

    async def hand_in(self, said: Said) -> None:
        """Return once it can no longer be lost.

        Raises:
            NotAcceptedError: neither Kafka nor the spool took it; nothing has happened.
        """
        envelope = Envelope(
            message_id=message_id_of(Channel.PORTAL, self._line, _PROVIDER, said.id),
            channel=Channel.PORTAL,
            provider=_PROVIDER,
            provider_message_id=said.id,
            line=self._line,
            sender=said.sender,
            text=said.text,
            attachments=tuple(said.attachments),
            declared=said.declared,
            tracking_code=said.code,
            refers_to=said.refers_to,
            occurred_at=said.at,
            received_at=said.at,
            correlation_id=uuid4(),
        )
        await self._intake.accept(envelope)
