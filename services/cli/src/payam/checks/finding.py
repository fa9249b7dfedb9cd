"""One line of `payam doctor`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """What was looked at, what was seen, and the mend where it is wrong."""

    what: str
    seen: str
    mend: str = ""
    """Empty when nothing needs mending."""

    @property
    def good(self) -> bool:
        """Whether nothing needs mending."""
        return not self.mend
