"""Recordings that are messages and have no transcript yet: a small note on disk for each."""

from pathlib import Path
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from envelope.addresses import Address
from envelope.models import Transcript
from gateway_voice.repository.folder import Folder


class Untold(BaseModel):
    """One recording; who spoke is there for the order of topics alone."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", use_attribute_docstrings=True, hide_input_in_errors=True
    )

    message_id: UUID
    """The message that it came with."""
    sender: Address
    """Whose."""
    sha256: str
    """Of the recording as it came."""
    copied: str
    """Hash of the copy that is listened to."""
    size: int
    """Of the copy, in bytes."""
    since: AwareDatetime
    """When it was handed in."""
    next_at: AwareDatetime
    """Not before then."""
    attempts: int = 0
    """Made so far."""
    transcript: Transcript | None = None
    """Made already, and not yet on its way; or gone, where the broker may forget it."""
    gone_at: AwareDatetime | None = None
    """When the broker took it."""


class Untolds(Folder[Untold]):
    """By the ids of their messages."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, Untold, ".untold", "message_id")
