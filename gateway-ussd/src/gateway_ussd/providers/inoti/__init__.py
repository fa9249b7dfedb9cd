"""iNoti in two verbs: read a query with the whole chain dialled so far, write a bare text.

It ends a session at `[end]` and takes other words in brackets for commands (a payment is one), so brackets
in a text of ours become round ones. It never tells that a session has ended.
"""

from dataclasses import dataclass
from typing import Final

from gateway_ussd.model import Screen, Screens, Step, StepKind
from gateway_ussd.providers.coding import octets
from gateway_ussd.providers.dialling import parts, service_code, tail
from gateway_ussd.providers.fields import LONGEST_CHAIN, fields_of, msisdn, text, token, unreadable
from gateway_ussd.providers.port import Answer, Received
from gateway_ussd.providers.synchronous import Synchronous
from gateway_ussd.settings import ProviderSettings

_END: Final = "[end]"
_NO_COMMANDS: Final = str.maketrans("[]", "()")


def from_settings(name: str, settings: ProviderSettings, screens: Screens) -> Synchronous:
    """The provider; it has no credentials of its own."""
    code = service_code(settings.service_code, "service_code")
    return Synchronous(name, Reader(name, code), write, screens)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads `mobile sessionid call`."""

    name: str
    code: str

    def __call__(self, received: Received) -> Step:
        """See `Read`."""
        fields = fields_of(received)
        behind = tail(text(fields, "call", LONGEST_CHAIN), self.code)
        if behind is None:
            unreadable("call", "does not begin with the service code")
        chain = parts(behind)
        return Step(
            provider=self.name,
            session_id=token(fields, "sessionid"),
            msisdn=msisdn(fields, "mobile"),
            service_code=self.code,
            kind=StepKind.CONTINUE if chain else StepKind.BEGIN,
            chain=chain,
        )


def write(_received: Received, screen: Screen | None) -> Answer:
    """The text, and the mark where it is the last."""
    if screen is None:
        return Answer()
    return Answer(body=octets(screen.text.translate(_NO_COMMANDS) + (_END if screen.ends else "")))
