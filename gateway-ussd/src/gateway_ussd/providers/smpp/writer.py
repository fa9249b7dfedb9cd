"""A screen as what a submit_sm is made of; pure."""

from typing import Final, NamedTuple

from smpp34 import Tlv

from gateway_ussd.errors import OperatorRefusedError
from gateway_ussd.model import Screen
from gateway_ussd.providers.coding import Alphabet, coded
from gateway_ussd.providers.smpp.dialects import (
    ITS_SESSION_INFO,
    USER_MESSAGE_REFERENCE,
    USSD_SERVICE_OP,
    Dialect,
    SessionIn,
)
from gateway_ussd.providers.smpp.reader import Way

SERVICE_TYPE: Final = "USSD"
_LONGEST: Final = 254
_END_BIT: Final = 0x01


class Submit(NamedTuple):
    """What the SMSC is to show, and to whom."""

    way: Way
    data_coding: int
    octets: bytes
    tlvs: list[Tlv]


def screen(dialect: Dialect, way: Way, shown: Screen) -> Submit:
    """One screen.

    Raises:
        OperatorRefusedError: longer than a short_message may be, which no screen of ours is.
    """
    alphabet, octets = coded(shown.text)
    if len(octets) > _LONGEST:
        reason = f"the screen is over {_LONGEST} octets"
        raise OperatorRefusedError(reason)
    operation = dialect.ends if shown.ends else dialect.goes_on
    tlvs = [Tlv(USSD_SERVICE_OP, bytes((operation,)))]
    if way.session:
        tlvs.append(_session(dialect, way.session, ends=shown.ends))
    coding = dialect.gsm7 if alphabet is Alphabet.GSM7 else dialect.ucs2
    return Submit(way, coding, octets, tlvs)


def _session(dialect: Dialect, session: bytes, *, ends: bool) -> Tlv:
    if dialect.session_in is SessionIn.REFERENCE:
        return Tlv(USER_MESSAGE_REFERENCE, session)
    last = session[-1] & ~_END_BIT | ends
    return Tlv(ITS_SESSION_INFO, session[:-1] + bytes((last,)))
