"""The answer that came too late for a screen follows by SMS, once, and never as a flood: each costs money."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

import structlog

from bus.errors import BusUnavailableError
from bus.port import Publisher, Record
from envelope import topics
from envelope.addresses import Address, AddressKind
from envelope.models import Channel, Lane, OutboundMessage, Purpose
from gateway_ussd.handlers.background import Background
from gateway_ussd.handlers.limits import Bucket
from gateway_ussd.metrics import TEXTS
from gateway_ussd.repository.kept import Kept

_NAMESPACE: Final = UUID("0b8f6a52-1420-5c5d-9a4e-75737364736d")
_PAUSES: Final = (0.5, 1, 2, 5, 10, 20)
"""Seconds between tries while Kafka is away."""
_OF_USE: Final = timedelta(hours=1)
_LONGEST: Final = 900
_APOLOGY_SECONDS: Final = 3_600
_IN_MEMORY: Final = 5_000
_AT_ONCE_SECONDS: Final = 10
_APOLOGY: Final = (
    "ببخشید، پاسخ شما روی صفحه نیامد. لطفاً کمی بعد دوباره شماره‌گیری کنید، "
    "یا پرسش خود را به همین شماره پیامک کنید.\nتأمین اجتماعی ۱۴۲۰"
)
_log = structlog.get_logger()


class Texting:
    """Messages out by way of gateway-sms; the same words for the same step have the same id."""

    def __init__(self, bus: Publisher, line: str, a_second: float, background: Background) -> None:
        """`line`: our number that they are sent from; `a_second`: how many, ten seconds' worth at once."""
        self._bus = bus
        self._line = line
        self._background = background
        self._bucket = Bucket(a_second, max(1.0, _AT_ONCE_SECONDS * a_second), time.monotonic())
        self._said: Kept[UUID, bool] = Kept(_IN_MEMORY)

    def may_promise(self) -> bool:
        """Whether one more can follow; who asks has taken it."""
        if self._bucket.take(time.monotonic()):
            return True
        TEXTS.labels("late", "not_promised").inc()
        return False

    def say(self, msisdn: str, name: str, text: str) -> None:
        """Text what was promised; `name` tells the step that this answers."""
        self._send("late", msisdn, uuid5(_NAMESPACE, f"late|{name}"), text)

    def apologise(self, msisdn: str) -> bool:
        """Say what to do instead of waiting for an answer, once an hour; whether it is or was said."""
        outbound_id = uuid5(_NAMESPACE, f"apology|{msisdn}|{time.time() // _APOLOGY_SECONDS}")
        if not self._said.get(outbound_id):
            if not self.may_promise():
                return False
            self._send("apology", msisdn, outbound_id, _APOLOGY)
        return True

    def _send(self, why: str, msisdn: str, outbound_id: UUID, text: str) -> None:
        if self._said.get(outbound_id):
            return
        self._said.put(outbound_id, True)  # noqa: FBT003  (a mark)
        now = datetime.now(UTC)
        message = OutboundMessage(
            id=outbound_id,
            to=Address(kind=AddressKind.MSISDN, value=msisdn),
            channel=Channel.SMS,
            line=self._line,
            text=text[:_LONGEST],
            purpose=Purpose.STATUS,
            lane=Lane.PRIORITY,
            expires_at=now + _OF_USE,
            created_at=now,
            correlation_id=outbound_id,
        )
        self._background.spawn(self._publish(why, message), "texting")

    async def _publish(self, why: str, message: OutboundMessage) -> None:
        record = Record(topics.OUTBOUND_SMS, message.to.key, message.to_json())
        for pause in (*_PAUSES, None):
            try:
                await self._bus.publish([record])
            except BusUnavailableError:
                if pause is None:
                    break
                await asyncio.sleep(pause)
            else:
                TEXTS.labels(why, "sent").inc()
                return
        TEXTS.labels(why, "given_up").inc()
        _log.warning("text_given_up", why=why, outbound_id=str(message.id))
