"""SOAP 1.1 as Huawei's SDP speaks it, hardened: one document in UTF-8, no DTD, no entity, no field twice."""

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from gateway_ussd.providers.coding import octets
from gateway_ussd.providers.fields import unreadable, utf8

MEDIA_TYPE: Final = "text/xml; charset=utf-8"
COMMON: Final = "http://www.huawei.com.cn/schema/common/v2_1"
NOTIFY: Final = "http://www.csapi.org/schema/parlayx/ussd/notification/v1_0/local"
SEND: Final = "http://www.csapi.org/schema/parlayx/ussd/send/v1_0/local"
MANAGE: Final = "http://www.csapi.org/schema/osg/ussd/notification_manager/v1_0/local"
_ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Message(NamedTuple):
    """One operation; fields by their local names in lower case."""

    operation: str
    """Local name of what the body holds: `notifyUssdReception`, `Fault`."""
    header: Mapping[str, str]
    """Of `NotifySOAPHeader`."""
    fields: Mapping[str, str]


def read(body: bytes) -> Message:
    """A message of either side.

    Raises:
        UnreadableError: not XML in UTF-8, XML that is made to hurt, or no SOAP envelope with one operation.
    """
    envelope = _parsed(utf8(body, "the body"))
    if _local(envelope) != "Envelope":
        unreadable("the body", "is not a SOAP envelope")
    parts = {_local(part): part for part in envelope}
    operations = list(parts.get("Body", ()))
    if len(operations) != 1:
        unreadable("the SOAP body", "does not hold one operation")
    headers = {_local(header): header for header in parts.get("Header", ())}
    return Message(
        _local(operations[0]), _fields(headers.get("NotifySOAPHeader", ())), _fields(operations[0])
    )


def written(namespace: str, operation: str, header: str = "") -> bytes:
    """A document around an operation, whose elements are prefixed with `loc:`."""
    return octets(
        f'<?xml version="1.0" encoding="UTF-8"?>'
        f'<soapenv:Envelope xmlns:soapenv="{_ENVELOPE}" xmlns:loc="{namespace}">'
        f"<soapenv:Header>{header}</soapenv:Header><soapenv:Body>{operation}</soapenv:Body></soapenv:Envelope>"
    )


def elements(prefix: str, fields: Mapping[str, str]) -> str:
    """Fields as elements, in their order; what XML cannot hold is left out."""
    return "".join(
        f"<{prefix}{name}>{escape(_NOT_XML.sub('', value))}</{prefix}{name}>"
        for name, value in fields.items()
    )


def _parsed(document: str) -> Element:
    try:
        found: Element = fromstring(document, forbid_dtd=True)
    except DefusedXmlException:
        unreadable("the body", "has a DTD or entities")
    except (ParseError, ValueError):
        unreadable("the body", "is not XML")
    return found


def _fields(parent: Iterable[Element]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for child in parent:
        name = _local(child).lower()
        if name in found:
            unreadable("a field of the SOAP message", "comes twice")
        found[name] = child.text or ""
    return found


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]
