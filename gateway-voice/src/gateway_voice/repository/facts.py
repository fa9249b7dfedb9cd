"""What is known of a recording, as it lies beside the audio while that waits."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from envelope.models import Declared, Session
from gateway_voice.model import Recording


class Facts(BaseModel):
    """All of a `Recording` but its audio, and when it was kept."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    provider: str
    id: str
    caller: str | None = None
    called: str
    at: AwareDatetime
    declared: Declared | None = None
    refers_to: str | None = None
    code: str | None = None
    session: Session | None = None
    of_call: UUID | None = None
    kept_at: AwareDatetime

    @classmethod
    def of(cls, recording: Recording, code: str | None) -> "Facts":
        """Now, with the code that it was given."""
        return cls(
            provider=recording.provider,
            id=recording.id,
            caller=recording.caller,
            called=recording.called,
            at=recording.at,
            declared=recording.declared,
            refers_to=recording.refers_to,
            code=code,
            session=recording.session,
            of_call=recording.of_call,
            kept_at=datetime.now(UTC),
        )

    def recording(self, audio: Path) -> Recording:
        """The recording again."""
        return Recording(
            provider=self.provider,
            id=self.id,
            audio=audio,
            caller=self.caller,
            called=self.called,
            at=self.at,
            declared=self.declared,
            refers_to=self.refers_to,
            code=self.code,
            session=self.session,
            of_call=self.of_call,
        )
