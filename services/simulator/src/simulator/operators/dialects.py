"""How an SMSC tells USSD sessions by optional parameters: one table a dialect, pure."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final, NamedTuple

import smpp34

from simulator.ussd import Session

_TLV_USER_MESSAGE_REFERENCE: Final = 0x0204
_TLV_USSD_SERVICE_OP: Final = 0x0501
_TLV_ITS_SESSION_INFO: Final = 0x1383
_PSSR_INDICATION: Final = 0x01
_USSR_REQUEST: Final = 0x02
_PSSR_RESPONSE: Final = 0x11
_USSR_CONFIRM: Final = 0x12
_USER_ABORT: Final = 0x81
_END_IN_HEX: Final = 0x17
"""Where a document's decimal 17 was taken for hexadecimal; both vendors' SMSCs live with it."""
_ENDS: Final = frozenset({_PSSR_RESPONSE, _END_IN_HEX})


class Reference(Enum):
    """Which parameter names the session."""

    SESSION_NUMBER = "its_session_info: the session in the first octet, its sequence in the second"
    DIALOGUE = "its_session_info: the session in the upper 15 bits"
    MESSAGE = "user_message_reference: 16 bits"


class Dialect(NamedTuple):
    """One SMSC's way."""

    reference: Reference
    abort: int
    """The operation that says that the person or the network ended it."""


DIALECTS: Final[Mapping[str, Dialect]] = {
    "plain": Dialect(Reference.SESSION_NUMBER, _USSR_CONFIRM),
    "mica": Dialect(Reference.MESSAGE, _USER_ABORT),
    "sixdee": Dialect(Reference.DIALOGUE, _USER_ABORT),
}


class Told(NamedTuple):
    """What a submit_sm of our gateway says beside its text."""

    reference: str
    ends: bool


def request_tlvs(dialect: Dialect, session: Session, *, steps: int) -> list[smpp34.Tlv]:
    """Of a deliver_sm that begins (no steps yet) or goes on."""
    operation = _USSR_CONFIRM if steps else _PSSR_INDICATION
    return [_operation(operation), _reference(dialect, session, steps, ends=False)]


def ending_tlvs(dialect: Dialect, session: Session, *, steps: int) -> list[smpp34.Tlv]:
    """Of the deliver_sm that says that it is over."""
    return [_operation(dialect.abort), _reference(dialect, session, steps, ends=True)]


def reference_of(dialect: Dialect, session: Session) -> str:
    """The session as this dialect can tell it apart: of so few bits, only beside the number."""
    bits = {Reference.SESSION_NUMBER: 8, Reference.DIALOGUE: 15, Reference.MESSAGE: 16}[dialect.reference]
    return f"{session.msisdn}:{session.id % 2**bits}"


def told(dialect: Dialect, msisdn: str, tlvs: Sequence[smpp34.Tlv]) -> Told | None:
    """What a submit_sm says; None when it names no session or no operation."""
    values = {tlv.tag: tlv.value for tlv in tlvs}
    operation = values.get(_TLV_USSD_SERVICE_OP)
    if not operation:
        return None
    ends = operation[0] in _ENDS
    if dialect.reference is Reference.MESSAGE:
        reference = values.get(_TLV_USER_MESSAGE_REFERENCE, b"")
        return Told(f"{msisdn}:{int.from_bytes(reference)}", ends) if reference else None
    info = values.get(_TLV_ITS_SESSION_INFO, b"")
    if len(info) != 2:  # noqa: PLR2004  (the parameter's length)
        return None
    number = info[0] if dialect.reference is Reference.SESSION_NUMBER else int.from_bytes(info) >> 1
    return Told(f"{msisdn}:{number}", ends or bool(info[1] & 1))


def _operation(value: int) -> smpp34.Tlv:
    return smpp34.Tlv(_TLV_USSD_SERVICE_OP, bytes([value]))


def _reference(dialect: Dialect, session: Session, steps: int, *, ends: bool) -> smpp34.Tlv:
    match dialect.reference:
        case Reference.MESSAGE:
            value = (session.id % 2**16).to_bytes(2)
            return smpp34.Tlv(_TLV_USER_MESSAGE_REFERENCE, value)
        case Reference.DIALOGUE:
            value = (session.id % 2**15 << 1 | ends).to_bytes(2)
        case Reference.SESSION_NUMBER:
            value = bytes([session.id % 2**8, steps % 2**7 << 1 | ends])
    return smpp34.Tlv(_TLV_ITS_SESSION_INFO, value)
