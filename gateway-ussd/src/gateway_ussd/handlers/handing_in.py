"""A message of a person becomes an envelope that can no longer be lost, and never a second one."""

import asyncio
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import structlog

from bus.errors import NotAcceptedError, RecordTooLargeError
from bus.intake import Intake
from envelope.addresses import Address, AddressKind
from envelope.models import Channel, Envelope, Session, SessionPhase, message_id_of
from gateway_ussd.conversation import State, Submit
from gateway_ussd.handlers.background import Background
from gateway_ussd.metrics import SUBMITS
from gateway_ussd.repository.record import Reserved

_PAUSES: Final = (1, 2, 5, 10, 20, 30)
"""Seconds between tries of what was promised to be taken, while it can be kept nowhere."""
_log = structlog.get_logger()


class Taken(StrEnum):
    """What became of it in time."""

    ACCEPTED = "accepted"
    LATE = "late"
    """It goes on: it will be taken, and the case store texts the code."""
    REFUSED = "refused"


class HandingIn:
    """The one way of a message to the bus."""

    def __init__(self, intake: Intake, line: str, background: Background) -> None:
        """`line`: our service code."""
        self._intake = intake
        self._line = line
        self._background = background

    async def hand_in(
        self, submit: Submit, reserved: Reserved, msisdn: str, state: State, seconds: float
    ) -> Taken:
        """On `ACCEPTED` it is durable; a copy of it is the same message by its id."""
        envelope = self._envelope(submit, reserved, msisdn, state)
        accepting = asyncio.ensure_future(self._intake.accept(envelope))
        await asyncio.wait({accepting}, timeout=max(0.0, seconds))
        if not accepting.done():
            self._background.spawn(self._insist(accepting, envelope), "handing-in")
            taken = Taken.LATE
        else:
            try:
                accepting.result()
                taken = Taken.ACCEPTED
            except (NotAcceptedError, RecordTooLargeError):
                taken = Taken.REFUSED
        SUBMITS.labels(taken.value).inc()
        _log.debug("submit", result=taken.value, message_id=str(envelope.message_id))
        return taken

    async def _insist(self, accepting: "asyncio.Future[None]", envelope: Envelope) -> None:
        for pause in (*_PAUSES, None):
            try:
                await accepting
            except RecordTooLargeError:
                break
            except NotAcceptedError:
                if pause is None:
                    break
                await asyncio.sleep(pause)
                accepting = asyncio.ensure_future(self._intake.accept(envelope))
            else:
                SUBMITS.labels("accepted_later").inc()
                return
        SUBMITS.labels("lost").inc()
        _log.error("submit_lost", message_id=str(envelope.message_id))

    def _envelope(self, submit: Submit, reserved: Reserved, msisdn: str, state: State) -> Envelope:
        now = datetime.now(UTC)
        message_id = message_id_of(Channel.USSD, self._line, reserved.provider, reserved.message)
        return Envelope(
            message_id=message_id,
            channel=Channel.USSD,
            provider=reserved.provider,
            provider_message_id=reserved.message,
            line=self._line,
            sender=Address(kind=AddressKind.MSISDN, value=msisdn),
            text=submit.text,
            declared=submit.declared,
            tracking_code=reserved.code,
            refers_to=submit.refers_to,
            session=Session(id=reserved.session_id, phase=SessionPhase.CONTINUE, steps=state.steps),
            occurred_at=now,
            received_at=now,
            correlation_id=message_id,
        )
