"""What the use cases hand to each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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
