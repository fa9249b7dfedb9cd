"""Who gets a message: the desk of its section, or triage where the router is not sure enough."""

from typing import Final

from envelope.models import Classification

TRIAGE: Final = "triage"
"""The desk of people who read what the router could not."""


def desk_of(classification: Classification, abstain_below: float) -> str:
    """The section's desk, named after it; `triage` below the threshold."""
    if classification.confidence < abstain_below:
        return TRIAGE
    return classification.section.value
