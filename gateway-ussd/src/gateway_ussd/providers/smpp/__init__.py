"""USSD over SMPP 3.4: a deliver_sm is a step, a submit_sm its screen, and nobody calls us over HTTP."""

from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog
from prometheus_client import Counter
from smpp34 import DeliverSmEvent

from chassis.parts import Part
from gateway_ussd.errors import UnreadableError
from gateway_ussd.model import Screen, Screens
from gateway_ussd.providers.dialling import service_code
from gateway_ussd.providers.fields import unreadable
from gateway_ussd.providers.port import Answer, Received
from gateway_ussd.providers.pushing import Pushes
from gateway_ussd.providers.smpp import writer
from gateway_ussd.providers.smpp.dialects import DIALECTS, Dialect
from gateway_ussd.providers.smpp.link import Link, Send
from gateway_ussd.providers.smpp.reader import Reader, Way
from gateway_ussd.settings import ProviderSettings

_LONGEST: Final = {"system_id": 15, "password": 8, "system_type": 12}
"""Octets, by the specification."""
_UNREADABLE: Final = Counter("gateway_ussd_unreadable_pdus", "deliver_sm that are no USSD.", ["provider"])
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Smpp:
    """One SMSC."""

    name: str
    parts: tuple[Part, ...]

    async def receive(self, received: Received) -> Answer:  # noqa: ARG002  (the port's)
        """Refuse: an SMSC does not speak HTTP."""
        unreadable("the request", "is not of a form that calls us")


def from_settings(name: str, settings: ProviderSettings, screens: Screens) -> Smpp:
    """The provider over one bind.

    Raises:
        ValueError: an unknown dialect, or credentials longer than SMPP takes.
    """
    dialect = DIALECTS.get(settings.dialect)
    if dialect is None:
        message = f"{name}: dialect is none of {', '.join(DIALECTS)}"
        raise ValueError(message)
    _checked(name, settings)
    reader = Reader(name, service_code(settings.service_code, "service_code"), dialect)
    pushes = Pushes(name, screens)
    link = Link(name, settings, _Ear(reader, dialect, pushes))
    return Smpp(name, (link, pushes))


@dataclass(frozen=True, slots=True)
class _Ear:
    """From a deliver_sm to a screen on its way."""

    reader: Reader
    dialect: Dialect
    pushes: Pushes

    def __call__(self, event: DeliverSmEvent, send: Send) -> None:
        """Take a step in hand; what cannot be read is counted, for there is nobody to tell."""
        try:
            mo = self.reader(event)
        except UnreadableError as error:
            _UNREADABLE.labels(self.reader.name).inc()
            _log.warning("pdu_unreadable", provider=self.reader.name, reason=str(error))
            return
        if mo is not None:
            self.pushes.take(mo.step, partial(self._show, send, mo.way))

    async def _show(self, send: Send, way: Way, screen: Screen) -> None:
        await send(writer.screen(self.dialect, way, screen))


def _checked(name: str, settings: ProviderSettings) -> None:
    given = {
        "system_id": settings.system_id,
        "password": settings.password.get_secret_value(),
        "system_type": settings.system_type,
    }
    for field, longest in _LONGEST.items():
        if len(given[field].encode()) > longest:
            message = f"{name}: {field} is longer than the {longest} octets that SMPP takes"
            raise ValueError(message)
