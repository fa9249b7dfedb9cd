"""Africa's Talking in two verbs: read a form with the whole chain in it, write CON or END before a text.

Its notification of a session's end comes to the same address; it is told by its `status` and has no `text`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway_ussd.model import EndReason, Screen, Screens, Step, StepKind
from gateway_ussd.providers.coding import octets
from gateway_ussd.providers.dialling import parts, service_code
from gateway_ussd.providers.fields import LONGEST_CHAIN, Fields, fields_of, msisdn, text, token, unreadable
from gateway_ussd.providers.port import Answer, Received
from gateway_ussd.providers.synchronous import Synchronous
from gateway_ussd.settings import ProviderSettings

REASONS: Final[Mapping[str, EndReason]] = {
    "success": EndReason.DONE,
    "incomplete": EndReason.ABORTED,
    "failed": EndReason.FAILED,
}


def from_settings(name: str, _settings: ProviderSettings, screens: Screens) -> Synchronous:
    """The provider; it has no credentials of its own."""
    return Synchronous(name, Reader(name), write, screens)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads `sessionId phoneNumber serviceCode text`, or `status` in place of `text`."""

    name: str

    def __call__(self, received: Received) -> Step:
        """See `Read`."""
        fields = fields_of(received)
        ended = "text" not in fields and "status" in fields
        chain = () if ended else parts(text(fields, "text", LONGEST_CHAIN))
        return Step(
            provider=self.name,
            session_id=token(fields, "sessionId"),
            msisdn=msisdn(fields, "phoneNumber"),
            service_code=service_code(token(fields, "serviceCode"), "serviceCode"),
            kind=StepKind.END if ended else StepKind.CONTINUE if chain else StepKind.BEGIN,
            chain=None if ended else chain,
            reason=_reason(fields) if ended else None,
        )


def write(_received: Received, screen: Screen | None) -> Answer:
    """`CON` where the person can go on, `END` where not; nothing to a notification."""
    if screen is None:
        return Answer()
    return Answer(body=octets(f"{'END' if screen.ends else 'CON'} {screen.text}"))


def _reason(fields: Fields) -> EndReason:
    reason = REASONS.get(token(fields, "status").lower())
    if reason is None:
        unreadable("status", "is not one that is known")
    return reason
