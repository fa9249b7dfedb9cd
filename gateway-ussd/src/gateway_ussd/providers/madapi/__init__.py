"""MTN's MADAPI in two verbs: read a JSON object, write one.

A notification (`messageType` 3) is neither a step nor an end: it is said to have arrived, and that is all.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from gateway_ussd.model import EndReason, Screen, Screens, Step, StepKind
from gateway_ussd.providers.coding import octets
from gateway_ussd.providers.dialling import service_code, tail
from gateway_ussd.providers.fields import Fields, check, json_fields, msisdn, text, token, unreadable
from gateway_ussd.providers.port import Answer, Received
from gateway_ussd.providers.synchronous import Synchronous
from gateway_ussd.settings import ProviderSettings

NOTIFICATION: Final = "3"
KINDS: Final[Mapping[str, tuple[StepKind, EndReason | None]]] = {
    "0": (StepKind.BEGIN, None),
    "1": (StepKind.CONTINUE, None),
    "2": (StepKind.END, EndReason.DONE),
    "4": (StepKind.END, EndReason.ABORTED),
    "5": (StepKind.END, EndReason.TIMED_OUT),
}
_GOES_ON: Final = "1"
_ENDS: Final = "2"
_JSON: Final = "application/json"


def from_settings(name: str, settings: ProviderSettings, screens: Screens) -> Synchronous:
    """The provider; `x-api-key` is asked for where it is set."""
    code = service_code(settings.service_code, "service_code")
    reader = Reader(name, code, settings.api_key.get_secret_value())
    return Synchronous(name, reader, write, screens)


@dataclass(frozen=True, slots=True, repr=False)
class Reader:
    """Reads `sessionId messageType msisdn serviceCode ussdString`."""

    name: str
    code: str
    key: str

    def __call__(self, received: Received) -> Step | None:
        """See `Read`."""
        check(received.headers.get("x-api-key"), self.key, "x-api-key")
        fields = json_fields(received.body)
        kind = token(fields, "messageType")
        if kind == NOTIFICATION:
            return None
        if kind not in KINDS:
            unreadable("messageType", "is not one that is known")
        return self._step(fields, *KINDS[kind])

    def _step(self, fields: Fields, kind: StepKind, reason: EndReason | None) -> Step:
        code = service_code(token(fields, "serviceCode"), "serviceCode")
        typed = None if kind is StepKind.END else text(fields, "ussdString")
        if kind is StepKind.BEGIN and typed is not None:
            behind = tail(typed, self.code)
            # Shared codes: `serviceCode` may be the operator's part alone, or the whole of what was dialled.
            code, typed = (code, tail(typed, code)) if behind is None else (self.code, behind)
        return Step(
            provider=self.name,
            session_id=token(fields, "sessionId"),
            msisdn=msisdn(fields, "msisdn"),
            service_code=code,
            kind=kind,
            typed=typed or None if kind is StepKind.BEGIN else typed,
            reason=reason,
        )


def write(received: Received, screen: Screen | None) -> Answer:
    """`userInputRequired` says whether the session goes on."""
    asked = json_fields(received.body)
    goes_on = screen is not None and not screen.ends
    answer = {
        "statusCode": "0000",
        "statusMessage": "Successful",
        "transactionId": received.headers.get("transactionid") or uuid4().hex,
        "data": {
            "inboundResponse": screen.text if screen else "",
            "userInputRequired": goes_on,
            "messageType": _GOES_ON if goes_on else _ENDS,
            "serviceCode": asked.get("servicecode", ""),
            "msisdn": asked.get("msisdn", ""),
        },
    }
    return Answer(body=octets(json.dumps(answer, ensure_ascii=False)), media_type=_JSON)
