"""What is known of each recording that Asterisk holds, on our own disk: a crash forgets no caller."""

from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict

from envelope.models import Language
from envelope.taxonomy import Section
from gateway_voice.repository.folder import Folder


class Note(BaseModel):
    """Of one recording; written before it begins and whenever more is known."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True, hide_input_in_errors=True)

    recording: str
    """Its name in Asterisk."""
    channel: str
    """The call's id in Asterisk."""
    caller: str | None
    """E.164: where they want to be called."""
    called: str
    """Our number."""
    at: AwareDatetime
    """When it began."""
    language: Language | None = None
    """That they were led in."""
    section: Section | None = None
    """Chosen."""
    keys: tuple[str, ...] = ()
    """Pressed in menus."""
    code: str | None = None
    """The tracking code that the caller was told."""
    wanted: bool = True
    """False where the caller said it anew, or there is nothing in it."""


class Notes(Folder[Note]):
    """By the recordings' names in Asterisk."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, Note, ".note", "recording")

    def audio_path(self, recording: str) -> Path:
        """Where its sound may be written on its way."""
        return self.path(recording).with_suffix(".wav")
