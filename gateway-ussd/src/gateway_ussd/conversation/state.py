"""Where a person stands in the menus, small enough to be written at every step."""

from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from envelope.models import Declared
from gateway_ussd.model import Screen
from gateway_ussd.texts import Hint, Tongue, tongue_of

MOST_STEPS: Final = 60
"""Steps that are remembered; the last ones count."""
MOST_TRAIL: Final = 20
"""Screens that one can go back to."""


class State(BaseModel):
    """One conversation; JSON by `model_dump_json`, back by `model_validate_json`."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True, hide_input_in_errors=True)

    menu_version: str
    """Of the menus that it goes by, from its beginning to its end."""
    language: Literal["fa", "en"] = "fa"
    latin: bool = False
    """The operator's phones show the GSM alphabet alone."""
    screen: str
    """Its name in the menus."""
    page: int = 0
    """The first piece of the screen that stands on the phone; 0 is its beginning."""
    hint: Hint | None = None
    """Why the same screen is shown again; None after a step that was understood."""
    fields: dict[str, str] = Field(default_factory=dict, repr=False)
    """What was chosen and typed, by the names of the menus."""
    found: dict[str, Any] = Field(default_factory=dict, repr=False)
    """What lookups brought, by their names."""
    steps: tuple[str, ...] = ()
    """What was pressed; a typed answer stands here by the name of its field, never in its words."""
    trail: tuple[str, ...] = ()
    """The screens behind this one."""
    submitted: str | None = None
    """The tracking code of what was handed in last."""

    @property
    def tongue(self) -> Tongue:
        """What the person reads."""
        return tongue_of(self.language, latin=self.latin)

    @property
    def values(self) -> Mapping[str, Any]:
        """What a text can be filled with."""
        return {**self.fields, **self.found, "tracking_code": self.submitted}

    def stepped(self, pressed: str) -> "State":
        """With one more step."""
        return self.model_copy(update={"steps": (*self.steps, pressed)[-MOST_STEPS:], "hint": None})


class Lookup(NamedTuple):
    """Something to ask elsewhere; its answer goes to `found`."""

    name: str
    arguments: Mapping[str, str]


class Submit(NamedTuple):
    """A message to hand in; its tracking code goes to `submitted`."""

    text: str
    declared: Declared
    refers_to: str | None


Outcome = Screen | Lookup | Submit
