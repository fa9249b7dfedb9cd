"""What is kept of a number's session between two steps."""

from enum import StrEnum
from hashlib import blake2b
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from gateway_ussd.conversation import State
from gateway_ussd.model import Screen, Step, StepKind


class Phase(StrEnum):
    """Whether a session can be gone on with."""

    LIVE = "live"
    DROPPED = "dropped"
    """It ended before the person had what they came for: dialling again resumes it."""
    OVER = "over"


class Reserved(NamedTuple):
    """A message about to be handed in: whoever tries again hands in the same one, with the same code."""

    provider: str
    session_id: str
    message: str
    """Its name within the provider."""
    code: str | None


class Record(BaseModel):
    """The one session of a number."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True
    )

    provider: str
    session_id: str
    """The operator's; it comes again, so `begun` stands beside it wherever it must be unique."""
    begun: int
    """When, in milliseconds since 1970."""
    at: float
    """When it was last answered, in seconds since 1970."""
    phase: Phase
    serial: int
    """How many inputs were taken, the dialled ones too."""
    mark: str
    """Of the step that was answered last; the same step again has the same one."""
    state: State
    text: str
    """Of the screen that it was answered with."""
    ends: bool
    """Of that screen."""
    past: tuple[str, ...] = ()
    """Sessions of this number that this one took over, by name."""
    reserved: Reserved | None = None

    @property
    def screen(self) -> Screen:
        """What it was answered with."""
        return Screen(self.text, self.ends)

    @property
    def name(self) -> str:
        """Of the session, among all the number's."""
        return name_of(self.provider, self.session_id)

    def is_of(self, step: Step) -> bool:
        """Whether the step belongs to this session."""
        return self.session_id == step.session_id and self.provider == step.provider


def name_of(provider: str, session_id: str) -> str:
    """A session's name among all the number's."""
    return f"{provider}/{session_id}"


def mark_of(step: Step, inputs: int | None = None) -> str:
    """Tells a step from another one of its session; of a chain, as it was after so many `inputs`."""
    if step.chain is not None:
        return digest("chain", *step.chain[:inputs])
    kind = "begin" if step.kind is StepKind.BEGIN else "typed"
    return digest(kind, step.typed or "")


def digest(*words: str) -> str:
    """Sixteen hexadecimal digits for what nobody need read."""
    said = "\0".join(words).encode("utf-8", "surrogatepass")
    return blake2b(said, digest_size=8).hexdigest()
