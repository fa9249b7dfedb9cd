"""Calls that agents asked for, on our own disk while they last: a crash leaves none talking for ever."""

from pathlib import Path
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from gateway_voice.calls.two_legs import Result, Stage
from gateway_voice.repository.folder import Folder


class CallNote(BaseModel):
    """Of one call; nobody's number is in it, since it is not dialled again."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True, hide_input_in_errors=True)

    id: UUID
    """The case store's."""
    record: bool
    """It is to be recorded."""
    stage: Stage
    """How far it came."""
    at: AwareDatetime
    """Since when it stands there."""
    talking_at: AwareDatetime | None = None
    """Since when they talked."""
    result: Result | None = None
    """What came of it, not told to the case store yet."""
    seconds: float | None = None
    """How long they talked, once it has ended."""


class CallNotes(Folder[CallNote]):
    """By the calls' ids."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, CallNote, ".call", "id")
