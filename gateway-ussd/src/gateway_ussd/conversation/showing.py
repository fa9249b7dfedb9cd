"""A screen of the menus in the state of one person becomes what stands on the phone."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import takewhile
from typing import Any, Literal, NamedTuple

from gateway_ussd import paging
from gateway_ussd.conversation.state import State
from gateway_ussd.menus import Menu
from gateway_ussd.menus.numbers import number_of
from gateway_ussd.menus.schema import (
    InputScreen,
    Items,
    MenuScreen,
    MessageScreen,
    Texts,
    VisibleScreen,
)
from gateway_ussd.model import Screen
from gateway_ussd.texts import NAME, Hint, Tongue, Way, hint, romanized, way
from persian.digits import persian_digits


class View(NamedTuple):
    """What stands on the phone, and what its keys lead to."""

    screen: Screen
    previous: int | None
    """The piece that `8` goes to on this screen; None where it leaves the screen."""
    following: int | None
    """The piece that `9` goes to; None on the last page."""


class _Sheet(NamedTuple):
    """A whole screen, not yet cut."""

    head: Sequence[paging.Piece]
    rows: Sequence[paging.Piece]
    prefix: str


def view(menu: Menu, state: State) -> View:
    """The page of a screen that the state stands on."""
    if state.screen in menu.fixed:
        return _fixed(
            menu, state.screen, state.page, state.hint, state.language, state.latin, bool(state.trail)
        )
    return _view(menu, state)


@lru_cache(maxsize=8_192)
def _fixed(  # noqa: PLR0913, PLR0917  (all that such a screen depends on)
    menu: Menu,
    name: str,
    page: int,
    hint: Hint | None,
    language: Literal["fa", "en"],
    latin: bool,  # noqa: FBT001  (as above)
    behind: bool,  # noqa: FBT001  (as above)
) -> View:
    """The same, remembered: most steps show what thousands saw before, and nobody's words are in it."""
    state = State(
        menu_version=menu.version,
        language=language,
        latin=latin,
        screen=name,
        page=page,
        hint=hint,
        trail=(menu.start,) if behind else (),
    )
    return _view(menu, state)


def _view(menu: Menu, state: State) -> View:
    screen = menu.visible(state.screen)
    sheet = _sheet(menu, screen, state)
    pieces = (*sheet.head, *sheet.rows)
    turned = min(state.page, len(pieces) - 1)
    wrong = state.hint is not None and state.hint is not Hint.RESUMED
    # What was wrong is said in the place of the text above the options.
    start = max(turned, len(sheet.head)) if wrong and sheet.rows else turned
    ways = _Ways(menu, screen, state, first=start if turned == 0 else 0)
    page = paging.page(pieces, start, ways, sheet.prefix)
    if sheet.prefix and page.following is not None and isinstance(screen, InputScreen):
        page = paging.page(paging.flowing(sheet.prefix) if wrong else pieces, 0, ways)
    ends = isinstance(screen, MessageScreen) and screen.ends and page.following is None
    return View(Screen(page.text, ends), _previous(pieces, turned, ways), page.following)


def whole(menu: Menu, state: State) -> str:
    """The screen's text and what was found for it, uncut and without anything to press, for an SMS."""
    screen = menu.visible(state.screen)
    found = isinstance(screen, MenuScreen) and screen.items is not None
    return "\n".join((_filled(menu, screen.text, state), *(_labels(menu, screen, state) if found else ())))


def pages(menu: Menu, state: State) -> list[str]:
    """Every page of the screen, as its keys lead through it."""
    page: int | None = 0
    texts: list[str] = []
    while page is not None:
        shown = view(menu, state.model_copy(update={"page": page, "hint": None}))
        texts.append(shown.screen.text)
        page = shown.following
    return texts


def listed(items: Items, state: State) -> Sequence[Mapping[str, str]]:
    """What a lookup found for a menu."""
    lookup, _, attribute = items.of.partition(".")
    found: Sequence[Mapping[str, str]] = state.found.get(lookup, {}).get(attribute, ())
    return found


def _previous(pieces: Sequence[paging.Piece], turned: int, ways: paging.Ways) -> int | None:
    if turned == 0:
        return None
    *_, last = takewhile(lambda start: start < turned, paging.starts(pieces, ways))
    return last


class _Ways:
    """The line of keys under a page: next, back and main wherever there is a next, a back and a main."""

    def __init__(self, menu: Menu, screen: VisibleScreen, state: State, first: int) -> None:
        self._first = first
        self._ends = isinstance(screen, MessageScreen) and screen.ends
        self._top = state.screen == menu.start
        self._behind = bool(state.trail)
        self._tongue = state.tongue

    def __call__(self, start: int, *, more: bool) -> str:
        if self._ends and not more:
            return ""
        keys = (
            (Way.NEXT, more),
            (Way.BACK, start > self._first or self._behind),
            (Way.MAIN, start > self._first or not self._top),
        )
        return " ".join(way(key, self._tongue) for key, there in keys if there)


def _sheet(menu: Menu, screen: VisibleScreen, state: State) -> _Sheet:
    text, rows = _filled(menu, screen.text, state), _rows(menu, screen, state)
    prefix = "" if state.hint is None else hint(state.hint, state.tongue)
    gsm = state.tongue is not Tongue.FA and all(map(paging.is_gsm, (text, *rows)))
    head = paging.flowing(text) or paging.flowing(NAME.of(state.tongue))
    return _Sheet(head, [paging.line(row, gsm=gsm) for row in rows], prefix)


def _labels(menu: Menu, screen: VisibleScreen, state: State) -> list[str]:
    if not isinstance(screen, MenuScreen):
        return []
    if screen.items is None:
        return [_filled(menu, option.label, state) for option in screen.options]
    label = screen.items.label
    return [_filled(menu, label, state, item=item) for item in listed(screen.items, state)]


def _rows(menu: Menu, screen: VisibleScreen, state: State) -> list[str]:
    labels = _labels(menu, screen, state)
    rows = [f"{number_of(place, len(labels))} {label}" for place, label in enumerate(labels)]
    return [persian_digits(row) for row in rows] if state.tongue is Tongue.FA else rows


def _filled(menu: Menu, texts: Texts, state: State, **more: Any) -> str:  # noqa: ANN401  (whatever a lookup found)
    text = menu.rendered(texts, state.tongue, {**state.values, **more})
    if state.latin:
        return romanized(text)
    return persian_digits(text) if state.tongue is Tongue.FA else text
