"""From screen to screen: what a key, a choice, a typed answer or a result leads to."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from envelope.models import Declared
from gateway_ussd.conversation.results import EMPTY, shaped
from gateway_ussd.conversation.showing import listed, view
from gateway_ussd.conversation.state import MOST_TRAIL, Lookup, Outcome, State, Submit
from gateway_ussd.conversation.validators import accepted
from gateway_ussd.menus import Menu
from gateway_ussd.menus.numbers import numbers_of
from gateway_ussd.menus.schema import (
    InputScreen,
    LookupScreen,
    MenuScreen,
    SubmitScreen,
)
from gateway_ussd.texts import Hint, Way, keyed

_LONGEST_KEY: Final = 40
"""Characters of what may be a key with spaces about it."""
_UNKNOWN: Final = "?"
"""How a step that was not understood is remembered."""

Moved = tuple[State, Outcome]


def begin(menu: Menu, *, language: Literal["fa", "en"] = "fa", latin: bool = False) -> Moved:
    """The first screen."""
    state = State(menu_version=menu.version, language=language, latin=latin, screen=menu.start)
    return _entered(menu, state, menu.start)


def resume(menu: Menu, state: State) -> Moved:
    """The screen where a session was dropped, with a word that we go on from there."""
    if state.menu_version != menu.version or state.screen not in menu.screens:
        return begin(menu, language=state.language, latin=state.latin)
    return _shown(menu, state.model_copy(update={"hint": Hint.RESUMED}))


def answer(menu: Menu, state: State, typed: str) -> Moved:
    """What follows from what was typed, whatever it is; not understood, the same screen with a hint.

    A state that waits for a result stays where it is.
    """
    screen = menu.screens.get(state.screen)
    if screen is None:
        return begin(menu, language=state.language, latin=state.latin)
    if isinstance(screen, LookupScreen | SubmitScreen):
        return _shown(menu, state)
    key = keyed(typed) if len(typed) <= _LONGEST_KEY else _UNKNOWN
    moved = _by_key(menu, state, key)
    if moved is not None:
        return moved
    if isinstance(screen, InputScreen):
        return _typed(menu, state, screen, typed)
    if isinstance(screen, MenuScreen):
        return _chosen(menu, state, screen, key)
    return _again(menu, state, Hint.OPTION if key else Hint.EMPTY)


def found(menu: Menu, state: State, result: Mapping[str, Any] | None) -> Moved:
    """What follows from a lookup's result: `{}` found nothing, None came too late or not at all.

    A result that is not what the menus say counts as None.
    """
    screen = menu.screens.get(state.screen)
    if not isinstance(screen, LookupScreen):
        return resume(menu, state)
    values = shaped(screen.gives, result)
    if values is None:
        return _entered(menu, state, screen.fallback)
    if values is EMPTY:
        return _entered(menu, state, screen.empty or screen.fallback)
    known = {**state.found, screen.name: values}
    return _entered(menu, state.model_copy(update={"found": known}), screen.next)


def submitted(menu: Menu, state: State, tracking_code: str | None) -> Moved:
    """What follows from handing in: its code, or None where it could not be taken."""
    screen = menu.screens.get(state.screen)
    if not isinstance(screen, SubmitScreen):
        return resume(menu, state)
    if tracking_code is None:
        return _entered(menu, state, screen.fallback)
    # Nothing leads back into the form: it would be handed in a second time.
    done = {"submitted": tracking_code, "fields": {}, "found": {}, "trail": ()}
    return _entered(menu, state.model_copy(update=done), screen.next)


def _entered(menu: Menu, state: State, name: str) -> Moved:
    new: dict[str, Any] = {"screen": name, "page": 0, "hint": None}
    if name == menu.start:
        new |= {"fields": {}, "found": {}, "trail": (), "submitted": None}
    return _shown(menu, state.model_copy(update=new))


def _shown(menu: Menu, state: State) -> Moved:
    screen = menu.screens[state.screen]
    if isinstance(screen, LookupScreen):
        return state, Lookup(screen.name, {name: state.fields[name] for name in screen.arguments})
    if isinstance(screen, SubmitScreen):
        declared = Declared.model_validate({name: state.fields[name] for name in screen.declares})
        refers_to = None if screen.refers_to is None else state.fields[screen.refers_to]
        return state, Submit(menu.rendered(screen.text, state.tongue, state.values), declared, refers_to)
    return state, view(menu, state).screen


def _forward(menu: Menu, state: State, name: str) -> Moved:
    """On to another screen, with this one to come back to."""
    trail = (*state.trail, state.screen)[-MOST_TRAIL:]
    return _entered(menu, state.model_copy(update={"trail": trail}), name)


def _again(menu: Menu, state: State, hint: Hint) -> Moved:
    return _shown(menu, state.stepped(_UNKNOWN).model_copy(update={"hint": hint}))


def _by_key(menu: Menu, state: State, key: str) -> Moved | None:
    """What next, back and main do; None where it is none of them, or leads nowhere from here."""
    match key:
        case Way.MAIN:
            return _entered(menu, state.stepped(key), menu.start)
        case Way.NEXT:
            following = view(menu, state).following
            return None if following is None else _turned(menu, state.stepped(key), following)
        case Way.BACK:
            previous = view(menu, state).previous
            if previous is not None:
                return _turned(menu, state.stepped(key), previous)
            if state.trail:
                *trail, last = state.trail
                before = state.stepped(key).model_copy(update={"trail": tuple(trail)})
                return _entered(menu, before, last)
    return None


def _turned(menu: Menu, state: State, page: int) -> Moved:
    return _shown(menu, state.model_copy(update={"page": page}))


def _typed(menu: Menu, state: State, screen: InputScreen, typed: str) -> Moved:
    value = accepted(screen, typed)
    if isinstance(value, Hint):
        return _again(menu, state, value)
    fields = {**state.fields, screen.field: value}
    return _forward(menu, state.stepped(screen.field).model_copy(update={"fields": fields}), screen.next)


def _chosen(menu: Menu, state: State, screen: MenuScreen, key: str) -> Moved:
    items = () if screen.items is None else listed(screen.items, state)
    place = numbers_of(len(screen.options) or len(items)).get(key)
    if place is None:
        return _again(menu, state, Hint.OPTION if key else Hint.EMPTY)
    state = state.stepped(key)
    if screen.items is not None:
        kept = {name: items[place][name] for name in screen.items.keep}
        return _forward(menu, state.model_copy(update={"fields": state.fields | kept}), screen.items.next)
    option = screen.options[place]
    new: dict[str, Any] = {"fields": state.fields | option.set}
    if option.language is not None:
        new["language"] = option.language
    return _forward(menu, state.model_copy(update=new), option.next)
