"""A deliver_sm as a step, and where its screen goes; pure."""

from dataclasses import dataclass
from hashlib import blake2s
from typing import Final, NamedTuple

from smpp34 import DeliverSm, DeliverSmEvent

from gateway_ussd.model import EndReason, Step, StepKind
from gateway_ussd.providers.coding import decoded
from gateway_ussd.providers.dialling import tail
from gateway_ussd.providers.fields import msisdn, text, unreadable
from gateway_ussd.providers.smpp.dialects import (
    ITS_SESSION_INFO,
    MESSAGE_PAYLOAD,
    USER_MESSAGE_REFERENCE,
    USSD_SERVICE_OP,
    Dialect,
    SessionIn,
)

_TAGS: Final = {
    SessionIn.NUMBER: ("its_session_info", ITS_SESSION_INFO),
    SessionIn.DIALOGUE: ("its_session_info", ITS_SESSION_INFO),
    SessionIn.REFERENCE: ("user_message_reference", USER_MESSAGE_REFERENCE),
}
_SESSION_OCTETS: Final = 2
_LONGEST_REFERENCE: Final = 4
_RECEIPT: Final = 0x04
_END_BIT: Final = 0x01

Deliver = DeliverSmEvent | DeliverSm


class Way(NamedTuple):
    """Back to the phone that a step came from."""

    line: str
    line_ton: int
    line_npi: int
    phone: str
    phone_ton: int
    phone_npi: int
    session: bytes
    """The optional parameter that names the session, as it came; empty where none did."""


class Mo(NamedTuple):
    """A step and the way back."""

    step: Step
    way: Way


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the deliver_sm of one SMSC."""

    name: str
    code: str
    dialect: Dialect

    def __call__(self, deliver: Deliver) -> Mo | None:
        """The step; None for what asks for none: a delivery report, a notice confirmed.

        Raises:
            UnreadableError: not USSD as the dialect has it.
        """
        if deliver.esm_class & _RECEIPT:
            return None
        tlvs = {tlv.tag: tlv.value for tlv in deliver.tlvs}
        meaning = self._meaning(tlvs.get(USSD_SERVICE_OP, b""))
        if meaning is None:
            return None
        session = self._session(tlvs)
        kind, reason = meaning
        if kind is not StepKind.BEGIN and self._ended(session):
            kind, reason = StepKind.END, EndReason.ABORTED
        number = msisdn({"source_addr": deliver.source_addr}, "source_addr")
        step = Step(
            provider=self.name,
            session_id=_session_id(number, self._named(session)),
            msisdn=number,
            service_code=self.code,
            kind=kind,
            typed=self._typed(kind, deliver, tlvs.get(MESSAGE_PAYLOAD, b"")),
            reason=reason,
        )
        return Mo(step, _way(deliver, session))

    def _meaning(self, operation: bytes) -> tuple[StepKind, EndReason | None] | None:
        if len(operation) != 1:
            unreadable("ussd_service_op", "is missing" if not operation else "is not one octet")
        if operation[0] not in self.dialect.meanings:
            unreadable("ussd_service_op", "is not one that is known")
        return self.dialect.meanings[operation[0]]

    def _session(self, tlvs: dict[int, bytes]) -> bytes:
        """As it came; the plain form may go without, for a phone has one session at a time."""
        name, tag = _TAGS[self.dialect.session_in]
        session = tlvs.get(tag, b"")
        if self.dialect.session_in is SessionIn.REFERENCE:
            if not 0 < len(session) <= _LONGEST_REFERENCE:
                unreadable(name, "is missing" if not session else f"is over {_LONGEST_REFERENCE} octets")
        elif session and len(session) != _SESSION_OCTETS:
            unreadable(name, "is not two octets")
        elif not session and self.dialect.session_in is SessionIn.DIALOGUE:
            unreadable(name, "is missing")
        return session

    def _ended(self, session: bytes) -> bool:
        in_bit = self.dialect.session_in is not SessionIn.REFERENCE
        return in_bit and bool(session) and bool(session[-1] & _END_BIT)

    def _named(self, session: bytes) -> bytes:
        match self.dialect.session_in:
            case SessionIn.REFERENCE:
                return session
            case SessionIn.NUMBER:
                return session[:1]
            case SessionIn.DIALOGUE:
                return bytes((session[0], session[1] & ~_END_BIT))

    def _typed(self, kind: StepKind, deliver: Deliver, payload: bytes) -> str | None:
        if kind is StepKind.END:
            return None
        raw = decoded(deliver.short_message or payload, deliver.data_coding)
        typed = text({"short_message": raw}, "short_message")
        if kind is StepKind.CONTINUE:
            return typed
        return tail(typed, self.code) or tail(deliver.destination_addr, self.code) or None


def _session_id(number: str, session: bytes) -> str:
    """Hashed, for the id is written where no number may be."""
    return blake2s(b"\0".join((number.encode(), session)), digest_size=10).hexdigest()


def _way(deliver: Deliver, session: bytes) -> Way:
    return Way(
        line=deliver.destination_addr,
        line_ton=deliver.dest_addr_ton,
        line_npi=deliver.dest_addr_npi,
        phone=deliver.source_addr,
        phone_ton=deliver.source_addr_ton,
        phone_npi=deliver.source_addr_npi,
        session=session,
    )
