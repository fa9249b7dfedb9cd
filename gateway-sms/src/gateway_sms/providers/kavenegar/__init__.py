"""Kavenegar in five verbs: read an MO, read a DLR, send or speak MTs, ask of them, pull the inbox."""

from typing import Final
from urllib.parse import quote

import httpx

from gateway_sms.providers.kavenegar.api import HttpxKavenegar
from gateway_sms.providers.kavenegar.reader import KavenegarReader
from gateway_sms.providers.kavenegar.writer import KavenegarWriter
from gateway_sms.providers.port import Provider
from gateway_sms.settings import GatewaySmsSettings

_MOST_A_CALL: Final = 200
_MOST_ASKED: Final = 500


def from_settings(
    settings: GatewaySmsSettings, transport: httpx.AsyncBaseTransport | None = None
) -> Provider:
    """The provider over one pooled client; `transport` stands in for the network in a test."""
    wanted = settings.kavenegar
    client = httpx.AsyncClient(
        base_url=f"{str(wanted.base_url).rstrip('/')}/v1/{quote(wanted.api_key.get_secret_value())}/",
        timeout=httpx.Timeout(wanted.timeout_seconds, connect=wanted.connect_timeout_seconds),
        limits=httpx.Limits(max_connections=wanted.connections, max_keepalive_connections=wanted.connections),
        headers={"Accept": "application/json"},
        follow_redirects=False,
        transport=transport,
    )
    api = HttpxKavenegar(client)
    return Provider(
        name="kavenegar",
        reader=KavenegarReader(),
        writer=KavenegarWriter(api),
        webhook_secret=wanted.webhook_secret,
        most_a_call=_MOST_A_CALL,
        most_asked=_MOST_ASKED,
        parts=(api,),
    )
