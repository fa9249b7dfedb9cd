"""What the SDP tells us: a step of a session, or its abort; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import md5
from typing import Final, NamedTuple

from gateway_ussd.model import EndReason, Step, StepKind
from gateway_ussd.providers.dialling import service_code, tail
from gateway_ussd.providers.fields import Fields, check, msisdn, text, token, unreadable
from gateway_ussd.providers.huawei import soap

KINDS: Final[Mapping[str, StepKind]] = {"0": StepKind.BEGIN, "1": StepKind.CONTINUE, "2": StepKind.END}
"""By msgType."""
OPERATIONS: Final[Mapping[str, EndReason]] = {
    "1": EndReason.DONE,
    "2": EndReason.DONE,
    "3": EndReason.DONE,
    "4": EndReason.ABORTED,
}
"""By ussdOpType (request, notify, response, release): why a session ended, where msgType says that it has."""


class Notice(NamedTuple):
    """A step, and what our answer to it must repeat."""

    step: Step
    fields: Fields
    link_id: str
    mark: str
    """The same for a request that is sent again; empty where the SDP does not tell them apart."""

    @property
    def aborts(self) -> bool:
        """Whether it is acknowledged as an abort."""
        return "abortreason" in self.fields


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads `notifyUssdReception` and `notifyUssdAbort`."""

    name: str
    code: str
    their_user: str = ""
    their_password: str = field(default="", repr=False)

    def __call__(self, body: bytes) -> Notice:
        """A notice of the SDP.

        Raises:
            UnreadableError: not one of the two operations, or with a field that cannot be.
            NotAuthenticError: without the credentials that the settings ask for.
        """
        message = soap.read(body)
        self._authenticate(message.header)
        if message.operation == "notifyUssdReception":
            step = self._step(message.fields)
        elif message.operation == "notifyUssdAbort":
            step = self._abort(message.fields)
        else:
            unreadable("the SOAP operation", "is not one that is known")
        return Notice(step, message.fields, message.header.get("linkid", ""), _mark(message))

    def _authenticate(self, header: Fields) -> None:
        check(header.get("sprevid"), self.their_user, "spRevId")
        if self.their_password:
            told = header.get("sprevid", "") + self.their_password + header.get("timestamp", "")
            check(header.get("sprevpassword", "").lower(), digest(told), "spRevpassword")

    def _step(self, fields: Fields) -> Step:
        kind = KINDS.get(token(fields, "msgType"))
        reason = OPERATIONS.get(token(fields, "ussdOpType"))
        if kind is None:
            unreadable("msgType", "is not one that is known")
        if reason is None:
            unreadable("ussdOpType", "is not one that is known")
        code = service_code(token(fields, "serviceCode"), "serviceCode")
        typed = None if kind is StepKind.END else text(fields, "ussdString")
        if kind is StepKind.BEGIN and typed is not None:
            behind = tail(typed, self.code)
            # Shared codes: `serviceCode` may be the operator's part alone, or the whole of what was dialled.
            code, typed = (code, tail(typed, code)) if behind is None else (self.code, behind)
        return Step(
            provider=self.name,
            session_id=token(fields, "senderCB"),
            msisdn=msisdn(fields, "msIsdn"),
            service_code=code,
            kind=kind,
            typed=typed or None if kind is StepKind.BEGIN else typed,
            reason=reason if kind is StepKind.END else None,
        )

    def _abort(self, fields: Fields) -> Step:
        token(fields, "abortReason")
        return Step(
            provider=self.name,
            session_id=token(fields, "senderCB"),
            msisdn="",
            service_code=self.code,
            kind=StepKind.END,
            reason=EndReason.ABORTED,
        )


def digest(told: str) -> str:
    """MD5 in hex, as the protocol has it for its passwords; it is no secrecy of ours."""
    return md5(told.encode(errors="surrogatepass"), usedforsecurity=False).hexdigest()


def _mark(message: soap.Message) -> str:
    trace, at = message.header.get("traceuniqueid", ""), message.header.get("timestamp", "")
    if not (trace and at):
        return ""
    told = (message.fields.get(name, "") for name in ("sendercb", "msgtype", "ussdstring"))
    return digest("\0".join((trace, at, *told)))
