"""What a machine took a recording for, as a person should take it. Pure."""

from collections.abc import Mapping
from typing import Any, Final

_HIGH: Final = 0.8
_FAIR: Final = 0.55
"""Below it every other word is likely to be wrong."""


def sureness(confidence: float | None) -> str:
    """A confidence as a word for it: `high`, `fair`, `low`; `unknown` where the machine did not say."""
    if confidence is None:
        return "unknown"
    return "high" if confidence >= _HIGH else "fair" if confidence >= _FAIR else "low"


def suggests(heard: Mapping[str, Any], case: Mapping[str, Any]) -> bool:
    """Whether a topic was found that the case has not, and no person has said what the case is about."""
    found = heard["topic_confidence"] > 0 and (heard["topic"], heard["kind"]) != (case["topic"], case["kind"])
    return found and not case.get("corrections")
