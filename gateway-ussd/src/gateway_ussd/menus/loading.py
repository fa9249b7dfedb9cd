"""A folder of YAML files becomes a `Menu`, or one error that tells every fault in them."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pydantic import ValidationError

from gateway_ussd.errors import MenuError
from gateway_ussd.menus.checks import faults_of
from gateway_ussd.menus.menu import Menu, has_values
from gateway_ussd.menus.reading import Source, read
from gateway_ussd.menus.schema import KINDS, AnyScreen, File, InputScreen, MenuScreen, MessageScreen
from gateway_ussd.menus.written import Written
from gateway_ussd.texts import Tongue

SHIPPED: Final = Path(__file__).parents[1] / "menus_data"
"""The menus that come with the gateway."""


def load(folder: Path = SHIPPED) -> Menu:
    """Every `*.yaml` of a folder as one menu.

    Raises:
        MenuError: every fault of the files by themselves; where there is none, of what they say together.
    """
    sources = [read(path) for path in sorted(folder.glob("*.yaml"))]
    if not sources:
        raise MenuError([f"{folder.name}:1: holds no *.yaml file"])
    faults = [fault for source in sources for fault in source.faults]
    files = [(source, parsed) for source in sources if (parsed := _parsed(source, faults)) is not None]
    if faults:
        raise MenuError(faults)
    written = Written(files)
    if together := written.faults or faults_of(written):
        raise MenuError(together)
    return Menu(
        _version(sources),
        written.start,
        MappingProxyType(written.screens),
        frozenset(name for name, screen in written.screens.items() if _is_fixed(screen)),
    )


def _is_fixed(screen: AnyScreen) -> bool:
    """Whether nothing is filled into its texts."""
    match screen:
        case MenuScreen(items=None):
            texts = [screen.text, *(option.label for option in screen.options)]
        case InputScreen() | MessageScreen():
            texts = [screen.text]
        case _:
            return False
    return not any(has_values(text.of(tongue)) for text in texts for tongue in Tongue)


def _parsed(source: Source, faults: list[str]) -> File | None:
    if source.faults:
        return None
    try:
        return File.model_validate(source.value)
    except ValidationError as error:
        faults += _told(source, error)
        return None


def _told(source: Source, error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False, include_input=False):
        place = tuple(step for step in fault["loc"] if step != "[key]")
        if fault["type"].startswith("union_tag"):
            place = (*place, "kind")
        name = place[-1] if place else "the file"
        words = {
            "missing": f"{name} is missing",
            "extra_forbidden": f"{name} is not known here",
            "union_tag_not_found": "kind is missing",
            "union_tag_invalid": f"kind is none of {', '.join(KINDS)}",
            "value_error": fault["msg"].removeprefix("Value error, "),
        }.get(fault["type"], f"{name}: {fault['msg']}")
        yield source.at(place, f"{_screen(place)}{words}")


def _screen(place: Sequence[str | int]) -> str:
    return f"{place[1]}: " if len(place) > 2 and place[0] == "screens" else ""  # noqa: PLR2004  (screens, name, …)


def _version(sources: Sequence[Source]) -> str:
    """What the files say, whatever the folder is called."""
    digest = sha256()
    for source in sources:
        digest.update(source.path.name.encode() + b"\0" + sha256(source.content).digest())
    return digest.hexdigest()[:12]
