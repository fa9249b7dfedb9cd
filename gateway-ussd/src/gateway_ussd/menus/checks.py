"""What must hold before menus are used: every way leads somewhere, every text can be filled in and fits."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from gateway_ussd.menus.reading import Place
from gateway_ussd.menus.schema import (
    AnyScreen,
    InputScreen,
    LookupScreen,
    MenuScreen,
    MessageScreen,
    SubmitScreen,
)
from gateway_ussd.menus.terms import LITERALS
from gateway_ussd.menus.wording import faults_in_texts
from gateway_ussd.menus.written import Written

NO_FIELDS: Final = frozenset({"item", "tracking_code"})
"""Names that texts know and that are no fields."""


class Edge(NamedTuple):
    """One way from a screen to another, and what has a value after it."""

    to: str
    place: Place
    sets: frozenset[str] = frozenset()
    forgets: bool = False
    """What was known before has no value after it."""


def edges(screen: AnyScreen) -> Iterator[Edge]:
    """Every way on, except the keys that are always there."""
    match screen:
        case MenuScreen():
            for index, option in enumerate(screen.options):
                yield Edge(option.next, ("options", index, "next"), frozenset(option.set))
            if screen.items is not None:
                yield Edge(screen.items.next, ("items", "next"), frozenset(screen.items.keep))
        case InputScreen():
            yield Edge(screen.next, ("next",), frozenset({screen.field}))
        case LookupScreen():
            yield Edge(screen.next, ("next",), frozenset({screen.name}))
            yield Edge(screen.fallback, ("fallback",))
            if screen.empty is not None:
                yield Edge(screen.empty, ("empty",))
        case SubmitScreen():
            yield Edge(screen.next, ("next",), frozenset({"tracking_code"}), forgets=True)
            yield Edge(screen.fallback, ("fallback",))
        case MessageScreen():
            pass


def known_at(screens: Mapping[str, AnyScreen], start: str) -> dict[str, frozenset[str]]:
    """For every screen that can be reached: what has a value on every way to it."""
    known = {start: frozenset[str]()}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        for edge in edges(screens[name]):
            after = edge.sets if edge.forgets else known[name] | edge.sets
            after = frozenset() if edge.to == start else after
            before = known.get(edge.to)
            now = after if before is None else before & after
            if now != before and edge.to in screens:
                known[edge.to] = now
                waiting.append(edge.to)
    return known


def faults_of(written: Written) -> list[str]:
    """Every fault of menus whose files read well, in the order of the screens."""
    dangling = [
        written.fault(name, edge.place, f"there is no screen {edge.to}")
        for name, screen in written.screens.items()
        for edge in edges(screen)
        if edge.to not in written.screens
    ]
    return dangling or list(_deeper(written))


def _deeper(written: Written) -> Iterator[str]:
    known = known_at(written.screens, written.start)
    gives = {
        screen.name: screen.gives for screen in written.screens.values() if isinstance(screen, LookupScreen)
    }
    yield from _double_meanings(written, gives)
    yield from _endless(written)
    for name, screen in written.screens.items():
        if name not in known:
            yield written.fault(name, (), "no screen leads here")
            continue
        for place, words in (
            *_unset(screen, known[name], gives),
            *faults_in_texts(screen, known[name], gives),
        ):
            yield written.fault(name, place, words)


def _unset(screen: AnyScreen, known: frozenset[str], gives: Collection[str]) -> Iterator[tuple[Place, str]]:
    """Fields that a screen hands over without a value on every way to it."""
    wanted: Sequence[tuple[str, Place]] = ()
    match screen:
        case LookupScreen():
            wanted = [(name, ("arguments", index)) for index, name in enumerate(screen.arguments)]
        case SubmitScreen():
            wanted = [(name, ("declares", index)) for index, name in enumerate(screen.declares)]
            if screen.refers_to is not None:
                wanted = [*wanted, (screen.refers_to, ("refers_to",))]
    for name, place in wanted:
        if name not in known or name in gives or name in NO_FIELDS:
            yield place, f"not every way to here sets {name}"


def _double_meanings(written: Written, gives: Mapping[str, object]) -> Iterator[str]:
    """One name, one meaning: a lookup's, a typed field's, a term's, or ours."""
    for name, screen in written.screens.items():
        for word, place, is_term in _named(screen):
            if word in NO_FIELDS or word in gives or (word in LITERALS and not is_term):
                yield written.fault(name, place, f"{word} has another meaning already")
        if isinstance(screen, LookupScreen):
            if screen.name in NO_FIELDS or screen.name in LITERALS:
                yield written.fault(name, ("name",), f"{screen.name} has another meaning already")
            if screen.gives != gives[screen.name]:
                yield written.fault(name, ("gives",), f"{screen.name} gives something else elsewhere")


def _named(screen: AnyScreen) -> Iterator[tuple[str, Place, bool]]:
    """The fields that a screen fills, and whether a literal of the menus goes into them."""
    match screen:
        case InputScreen(field=field):
            yield field, ("field",), False
        case MenuScreen(options=options, items=items):
            for index, option in enumerate(options):
                yield from ((name, ("options", index, "set", name), True) for name in option.set)
            for index, name in enumerate(() if items is None else items.keep):
                yield name, ("items", "keep", index), False


def _endless(written: Written) -> Iterator[str]:
    """Screens that show nothing must come to one that does, whatever is found."""
    for name, screen in written.screens.items():
        seen: set[str] = set()
        waiting = [screen]
        while waiting:
            now = waiting.pop()
            if isinstance(now, LookupScreen | SubmitScreen):
                further = {edge.to for edge in edges(now)} - seen
                seen |= further
                waiting += [written.screens[to] for to in further]
        if name in seen and isinstance(screen, LookupScreen | SubmitScreen):
            yield written.fault(name, (), "it leads to itself without showing anything")
