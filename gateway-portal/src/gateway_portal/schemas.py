"""What the case store says of a code."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class Verdict(BaseModel):
    """Whether a letter is genuine; nothing of the person or the case."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, use_attribute_docstrings=True)

    known: bool
    """Whether the code stands on any official reply."""
    genuine: bool
    """Whether that reply still holds."""
    issued_at: datetime | None = None
    """When."""
    revoked_at: datetime | None = None
    """Since when it is void."""
    text: str | None = None
    """To compare with the letter."""
