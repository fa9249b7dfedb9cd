"""One-time codes go out by SMS, ahead of everything else, and not at all once they are of no use."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

import structlog

from bus.errors import BusUnavailableError
from bus.port import Publisher, Record
from envelope import topics
from envelope.addresses import Address, AddressKind
from envelope.models import Channel, Lane, Language, OutboundMessage, Purpose
from gateway_portal.words import say
from persian.digits import persian_digits

_USUAL_SECONDS: Final = 0.02
_AWAY_SECONDS: Final = 30.0
"""For so long after a text that was not taken, one to nobody is not taken either."""
_log = structlog.get_logger()


class Texting:
    """Messages out by way of gateway-sms."""

    def __init__(self, bus: Publisher, line: str) -> None:
        """`line`: our number that they are sent from."""
        self._bus = bus
        self._line = line
        self._seconds = _USUAL_SECONDS
        self._away_until = 0.0

    async def text(self, msisdn: str, code: str, language: Language, good_for: int) -> None:
        """Hand a code over, to be sent within the seconds that it is good for.

        Raises:
            BusUnavailableError: it was not taken.
        """
        now = datetime.now(UTC)
        message = OutboundMessage(
            id=uuid4(),
            to=Address(kind=AddressKind.MSISDN, value=msisdn),
            channel=Channel.SMS,
            line=self._line,
            text=say(
                language, "sign_in.text", code=persian_digits(code) if language == Language.FA else code
            ),
            purpose=Purpose.ONE_TIME_CODE,
            lane=Lane.PRIORITY,
            expires_at=now + timedelta(seconds=good_for),
            created_at=now,
            correlation_id=uuid4(),
        )
        begun = time.monotonic()
        try:
            await self._bus.publish([Record(topics.OUTBOUND_SMS, message.to.key, message.to_json())])
        except BusUnavailableError:
            self._away_until = time.monotonic() + _AWAY_SECONDS
            raise
        else:
            self._away_until = 0.0
        finally:
            self._seconds = time.monotonic() - begun
        _log.info("one_time_code_sent", outbound_id=str(message.id))

    async def text_nobody(self) -> None:
        """Nothing goes out: it takes as long as the last text did, and ends as that did.

        Raises:
            BusUnavailableError: the last one was not taken.
        """
        await asyncio.sleep(self._seconds)
        if time.monotonic() < self._away_until:
            message = "as the last text"
            raise BusUnavailableError(message)
