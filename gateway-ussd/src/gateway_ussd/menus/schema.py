"""What may stand in a menu file: five kinds of screens, and nothing else."""

from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gateway_ussd.menus.numbers import LONGEST_OPTIONS
from gateway_ussd.menus.terms import LITERALS, called
from gateway_ussd.texts import Tongue

LONGEST_LIST: Final = 40
"""Items of a lookup that are shown."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]


class _Closed(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, hide_input_in_errors=True
    )


class Texts(_Closed):
    """What a person reads, as a Jinja template in each tongue."""

    fa: str
    en: str
    finglish: str

    def of(self, tongue: Tongue) -> str:
        """In one of them."""
        text: str = getattr(self, tongue)
        return text


class Option(_Closed):
    """One line of a menu."""

    label: Texts
    next: Name
    """The screen that it leads to."""
    set: dict[Name, str] = Field(default_factory=dict)
    """Fields that it fills."""
    language: Literal["fa", "en"] | None = None
    """The language from here on."""

    @model_validator(mode="before")
    @classmethod
    def _label_from_taxonomy(cls, given: Any) -> Any:  # noqa: ANN401  (whatever YAML holds)
        """An option that sets a term is called as everywhere else, unless it says otherwise."""
        match given:
            case {"set": {**fields}, "label": {**label}}:
                words = [found for field, value in fields.items() if (found := called(str(field), value))]
                return {**given, "label": {**words[-1], **label}} if words else given
        return given

    @model_validator(mode="after")
    def _literals_are_known(self) -> Self:
        for name, value in self.set.items():
            if name in LITERALS and called(name, value) is None:
                message = f"{value} is no {name}"
                raise ValueError(message)
        return self


class Items(_Closed):
    """Lines of a menu that a lookup found."""

    of: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]
    """`lookup.list`."""
    label: Texts
    """A template over `item`."""
    keep: tuple[Name, ...] = ()
    """What of the chosen item goes into fields of the same names."""
    next: Name


class MenuScreen(_Closed):
    """A text and numbered options."""

    kind: Literal["menu"]
    text: Texts
    options: tuple[Option, ...] = Field(default=(), max_length=LONGEST_OPTIONS)
    items: Items | None = None

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if bool(self.options) == (self.items is not None):
            message = "a menu has either options or items"
            raise ValueError(message)
        return self


class Validator(StrEnum):
    """What an input takes."""

    NATIONAL_ID = "national_id"
    MOBILE = "mobile"
    TRACKING_CODE = "tracking_code"
    JALALI_DATE = "jalali_date"
    TEXT = "text"


class InputScreen(_Closed):
    """A question that is answered by typing."""

    kind: Literal["input"]
    text: Texts
    field: Name
    validator: Validator
    min: Annotated[int, Field(ge=2)] = 2
    """Characters of a text; one alone is a key."""
    max: Annotated[int, Field(ge=2, le=1_000)] = 500
    next: Name


class Shape(StrEnum):
    """What a lookup brings in one of its fields."""

    TEXT = "text"
    FLAG = "flag"


class LookupScreen(_Closed):
    """Something is asked elsewhere; nothing is shown."""

    kind: Literal["lookup"]
    name: Name
    arguments: tuple[Name, ...] = ()
    """Fields that are handed over."""
    gives: dict[Name, Shape | tuple[Name, ...]] = Field(min_length=1)
    """Its fields: `text`, `flag`, or the names that each item of a list has."""
    next: Name
    empty: Name | None = None
    """The screen where there is nothing to be found; `fallback` where it is not given."""
    fallback: Name
    """The screen where no answer came in time."""


class SubmitScreen(_Closed):
    """A message is handed in; nothing is shown."""

    kind: Literal["submit"]
    text: Texts
    """What the envelope says."""
    declares: tuple[Literal["topic", "kind", "audience", "province"], ...] = ()
    """Fields that it declares."""
    refers_to: Name | None = None
    """The field with the tracking code of an earlier matter."""
    next: Name
    """`tracking_code` is set there."""
    fallback: Name
    """The screen where it could not be taken."""


class MessageScreen(_Closed):
    """A text that is only read."""

    kind: Literal["message"]
    text: Texts
    ends: bool = False
    """The last of its session."""


AnyScreen = Annotated[
    MenuScreen | InputScreen | LookupScreen | SubmitScreen | MessageScreen, Field(discriminator="kind")
]


KINDS: Final = ("menu", "input", "lookup", "submit", "message")

VisibleScreen = MenuScreen | InputScreen | MessageScreen
"""What a person sees."""


class File(_Closed):
    """One file of menus."""

    start: Name | None = None
    """The first screen; given in one file."""
    screens: dict[Name, AnyScreen] = Field(default_factory=dict)
