"""What we tell the SDP, as XML: answers to its notices, screens, aborts, and where to notify us; pure.

Our `senderCB` is the SDP's own id of the session, so both sides call it the same whoever is speaking.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from gateway_ussd.model import Screen
from gateway_ussd.providers.coding import Alphabet, coded
from gateway_ussd.providers.huawei import soap
from gateway_ussd.providers.huawei.reader import Notice, digest

CODE_SCHEMES: Final = {Alphabet.GSM7: "15", Alphabet.UCS2: "72"}
"""The CBS data coding that the SDP is to send the text in; the text itself travels as XML."""
_GOES_ON: Final = {"msgType": "1", "ussdOpType": "1"}
_ENDS: Final = {"msgType": "2", "ussdOpType": "3"}
_INTERFACE: Final = "notifyUssdReception"


@dataclass(frozen=True, slots=True)
class Account:
    """Who we are to the SDP."""

    user: str
    password: str = field(repr=False)
    service_id: str

    def header(self, at: datetime, number: str = "", link_id: str = "") -> str:
        """`RequestSOAPHeader`; `number` is whom a screen is for."""
        stamp = at.astimezone(UTC).strftime("%Y%m%d%H%M%S")
        told = {
            "spId": self.user,
            "spPassword": digest(self.user + self.password + stamp),
            "serviceId": self.service_id,
            "timeStamp": stamp,
            "OA": number,
            "FA": number,
            "linkid": link_id,
        }
        present = {name: value for name, value in told.items() if value}
        inner = soap.elements("tns:", present)
        return f'<tns:RequestSOAPHeader xmlns:tns="{soap.COMMON}">{inner}</tns:RequestSOAPHeader>'


def acknowledged(notice: Notice) -> bytes:
    """The answer to a notice, before any screen."""
    if notice.aborts:
        return soap.written(soap.NOTIFY, "<loc:notifyUssdAbortResponse/>")
    result = soap.elements("loc:", {"result": "0"})
    return soap.written(
        soap.NOTIFY, f"<loc:notifyUssdReceptionResponse>{result}</loc:notifyUssdReceptionResponse>"
    )


def busy() -> bytes:
    """The answer to a notice that we cannot take now."""
    told = {"faultcode": "SVC0001", "faultstring": "too many screens are under way"}
    return soap.written(soap.NOTIFY, f"<soapenv:Fault>{soap.elements('', told)}</soapenv:Fault>")


def screen(account: Account, notice: Notice, shown: Screen, at: datetime) -> bytes:
    """`sendUssd`, in answer to a notice."""
    number = notice.fields["msisdn"].strip()
    told = {
        **(_ENDS if shown.ends else _GOES_ON),
        "senderCB": notice.step.session_id,
        "receiveCB": notice.step.session_id,
        "msIsdn": number,
        "serviceCode": notice.fields["servicecode"].strip(),
        "codeScheme": CODE_SCHEMES[coded(shown.text).alphabet],
        "ussdString": shown.text,
    }
    ordered = (
        "msgType",
        "senderCB",
        "receiveCB",
        "ussdOpType",
        "msIsdn",
        "serviceCode",
        "codeScheme",
        "ussdString",
    )
    inner = soap.elements("loc:", {name: told[name] for name in ordered})
    header = account.header(at, number, notice.link_id)
    return soap.written(soap.SEND, f"<loc:sendUssd>{inner}</loc:sendUssd>", header)


def abort(account: Account, notice: Notice, at: datetime) -> bytes:
    """`sendUssdAbort`, for a session whose screen was refused."""
    told = {
        "senderCB": notice.step.session_id,
        "receiveCB": notice.step.session_id,
        "abortReason": "the screen was refused",
    }
    inner = soap.elements("loc:", told)
    return soap.written(soap.SEND, f"<loc:sendUssdAbort>{inner}</loc:sendUssdAbort>", account.header(at))


def start(account: Account, endpoint: str, correlator: str, code: str, at: datetime) -> bytes:
    """`startUSSDNotification`; what is inside `reference` has no namespace."""
    told = {"endpoint": endpoint, "interfaceName": _INTERFACE, "correlator": correlator}
    inner = f"<loc:reference>{soap.elements('', told)}</loc:reference>"
    inner += soap.elements("loc:", {"ussdServiceActivationNumber": code})
    operation = f"<loc:startUSSDNotification>{inner}</loc:startUSSDNotification>"
    return soap.written(soap.MANAGE, operation, account.header(at))


def stop(account: Account, correlator: str, at: datetime) -> bytes:
    """`stopUSSDNotification`."""
    inner = soap.elements("loc:", {"correlator": correlator})
    operation = f"<loc:stopUSSDNotification>{inner}</loc:stopUSSDNotification>"
    return soap.written(soap.MANAGE, operation, account.header(at))
