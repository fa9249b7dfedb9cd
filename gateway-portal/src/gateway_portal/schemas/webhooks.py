"""Webhooks as the case store gives and takes them: what is to be posted, and how it went."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import SecretStr

from gateway_portal.schemas.shown import Shown


class Why(StrEnum):
    """Why a try did not count, in one word that the partner reads in its log."""

    ADDRESS = "address"
    """It cannot be read."""
    UNRESOLVED = "unresolved"
    """The name leads nowhere."""
    PRIVATE_ADDRESS = "private_address"
    """It leads where webhooks do not go."""
    NO_TLS = "no_tls"
    """It begins with `http://`."""
    REFUSED = "refused"
    """Nobody listens there."""
    TLS = "tls"
    """The certificate is not good, or not of that name."""
    TIMEOUT = "timeout"
    """No answer in time."""
    BROKEN = "broken"
    """What came is no HTTP, or ended in the middle."""
    REDIRECT = "redirect"
    """It sent us elsewhere, where we do not go."""
    STATUS = "status"
    """It answered something else than 2xx."""
    FAULT = "fault"
    """Ours."""


class Telling(Shown):
    """One event to be posted to one address."""

    delivery_id: UUID
    """To report on."""
    attempt: int
    """To report on."""
    url: str
    """Where to."""
    secrets: Sequence[SecretStr]
    """That sign it, the newest first."""
    event: dict[str, Any]
    """The CloudEvent; posted as it is, also what only a newer store knows."""


class Claimed(Shown):
    """What is due."""

    work: Sequence[Telling]
    """Each endpoint's oldest in turn."""


class Outcome(Shown):
    """How one try went."""

    status: int | None = None
    """What was answered; none if nothing was."""
    error: Why | None = None
    """Why it was not taken; none if it was."""
    milliseconds: int = 0
    """How long it took."""
    retry_after: int | None = None
    """Seconds that the receiver asked us to wait."""
