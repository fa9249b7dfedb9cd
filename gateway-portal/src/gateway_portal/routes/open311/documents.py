"""One document, in JSON or in XML as Open311's Spark convention pairs them."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

from fastapi import Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from gateway_portal.schemas.open311 import Fault, Format

XML: Final = "text/xml"
JSON: Final = "application/json"
_ITEMS: Final[Mapping[str, str]] = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
}
"""What one entry of each list is called in XML; in JSON it has no name."""
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document can hold."""

Document = BaseModel | Sequence[BaseModel]
_WHY: Final[Mapping[int, str]] = {
    400: "Something in it cannot be taken; each fault in a sentence",
    403: "No key, one that is not good, or one that may not do this",
    404: "There is no such thing",
    409: "The same request is still being registered",
    429: "More than was agreed; `Retry-After` says until when",
    503: "Nothing has happened; send it again after `Retry-After`",
}


class _Utf8JSON(JSONResponse):
    """Says of itself that it is UTF-8, as the specification wants."""

    media_type = "application/json; charset=utf-8"


def answer(
    form: Format,
    root: str,
    document: Document,
    status: int = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A document as it was asked for; `root` is its name in XML, where a list needs one."""
    told = (
        document.model_dump(mode="json")
        if isinstance(document, BaseModel)
        else [each.model_dump(mode="json") for each in document]
    )
    if form is Format.JSON:
        return _Utf8JSON(told, status, headers=dict(headers or {}))
    return Response(_xml(root, told), status, headers=dict(headers or {}), media_type=XML)


def told(document: Any, *failures: int, status: int = 200) -> dict[int | str, dict[str, Any]]:  # noqa: ANN401  (a type)
    """What the API's description says a route answers."""
    both = {JSON: {}, XML: {"schema": {"type": "string"}}}
    return {
        "4XX": {"model": list[Fault], "description": "As the others", "content": both},
        status: {"model": document, "description": "As asked for", "content": both},
        **{
            failure: {"model": list[Fault], "description": _WHY[failure], "content": both}
            for failure in failures
        },
    }


def _xml(root: str, told: object) -> bytes:
    top = Element(root)
    _fill(top, told)
    return bytes(tostring(top, encoding="utf-8", xml_declaration=True))


def _fill(element: Element, told: Any) -> None:  # noqa: ANN401  (what JSON can hold)
    if isinstance(told, dict):
        for name, value in told.items():
            _fill(SubElement(element, name), value)
    elif isinstance(told, list):
        for value in told:
            _fill(SubElement(element, _ITEMS[element.tag]), value)
    elif isinstance(told, bool):
        element.text = str(told).lower()
    elif told is not None:
        element.text = _NOT_XML.sub("", str(told))
