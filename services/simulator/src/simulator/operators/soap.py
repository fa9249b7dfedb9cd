"""Huawei's SOAP 1.1 as text: what the SDP says to our gateway, and what it reads from it."""

from collections.abc import Mapping
from html import escape
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from simulator.errors import FaultCode, SoapFaultError

MEDIA_TYPE: Final = "text/xml; charset=utf-8"
_ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_COMMON: Final = "http://www.huawei.com.cn/schema/common/v2_1"
_NOTIFY: Final = "http://www.csapi.org/schema/parlayx/ussd/notification/v1_0/local"
_SEND: Final = "http://www.csapi.org/schema/parlayx/ussd/send/v1_0/local"
_MANAGE: Final = "http://www.csapi.org/schema/osg/ussd/notification_manager/v1_0/local"
_FAULTS: Final = "http://www.csapi.org/schema/parlayx/common/v2_1"


_CALLS: Final[Mapping[str, str]] = {
    "sendUssd": _SEND,
    "sendUssdAbort": _SEND,
    "startUSSDNotification": _MANAGE,
    "stopUSSDNotification": _MANAGE,
}
"""What our gateway may ask, and the namespace that it is asked in."""


class Call(NamedTuple):
    """A call of our gateway."""

    name: str
    header: Mapping[str, str]
    body: Mapping[str, str]
    """Of fields within fields, the innermost."""


def notification(name: str, header: Mapping[str, str], body: Mapping[str, str]) -> bytes:
    """What the SDP tells our gateway: `notifyUssdReception`, `notifyUssdAbort`."""
    head = f'<ns1:NotifySOAPHeader xmlns:ns1="{_COMMON}">{_fields("ns1", header)}</ns1:NotifySOAPHeader>'
    return _envelope(f'<ns2:{name} xmlns:ns2="{_NOTIFY}">{_fields("ns2", body)}</ns2:{name}>', head)


def is_answer_to(name: str, answer: bytes) -> bool:
    """Whether our gateway took it: `<name>Response`, with `result` 0 where there is one."""
    try:
        [told] = _only(fromstring(answer), "Body")
    except (ParseError, DefusedXmlException, ValueError):
        return False
    return told.tag == f"{{{_NOTIFY}}}{name}Response" and _texts(told).get("result", "0") == "0"


def read_call(body: bytes) -> Call:
    """What our gateway asks.

    Raises:
        SoapFaultError: not XML, or not one of the calls that are known here.
    """
    try:
        envelope = fromstring(body)
        [asked] = _only(envelope, "Body")
        [header] = _only(envelope, "Header")
    except (ParseError, DefusedXmlException, ValueError):
        raise SoapFaultError(FaultCode.INVALID_MESSAGE, "the message is not of SOAP's form") from None
    name = asked.tag.rpartition("}")[2]
    known = asked.tag == f"{{{_CALLS.get(name)}}}{name}"
    if not known or header.tag != f"{{{_COMMON}}}RequestSOAPHeader":
        raise SoapFaultError(FaultCode.INVALID_MESSAGE, "the operation is not known")
    return Call(name, _texts(header), _texts(asked))


def response(call: Call) -> bytes:
    """The answer to a call that was taken."""
    result = "<loc:result>0</loc:result>" if call.name == "sendUssd" else ""
    namespace = _CALLS[call.name]
    return _envelope(f'<loc:{call.name}Response xmlns:loc="{namespace}">{result}</loc:{call.name}Response>')


def fault(error: SoapFaultError) -> bytes:
    """The answer to one that was not."""
    words = escape(str(error), quote=False)
    detail = f"<messageId>{error.code}</messageId><text>{words}</text>"
    return _envelope(
        f"<soapenv:Fault><faultcode>{error.code}</faultcode><faultstring>{words}</faultstring>"
        f'<detail><ns1:ServiceException xmlns:ns1="{_FAULTS}">{detail}</ns1:ServiceException></detail>'
        "</soapenv:Fault>"
    )


def _envelope(body: str, header: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<soapenv:Envelope xmlns:soapenv="{_ENVELOPE}"><soapenv:Header>{header}</soapenv:Header>'
        f"<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    ).encode()


def _fields(prefix: str, values: Mapping[str, str]) -> str:
    return "".join(
        f"<{prefix}:{name}>{escape(value, quote=False)}</{prefix}:{name}>" for name, value in values.items()
    )


def _only(envelope: Element, place: str) -> list[Element]:
    found = envelope.find(f"{{{_ENVELOPE}}}{place}")
    return [] if found is None else list(found)


def _texts(parent: Element) -> dict[str, str]:
    return {field.tag.rpartition("}")[2]: field.text or "" for field in parent.iter()}
