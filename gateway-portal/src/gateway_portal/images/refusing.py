"""Why a file cannot be made anew, in a word that pages have a sentence for."""

from typing import Final

from objects.errors import FileRefusedError

BROKEN: Final = "broken"
"""It does not hold what its first bytes promise."""
HUGE: Final = "huge"
"""It is small and unfolds into far more than anybody sends."""
LOCKED: Final = "locked"
"""It opens with a password."""


def refused(why: str) -> FileRefusedError:
    """The error, with its reason."""
    return FileRefusedError(f"the file cannot be made anew: {why}").telling(why=why)
