"""The words between flow and telephone: where a call stands, what happens to it, what it does next."""

from dataclasses import dataclass
from enum import StrEnum

from envelope.models import Language
from envelope.taxonomy import Section


class Step(StrEnum):
    """What the caller is being asked."""

    ARRIVING = "arriving"
    """Nothing yet: it is being found out whether it is worked now."""
    LANGUAGE = "language"
    SECTION = "section"
    INSTRUCTING = "instructing"
    """Told how to leave a message."""
    RECORDING = "recording"
    UNHEARD = "unheard"
    """Told that nothing was heard, or that it could not be recorded."""
    REVIEW = "review"
    CALLBACK = "callback"
    NUMBER = "number"
    KEEPING = "keeping"
    """Their message is being made safe."""
    CODE = "code"
    """Told the tracking code."""
    WHICH_CASE = "which_case"
    WHOSE_CASE = "whose_case"
    LOOKING = "looking"
    """Their case is being looked up."""
    LEAVING = "leaving"
    """Told goodbye."""
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Call:
    """Where a call stands."""

    caller: str | None = None
    """E.164; None where the number was withheld."""
    step: Step = Step.ARRIVING
    language: Language = Language.FA
    section: Section | None = None
    """Chosen."""
    keys: tuple[str, ...] = ()
    """Pressed in menus; never a digit of a number or a code."""
    typed: str = ""
    """Of a number or code, so far."""
    misses: int = 0
    """How often in a row nothing of use was pressed."""
    takes: int = 0
    """Recordings begun."""
    take: int = 0
    """The one that counts; 0 where there is none."""
    spoken: bool = False
    """Something was heard in it."""
    callback: str | None = None
    """E.164: where they want to be called, as they keyed it in."""
    code: str | None = None
    """Of the case they ask about, or their own new one."""
    looks: int = 0
    """Codes looked up."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """It is known whether somebody works now."""

    staffed: bool


@dataclass(frozen=True, slots=True)
class Pressed:
    """A key."""

    key: str


@dataclass(frozen=True, slots=True)
class Quiet:
    """All has been said, and no key came in time."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording has ended."""

    take: int
    seconds: float | None
    """None where it is not known."""
    spoken: bool
    """Not silent throughout, as far as Asterisk can tell."""


@dataclass(frozen=True, slots=True)
class NotRecorded:
    """A recording could not be made."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The message is safe, or will be."""

    code: str | None
    """None where there was none to mint: the case store texts one."""


@dataclass(frozen=True, slots=True)
class Found:
    """What came of looking a case up."""

    words: str
    """Its state in the case store's words; `unknown`, `away`."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """Asterisk was lost for a moment; the caller may have missed what was said."""


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller is gone."""


Event = Arrived | Pressed | Quiet | Recorded | NotRecorded | Kept | Found | Resumed | HungUp


@dataclass(frozen=True, slots=True)
class Answer:
    """Pick up."""


@dataclass(frozen=True, slots=True)
class Say:
    """Play prompts one after the other, then wait for a key; whatever was being said stops."""

    prompts: tuple[str, ...]
    """`language/name`, or `take` and its number for the caller's own recording."""
    wait: float
    """Seconds after the last of them until it counts as quiet."""


@dataclass(frozen=True, slots=True)
class Listen:
    """Say no more, wait for the next key."""

    wait: float
    """In seconds."""


@dataclass(frozen=True, slots=True)
class Record:
    """Beep and record."""

    take: int


@dataclass(frozen=True, slots=True)
class Keep:
    """Make a recording a message; `Kept` follows."""

    take: int


@dataclass(frozen=True, slots=True)
class Drop:
    """A recording is not wanted: the caller said it anew, or there is nothing in it."""

    take: int


@dataclass(frozen=True, slots=True)
class Look:
    """Look a case up; `Found` follows."""

    code: str
    number: str | None
    """The number that it must belong to."""


@dataclass(frozen=True, slots=True)
class HandOn:
    """To the people who answer."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""


Action = Answer | Say | Listen | Record | Keep | Drop | Look | HandOn | HangUp


@dataclass(frozen=True, slots=True)
class Rules:
    """What a deployment decides."""

    key_seconds: float
    """How long a caller has for the next key."""
    shortest: float
    """Seconds below which a recording was no message."""


Turn = tuple[Call, tuple[Action, ...]]
"""Where the call stands now, and what to do."""
