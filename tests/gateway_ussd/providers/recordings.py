"""Payloads as they came over the wire, from their files."""

from pathlib import Path
from urllib.parse import parse_qsl

import smpp34

from gateway_ussd.providers.port import Received

PAYLOADS = Path(__file__).parents[1] / "payloads"


def names(form: str) -> list[str]:
    return sorted(path.stem for path in (PAYLOADS / form).iterdir())


def recorded(form: str, name: str) -> Received:
    return taken_in((PAYLOADS / form / f"{name}.http").read_bytes())


def taken_in(raw: bytes) -> Received:
    """As the route takes a request: the query decoded, what is not UTF-8 in it replaced."""
    head, _, body = raw.partition(b"\n\n")
    first, *rest = head.decode(errors="replace").split("\n")
    method, _, target = first.partition(" ")
    query = dict(parse_qsl(target.partition("?")[2], keep_blank_values=True, errors="replace"))
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in rest)}
    return Received(method, query, headers, body)


def pdu(name: str) -> bytes:
    lines = (PAYLOADS / "smpp" / f"{name}.hex").read_text().splitlines()
    return bytes.fromhex(" ".join(line for line in lines if not line.startswith("#")))


def deliver(name: str) -> smpp34.DeliverSm:
    decoded = smpp34.decode(pdu(name))
    assert isinstance(decoded, smpp34.DeliverSm)
    return decoded
