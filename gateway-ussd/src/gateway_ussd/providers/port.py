"""What an operator's form must be able to do, and the words it is done in; none of them is a form's own.

How the forms differ, as seen from behind this port:

- **Last input** (Huawei, Comviva, MADAPI, SMPP): `Step.typed`, and a BEGIN is told.
- **Whole chain** (Africa's Talking, iNoti): `Step.chain`. Nothing tells a first request that was dialled deep
  from a later one, so a step is BEGIN where its chain is empty, else CONTINUE: one of a session that nobody
  knows begins it. Within a session a request adds one input: where it seems to add more, somebody typed `*`.
- **Session ids** are the operator's own and come again: some have but 8 or 32 bits. One names a session among
  the live ones of its provider, and is no key for anything that outlives the session.
- **END** is shown to nobody: the screen that it is answered with is dropped. One form tells no number with
  it (Huawei's abort): `Step.msisdn` is then empty, and the session is known by its id alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from chassis.parts import Part
from gateway_ussd.model import Screens
from gateway_ussd.settings import ProviderSettings


@dataclass(frozen=True, slots=True)
class Received:
    """A request of an operator as the route took it; the body is bounded there."""

    method: str
    """`GET` or `POST`."""
    query: Mapping[str, str]
    """Decoded; of a name that came twice, the last."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the route sends back, as it is."""

    status: int = 200
    body: bytes = b""
    media_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


class Provider(Protocol):
    """One connection to one operator, ready to be used."""

    @property
    def name(self) -> str:
        """As in the settings."""
        ...

    @property
    def parts(self) -> Sequence[Part]:
        """What it keeps running; it starts and stops with the service, which works without any of it."""
        ...

    async def receive(self, received: Received) -> Answer:
        """Answer a request.

        Raises:
            UnreadableError: not in the provider's form; names the field, never the value.
            NotAuthenticError: without the credentials that the settings ask for.
        """
        ...


Factory = Callable[[str, ProviderSettings, Screens], Provider]
"""A provider by its name in the settings, what is set for it, and whom it asks for screens."""
