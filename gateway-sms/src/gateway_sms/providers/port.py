"""What a provider must be able to do, and the words it is done in; none of them is a provider's own."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from pydantic import SecretStr

from chassis.parts import Part
from envelope.models import DeliveryState
from gateway_sms.payloads import Fields


class Mo(NamedTuple):
    """A message from a mobile, as the provider pushed it or as its inbox has it."""

    provider_message_id: str
    sender: str
    line: str
    text: str
    occurred_at: datetime | None = None


class Dlr(NamedTuple):
    """A delivery report as the provider pushed it."""

    provider_message_id: str
    state: DeliveryState
    status: str


class Mt(NamedTuple):
    """A message to a telephone; `local_id` keeps the provider from sending it twice."""

    outbound_id: UUID
    local_id: int
    to: str
    line: str
    text: str
    held_until: datetime | None = None
    spoken: bool = False
    """Read out by a voice that rings them, not an SMS; such a one is handed over alone."""


class Receipt(NamedTuple):
    """How one message out stands; `known` is False where the provider has no trace of it."""

    provider_message_id: str
    state: DeliveryState
    status: str
    known: bool = True
    local_id: int | None = None
    cost_rial: int | None = None


class Reader(Protocol):
    """Reads what a provider pushes; pure."""

    def read_mo(self, fields: Fields) -> Mo:
        """Read an MO; raises `FieldError` where a field is missing."""
        ...

    def read_dlr(self, fields: Fields) -> Dlr:
        """Read a DLR; raises `FieldError` where a field is missing."""
        ...


class Writer(Protocol):
    """Calls a provider; every method raises a `ProviderError` that says whether to try again."""

    async def send(self, messages: Sequence[Mt]) -> Sequence[Receipt]:
        """Hand over a batch of one line and one time; a receipt each, in the same order."""
        ...

    async def ask(
        self, *, provider_ids: Sequence[str] = (), local_ids: Sequence[int] = ()
    ) -> Sequence[Receipt]:
        """How messages stand, by the provider's ids or by ours; in no order."""
        ...

    def pull(self, line: str, since: datetime, until: datetime) -> AsyncIterator[Sequence[Mo]]:
        """The inbox of a line, read and unread alike, page by page."""
        ...


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider, ready to be used."""

    name: str
    reader: Reader
    writer: Writer
    webhook_secret: SecretStr
    """In the path of the webhooks that it is given."""
    most_a_call: int
    """Messages that one call of `send` takes."""
    most_asked: int
    """Ids that one call of `ask` takes."""
    parts: tuple[Part, ...] = ()
    """What must be closed when the service stops."""
