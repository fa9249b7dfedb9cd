"""Huawei's SDP (Parlay X USSD): a notice is acknowledged at once, its screen is sent by a call of our own."""

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Final

import httpx

from chassis.parts import Part
from gateway_ussd.model import Screens
from gateway_ussd.providers.dialling import service_code
from gateway_ussd.providers.huawei import soap, writer
from gateway_ussd.providers.huawei.reader import Reader
from gateway_ussd.providers.huawei.sdp import Sdp, Subscription
from gateway_ussd.providers.port import Answer, Received
from gateway_ussd.providers.pushing import Pushes
from gateway_ussd.settings import ProviderSettings

_CONNECTIONS: Final = 200


@dataclass(frozen=True, slots=True)
class Huawei:
    """One SDP."""

    name: str
    parts: tuple[Part, ...]
    reader: Reader
    sdp: Sdp
    pushes: Pushes

    async def receive(self, received: Received) -> Answer:
        """See `Provider.receive`."""
        notice = self.reader(received.body)
        if self.pushes.take(notice.step, partial(self.sdp.show, notice), notice.mark):
            return Answer(body=writer.acknowledged(notice), media_type=soap.MEDIA_TYPE)
        return Answer(HTTPStatus.SERVICE_UNAVAILABLE, writer.busy(), soap.MEDIA_TYPE)


def from_settings(
    name: str,
    settings: ProviderSettings,
    screens: Screens,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Huawei:
    """The provider over one pooled client; `transport` stands in for the network in a test."""
    code = service_code(settings.service_code, "service_code")
    account = writer.Account(settings.user, settings.password.get_secret_value(), settings.service_id)
    client = httpx.AsyncClient(
        timeout=settings.timeout_seconds,
        limits=httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS),
        follow_redirects=False,
        transport=transport,
    )
    sdp = Sdp(name, client, str(settings.base_url or ""), account)
    pushes = Pushes(name, screens)
    parts: tuple[Part, ...] = (sdp, pushes)
    if settings.manager_url is not None:
        where = str(settings.manager_url), str(settings.endpoint or "")
        parts += (Subscription(name, sdp, *where, code, stays=settings.stays_subscribed),)
    reader = Reader(name, code, settings.their_user, settings.their_password.get_secret_value())
    return Huawei(name, parts, reader, sdp, pushes)
