"""What listening to a recording told, as the process says it and as it is kept beside the recording."""

from pydantic import BaseModel, ConfigDict, ValidationError

from envelope.models import SoundFault


class Heard(BaseModel):
    """Either it can be played, or `fault` says why not."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    media_type: str = "application/octet-stream"
    """As sniffed; this one where it is of no use to call it anything."""
    seconds: float | None = None
    """As counted, not as claimed."""
    peaks: tuple[int, ...] = ()
    """See `envelope.models.Sound`."""
    loudness: float | None = None
    """LUFS."""
    silent: bool = False
    """Silence or steady noise."""
    fault: SoundFault | None = None
    """Why it cannot be played."""

    @classmethod
    def read(cls, said: bytes) -> "Heard | None":
        """What was said, if it can be understood."""
        try:
            return cls.model_validate_json(said)
        except ValidationError:
            return None
