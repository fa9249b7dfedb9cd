"""What a batch comes to, as data: what was known before, and what is to be written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from case_store.model import Case, Contact, Rating
from case_store.worktime.clock import Clock
from envelope.models import CaseEvent, OutboundMessage, RoutedMessage

AddressKey = tuple[str, str]


class Filed(NamedTuple):
    """A message, whose it is, and the case it is kept with."""

    message: RoutedMessage
    contact_id: UUID
    case_id: UUID | None


class Addressed(NamedTuple):
    """A message out and whom it goes to."""

    message: OutboundMessage
    contact_id: UUID


class CallBackWanted(NamedTuple):
    """Somebody who spoke is to be called back."""

    id: UUID
    case_id: UUID
    number: str | None
    """E.164; None if they withheld it."""
    asked_at: datetime
    """When they spoke."""


@dataclass(slots=True)
class Known:
    """What the store knows of the people in a batch, read before planning."""

    contacts: Mapping[AddressKey, Contact]
    """By address."""
    cases: dict[UUID, list[Case]]
    """A person's newest cases."""
    codes: dict[str, Case]
    """Every code that the batch cites or brings, if it is taken already; one object a case, as in `cases`."""
    read_aloud: frozenset[UUID] = frozenset()
    """Of the people, who want our messages read out to them."""


@dataclass(slots=True)
class Plan:
    """What is to be written, all in one transaction."""

    filed: list[Filed] = field(default_factory=list)
    opened: list[Case] = field(default_factory=list)
    changed: dict[UUID, Case] = field(default_factory=dict)
    clocks: dict[UUID, Clock] = field(default_factory=dict)
    """Of the cases opened, by case."""
    codes: list[tuple[str, UUID]] = field(default_factory=list)
    events: list[CaseEvent] = field(default_factory=list)
    outbound: list[Addressed] = field(default_factory=list)
    bulk_refusals: dict[UUID, datetime | None] = field(default_factory=dict)
    ratings: dict[UUID, Rating] = field(default_factory=dict)
    """The last one of each case that was rated."""
    call_backs: dict[UUID, CallBackWanted] = field(default_factory=dict)
    """By case: of several who spoke in one batch the newest number."""
