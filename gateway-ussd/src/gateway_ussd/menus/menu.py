"""The menus after loading: screens by name, every text compiled, nothing that changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Protocol

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from gateway_ussd.menus.schema import AnyScreen, LookupScreen, SubmitScreen, Texts, VisibleScreen
from gateway_ussd.texts import Tongue

ENVIRONMENT: Final = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined,
    autoescape=False,  # a phone shows plain text
)


class Template(Protocol):
    """A compiled text."""

    def render(self, values: Mapping[str, Any], /) -> str:
        """Filled in."""
        ...


@dataclass(frozen=True, slots=True, eq=False)  # known by identity: what is made of it can be remembered
class Menu:
    """Every screen of one version of the menus."""

    version: str
    """A hash of what the files say; a state is read with the version that wrote it."""
    start: str
    screens: Mapping[str, AnyScreen]
    fixed: frozenset[str]
    """Screens that read the same for everybody: nothing is filled into them."""

    def visible(self, name: str) -> VisibleScreen:
        """A screen that a person sees.

        Raises:
            TypeError: the screen shows nothing; a fault of the caller.
        """
        screen = self.screens[name]
        if isinstance(screen, LookupScreen | SubmitScreen):
            message = f"{name} shows nothing"
            raise TypeError(message)
        return screen

    def rendered(self, texts: Texts, tongue: Tongue, values: Mapping[str, Any]) -> str:
        """A text of these menus, filled in; what it needs was proved at load."""
        source = texts.of(tongue)
        return compiled(source).render(values) if has_values(source) else source


def has_values(source: str) -> bool:
    """Whether anything is filled into a text."""
    return "{" in source


@lru_cache(maxsize=4_096)
def compiled(source: str) -> Template:
    """A text as a template; raises `jinja2.TemplateError`."""
    return ENVIRONMENT.from_string(source)
