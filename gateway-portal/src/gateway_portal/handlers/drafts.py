"""What a person has filled in, carried by the page itself and signed: only what we checked comes back."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final, NamedTuple
from uuid import uuid4

from itsdangerous import BadData, URLSafeTimedSerializer
from pydantic import BaseModel, ConfigDict, ValidationError

from envelope.models import Attachment
from envelope.taxonomy import Kind, Topic

_AGE: Final = timedelta(hours=2)
_SALT: Final = "payam.portal.draft"


class Enclosed(BaseModel):
    """A file that is kept already."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    name: str
    """To show; it goes no further."""
    attachment: Attachment
    """As the envelope carries it."""


class Draft(BaseModel):
    """A message on its way through the pages."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)

    kind: Kind
    """What is wanted by it."""
    topic: Topic
    """What it is about."""
    text: str
    """As typed."""
    province: str | None = None
    """By its Persian name."""
    files: tuple[Enclosed, ...] = ()
    """What goes along."""
    msisdn: str | None = None
    """Where the answer goes; None while it is not filled in."""
    id: str | None = None
    """Of the message: sent twice, it is the same one. None until everything is filled in."""
    code: str | None = None
    """The tracking code that goes with the id; None also where none was left."""
    handle: str | None = None
    """Of the one-time code that was sent to `msisdn`."""
    proved: bool = False
    """Whether `msisdn` was proved on the way."""
    offered: tuple[str, ...] = ()
    """Open cases of the person that it may be more of."""

    def says_the_same(self, other: "Draft") -> bool:
        """Whether it is the same message to the same number: else it needs an id and a code of its own."""
        said, theirs = (
            each.model_dump(include={"kind", "topic", "text", "province", "files", "msisdn"})
            for each in (self, other)
        )
        return said == theirs

    def with_id(self, code: str | None) -> "Draft":
        """Complete; id and code never go apart."""
        return self.model_copy(update={"id": uuid4().hex, "code": code})


class Opened(NamedTuple):
    """A draft that came back."""

    draft: Draft
    late: bool
    """It lay too long to be sent without another look."""


class Drafts:
    """Seals and opens."""

    def __init__(self, key: bytes) -> None:
        """`key`: 32 bytes."""
        self._serializer = URLSafeTimedSerializer(
            key, _SALT, signer_kwargs={"key_derivation": "hmac", "digest_method": sha256}
        )

    def seal(self, draft: Draft) -> str:
        """For a hidden field."""
        return self._serializer.dumps(draft.model_dump(mode="json", exclude_defaults=True))

    def open(self, sealed: str) -> Opened | None:
        """What comes back; None for what we did not seal."""
        try:
            told, sealed_at = self._serializer.loads(sealed, return_timestamp=True)
            draft = Draft.model_validate(told)
        except (BadData, ValidationError):
            return None
        return Opened(draft, late=datetime.now(UTC) - sealed_at > _AGE)
