"""How each make of SMSC says USSD in SMPP: which operation is which step, and where the session's id is."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway_ussd.model import EndReason, StepKind

USSD_SERVICE_OP: Final = 0x0501
ITS_SESSION_INFO: Final = 0x1383
USER_MESSAGE_REFERENCE: Final = 0x0204
MESSAGE_PAYLOAD: Final = 0x0424

Meaning = tuple[StepKind, EndReason | None] | None
"""None for what asks for no step."""

_BEGIN: Final[Meaning] = (StepKind.BEGIN, None)
_CONTINUE: Final[Meaning] = (StepKind.CONTINUE, None)
_ABORTED: Final[Meaning] = (StepKind.END, EndReason.ABORTED)


class SessionIn(StrEnum):
    """The optional parameter that names the session, and how much of it does."""

    NUMBER = "its_session_info, the higher octet"
    DIALOGUE = "its_session_info, the higher fifteen bits"
    REFERENCE = "user_message_reference"


@dataclass(frozen=True, slots=True)
class Dialect:
    """One make; operations are values of `ussd_service_op`."""

    meanings: Mapping[int, Meaning]
    goes_on: int
    ends: int
    session_in: SessionIn
    gsm7: int = 0x00
    """Its data_coding of the default alphabet."""
    ucs2: int = 0x08
    """Its data_coding of UCS-2."""


DIALECTS: Final[Mapping[str, Dialect]] = {
    # PSSR indication, USSR confirm, USSN confirm; USSR request, PSSR response.
    "plain": Dialect({0x01: _BEGIN, 0x12: _CONTINUE, 0x13: None}, 0x02, 0x11, SessionIn.NUMBER),
    "mica": Dialect({0x01: _BEGIN, 0x12: _CONTINUE, 0x81: _ABORTED}, 0x02, 0x17, SessionIn.REFERENCE),
    "sixdee": Dialect({0x01: _BEGIN, 0x12: _CONTINUE, 0x81: _ABORTED}, 0x02, 0x17, SessionIn.DIALOGUE),
}
