"""Comviva's Flares in two verbs: read a query, write a text whose headers say whether the session goes on.

Nothing tells a first request but its `input`: the service code as dialled, without its `*` and `#`.
A clean-up call has the same address, `msisdn` in lower case, and `clean`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway_ussd.model import EndReason, Screen, Screens, Step, StepKind
from gateway_ussd.providers.coding import octets
from gateway_ussd.providers.dialling import service_code, tail
from gateway_ussd.providers.fields import Fields, check, fields_of, msisdn, text, token
from gateway_ussd.providers.port import Answer, Received
from gateway_ussd.providers.synchronous import Synchronous
from gateway_ussd.settings import ProviderSettings

_HEADERS: Final = {
    "charge": "N",
    "amount": "0",
    "Expires": "-1",
    "Pragma": "no-cache",
    "Cache-Control": "max-age=0",
}


def from_settings(name: str, settings: ProviderSettings, screens: Screens) -> Synchronous:
    """The provider; `userid` and `password` are asked for where they are set."""
    reader = Reader(
        name,
        service_code(settings.service_code, "service_code"),
        {"userid": settings.user, "password": settings.password.get_secret_value()},
    )
    return Synchronous(name, reader, write, screens)


@dataclass(frozen=True, slots=True, repr=False)
class Reader:
    """Reads `SessionID MSISDN input`, or `clean` in place of `input`."""

    name: str
    code: str
    credentials: Mapping[str, str]

    def __call__(self, received: Received) -> Step:
        """See `Read`."""
        fields = fields_of(received)
        for credential, wanted in self.credentials.items():
            check(fields.get(credential), wanted, credential)
        if "clean" in fields:
            return self._step(fields, StepKind.END, reason=EndReason.ABORTED)
        typed = text(fields, "input")
        behind = tail(typed, self.code)
        if behind is None:
            return self._step(fields, StepKind.CONTINUE, typed=typed)
        return self._step(fields, StepKind.BEGIN, typed=behind or None)

    def _step(
        self, fields: Fields, kind: StepKind, typed: str | None = None, reason: EndReason | None = None
    ) -> Step:
        return Step(
            provider=self.name,
            session_id=token(fields, "SessionID"),
            msisdn=msisdn(fields, "MSISDN"),
            service_code=self.code,
            kind=kind,
            typed=typed,
            reason=reason,
        )


def write(_received: Received, screen: Screen | None) -> Answer:
    """`Freeflow: FC` where the person can go on, `FB` where not; nothing to a clean-up."""
    if screen is None:
        return Answer()
    return Answer(body=octets(screen.text), headers={"Freeflow": "FB" if screen.ends else "FC", **_HEADERS})
