"""A recording as every way in hands it over."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from envelope.models import Channel, Declared, Session, message_id_of


@dataclass(frozen=True, slots=True)
class Recording:
    """What somebody said, and what is known of the call."""

    provider: str
    """Who recorded it: `asterisk` (over ARI), `pbx` (pushed to us), `voicemail` (a mailbox of Asterisk's)."""
    id: str
    """The PBX's own: the same id is the same message, however often it comes."""
    audio: Path
    """A local file, which may be taken over: whoever gives it must not use it afterwards."""
    caller: str | None
    """E.164; None where the number was withheld."""
    called: str
    """Our number."""
    at: datetime
    """When it was said, UTC."""
    declared: Declared | None = None
    """What the caller chose."""
    refers_to: str | None = None
    """A tracking code that the caller keyed in."""
    code: str | None = None
    """The tracking code that the caller was told already; minted where there is none."""
    session: Session | None = None
    """The call: its id and the keys pressed."""
    of_call: UUID | None = None
    """A call that an agent asked for, by the case store's id: it is no message, but goes with that call."""

    @property
    def message_id(self) -> UUID:
        """The id that every copy of it shares."""
        return message_id_of(Channel.VOICE, self.called, self.provider, self.id)
