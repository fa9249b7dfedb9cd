"""What the use cases hand to each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from envelope.addresses import Address
from envelope.models import Attachment, Declared


@dataclass(frozen=True, slots=True)
class Said:
    """Something that a person says to us, ready to be handed in."""

    id: str
    """Of the form it was typed into: sent twice, it is the same message."""
    sender: Address
    """Whose it is."""
    text: str
    """As typed."""
    at: datetime
    """When it was sent off."""
    code: str | None = None
    """The tracking code that the person was shown."""
    declared: Declared | None = None
    """What was chosen on the page."""
    refers_to: str | None = None
    """The case it is about."""
    attachments: Sequence[Attachment] = ()
    """Files that are kept already."""


class Scope(StrEnum):
    """One verb of a partner's key."""

    WRITE = "messages:write"
    """Hand in what a person says, for persons of the partner's own accounts."""
    VOUCH = "messages:vouch"
    """Hand in for a mobile number: the partner has made sure whose it is."""
    READ = "cases:read"
    """See how one's own submissions stand, and their answers."""
    CANCEL = "cases:cancel"
    """Take a submission back."""
    WEBHOOKS = "webhooks:manage"
    """Be told, and look at what was told."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A partner's service, known by its key."""

    partner_id: str
    """As it stands on its messages: `tamin-man`."""
    key_id: UUID
    """Which of its keys."""
    scopes: frozenset[Scope]
    sandbox: bool
    """Whether the key is for trying things out: nothing that it hands in reaches a desk."""
    per_minute: int
    """Requests, of all its keys together; those for trying out are counted apart, so here as below."""
    per_day: int
    """Submissions, of all its keys together; the day is Tehran's."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What a partner hands in for a person."""

    sender: Address
    """The person: a mobile number, or `partner:account`."""
    text: str
    declared: Declared | None
    refers_to: str | None
    """A tracking code that the person gave."""
    reference: str | None
    """What the partner calls it."""
    occurred_at: datetime | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A submission that cannot be lost any more."""

    message_id: UUID
    tracking_code: str
    accepted_at: datetime
    replayed: bool
    """Whether it had been accepted before, under the same idempotency key."""
