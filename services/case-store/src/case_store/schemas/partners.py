"""Other organisations' services and their keys, as the API takes and gives them."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, StringConstraints

from case_store.schemas.given import Given
from case_store.schemas.taken import Name, Taken

PartnerId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
"""Latin small letters, digits and `-`; it stands on every message of theirs, so it never changes."""
Quota = Annotated[int, Field(ge=1, le=10_000_000)]
PartnerState = Literal["active", "suspended"]
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class Scope(StrEnum):
    """One verb of a key; the gateway knows the same words."""

    WRITE = "messages:write"
    VOUCH = "messages:vouch"
    READ = "cases:read"
    CANCEL = "cases:cancel"
    WEBHOOKS = "webhooks:manage"


def _each_once(given: list[Scope]) -> list[Scope]:
    return [scope for scope in Scope if scope in given]


def _of_our_time(at: datetime) -> datetime:
    if not _FIRST <= at <= _LAST:
        message = "must lie between 2000 and 2200"
        raise ValueError(message)
    return at


def _ahead(at: datetime) -> datetime:
    if at <= datetime.now(UTC):
        message = "must lie ahead"
        raise ValueError(message)
    return at


Moment = Annotated[AwareDatetime, AfterValidator(_of_our_time)]
"""With its zone, and such that a few days more or less are a moment too."""

Scopes = Annotated[list[Scope], Field(min_length=1, max_length=20), AfterValidator(_each_once)]


class PartnerMake(Taken):
    """A new one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": "tamin-man", "name": "تأمین من"}]})

    id: PartnerId
    """As it stands on its messages; never changed, never used again."""
    name: Name
    """As staff know it."""
    per_minute: Quota = 600
    """Requests in a minute, of all its keys together."""
    per_day: Quota = 100_000
    """Submissions in a day of Tehran, of all its keys together."""


class PartnerChange(Taken):
    """What to change; what is left out stays."""

    name: Name = ""
    """As staff know it."""
    state: PartnerState = "active"
    """A suspended one's keys open nothing, and it is told nothing."""
    per_minute: Quota = 600
    """Requests in a minute."""
    per_day: Quota = 100_000
    """Submissions in a day."""


class PartnerGiven(Given):
    """One partner."""

    id: str
    """As it stands on its messages."""
    name: str
    """As staff know it."""
    state: PartnerState
    """A suspended one's keys open nothing."""
    per_minute: int
    """Requests in a minute, of all its keys together."""
    per_day: int
    """Submissions in a day of Tehran, of all its keys together."""
    good_keys: int
    """Keys that open something now."""
    last_submitted_at: datetime | None
    """When it last handed something in that was not for the sandbox."""
    created_at: datetime
    """Made then."""
    created_by: str
    """By whom."""
    version: int
    """The ETag."""


class PartnersGiven(Given):
    """Every partner, by name."""

    partners: list[PartnerGiven]
    """All of them: they are few."""


class KeyMake(Taken):
    """A new key."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"label": "اپ موبایل", "scopes": ["messages:write", "cases:read"], "sandbox": True}]
        }
    )

    label: Name
    """What it is for."""
    scopes: Scopes
    """What it may do."""
    sandbox: bool = False
    """For trying things out: nothing that comes by it reaches a desk."""
    expires_at: Annotated[Moment, AfterValidator(_ahead)] | None = None
    """Good until then; null for no end."""


class KeyGiven(Given):
    """A key, without what it is."""

    id: UUID
    """Ours."""
    label: str
    """What it is for."""
    hint: str
    """How it begins, to tell it from others."""
    scopes: list[Scope]
    """What it may do."""
    sandbox: bool
    """For trying things out."""
    good: bool
    """It opens something now, if its partner is not suspended."""
    created_at: datetime
    """Made then."""
    created_by: str
    """By whom."""
    expires_at: datetime | None
    """Good until then, as it was made."""
    revoked_at: datetime | None
    """Taken back then; that may lie ahead."""


class KeyMade(KeyGiven):
    """A key, this once as it is."""

    key: str
    """Told this once: only its hash is kept."""


class KeysGiven(Given):
    """A partner's keys, the newest first."""

    keys: list[KeyGiven]
    """Old ones too."""


class Revocation(Taken):
    """When a key ends."""

    at: Moment | None = None
    """Null is now; later leaves time to go over to another key."""


class BookKey(Given):
    """A key as the gateway needs it."""

    id: UUID
    """Ours."""
    sha256: str
    """Of the key, in hexadecimal."""
    scopes: list[Scope]
    """What it may do."""
    sandbox: bool
    """For trying things out."""
    expires_at: datetime | None
    """Good until then: it expires, or was taken back for then."""


class BookPartner(Given):
    """A partner as the gateway needs it."""

    id: str
    """As it stands on its messages."""
    name: str
    """As staff know it."""
    per_minute: int
    """Requests in a minute."""
    per_day: int
    """Submissions in a day of Tehran."""
    keys: list[BookKey]
    """That are good now."""


class Book(Given):
    """Everybody who may come in by the API."""

    partners: list[BookPartner]
    """The active ones."""
