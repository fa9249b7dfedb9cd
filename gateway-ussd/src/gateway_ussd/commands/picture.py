"""The menus as Markdown: a picture of what leads where, and every page as a Persian phone shows it."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from gateway_ussd.commands.canned import RESULTS, TRACKING_CODE, TYPED
from gateway_ussd.conversation import (
    Lookup,
    Outcome,
    State,
    Submit,
    answer,
    begin,
    found,
    pages,
    submitted,
)
from gateway_ussd.menus import Menu, edges
from gateway_ussd.menus.numbers import number_of, numbers_of
from gateway_ussd.menus.schema import AnyScreen, InputScreen, MenuScreen
from gateway_ussd.model import Screen

BEGINS: Final = "<!-- drawn by `payam ussd tree`: begins -->\n"
ENDS: Final = "<!-- drawn by `payam ussd tree`: ends -->\n"

_SHAPES: Final[Mapping[str, tuple[str, str]]] = {
    "menu": ("[", "]"),
    "input": ("[/", "/]"),
    "lookup": ("{{", "}}"),
    "submit": ("[[", "]]"),
    "message": ("(", ")"),
}
_FEWEST: Final = 2
_RESERVED: Final = frozenset(
    {"call", "class", "click", "default", "end", "flowchart", "graph", "href", "style", "subgraph"}
)


def drawn(menu: Menu) -> str:
    """The picture, then the pages."""
    return "\n".join((*_picture(menu), "", *_screens(menu))) + "\n"


def put_into(document: str, picture: str) -> str:
    """The document with this picture in the place of the one between its marks.

    Raises:
        ValueError: it has no marks.
    """
    before, begins, rest = document.partition(BEGINS)
    _, ends, after = rest.partition(ENDS)
    if not begins or not ends:
        message = "the document has no marks to put the picture between"
        raise ValueError(message)
    return f"{before}{BEGINS}\n{picture}\n{ENDS}{after}"


def _picture(menu: Menu) -> Iterator[str]:
    yield "```mermaid"
    yield "flowchart LR"
    for name, screen in menu.screens.items():
        opening, closing = _SHAPES[screen.kind]
        yield f'  {_id(name)}{opening}"{name}"{closing}'
    for name, screen in menu.screens.items():
        ways: dict[str, list[str]] = {}
        for edge in edges(screen):
            ways.setdefault(edge.to, []).append(_by(screen, edge.place))
        for to, keys in ways.items():
            label = _spanned([key for key in keys if key])
            yield f'  {_id(name)} -->|"{label}"| {_id(to)}' if label else f"  {_id(name)} --> {_id(to)}"
    yield "```"


def _id(name: str) -> str:
    """Mermaid's own words are no names of its nodes."""
    return f"{name}_" if name in _RESERVED else name


def _spanned(keys: Sequence[str]) -> str:
    """`1 2 3` as `1-3`: options stand in the order of their numbers."""
    numbers = [int(key) for key in keys if key.isdecimal()]
    if len(numbers) == len(keys) > _FEWEST and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{keys[0]}-{keys[-1]}"
    return " ".join(keys)


def _by(screen: AnyScreen, place: tuple[str | int, ...]) -> str:
    """What leads on: an option's number, or the outcome that is not the usual one."""
    match place:
        case ("options", int(index), _) if isinstance(screen, MenuScreen):
            return number_of(index, len(screen.options))
        case ("items", _):
            return "any"
        case ("next",):
            return ""
    return str(place[-1])


class _Way(NamedTuple):
    """How a screen is come to."""

    dialled: tuple[str, ...]
    state: State


def _screens(menu: Menu) -> Iterator[str]:
    for name, way in _first_ways(menu).items():
        yield f"`{name}`: `*4*1420{''.join(f'*{part}' for part in way.dialled)}#`"
        yield ""
        yield "```text"
        yield "\n─\n".join(pages(menu, way.state))
        yield "```"
        yield ""


def _first_ways(menu: Menu) -> dict[str, _Way]:
    """Every screen that a person may see, with a shortest way to it."""
    ways: dict[str, _Way] = {}
    waiting = deque(_seen(menu, (), *begin(menu)))
    while waiting:
        way = waiting.popleft()
        if ways.setdefault(way.state.screen, way) is way:
            for shown, typed in _answers(menu, way.state):
                waiting += _seen(menu, (*way.dialled, shown), *answer(menu, way.state, typed))
    return ways


def _seen(menu: Menu, dialled: tuple[str, ...], state: State, outcome: Outcome) -> Iterator[_Way]:
    """What may be on the phone in the end: whatever a lookup brings, whether or not a message is taken."""
    match outcome:
        case Lookup(name=name):
            for result in (RESULTS.get(name), {}, None):
                yield from _seen(menu, dialled, *found(menu, state, result))
        case Submit():
            for code in (TRACKING_CODE, None):
                yield from _seen(menu, dialled, *submitted(menu, state, code))
        case Screen():
            yield _Way(dialled, state)


def _answers(menu: Menu, state: State) -> Iterator[tuple[str, str]]:
    """What may be typed there, as the picture says it and as it is typed."""
    match menu.screens[state.screen]:
        case InputScreen(field=field, validator=validator):
            yield f"{{{field}}}", TYPED[validator]
        case MenuScreen(options=options) if options:
            yield from ((key, key) for key in numbers_of(len(options)))
        case MenuScreen():
            yield "1", "1"
