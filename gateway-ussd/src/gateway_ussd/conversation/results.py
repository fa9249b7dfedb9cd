"""What a lookup brought, held to what the menus say of it: a stranger's answer never breaks a screen."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway_ussd.menus.schema import LONGEST_LIST, Shape
from gateway_ussd.texts import cleaned

LONGEST_TEXT: Final = 1_000
"""Characters of one found text that are kept: a state is written at every step."""
LARGEST_LIST: Final = 8_000
"""Characters of one found list that are kept, for the same reason."""

EMPTY: Final[Mapping[str, Any]] = {}
"""There is nothing to be found."""

_MISSING: Final = object()
_Gives = Mapping[str, Shape | tuple[str, ...]]


def shaped(gives: _Gives, result: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """What the menus use of a result; `EMPTY` for nothing found, None where it is not of that shape."""
    if not isinstance(result, Mapping):
        return None
    if not result:
        return EMPTY
    values = {name: _value(shape, result.get(name, _MISSING)) for name, shape in gives.items()}
    if any(value is None for value in values.values()):
        return None
    lists = [value for name, value in values.items() if isinstance(gives[name], tuple)]
    return EMPTY if lists and not any(lists) else values


def _value(shape: Shape | tuple[str, ...], value: object) -> object:
    if isinstance(shape, tuple):
        return _list(shape, value)
    if shape is Shape.FLAG:
        return value if isinstance(value, bool) else None
    return _text(value)


def _list(names: tuple[str, ...], value: object) -> list[dict[str, str]] | None:
    """The items that are whole, as far as there is room; a broken one is left out."""
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        return None
    whole: list[dict[str, str]] = []
    room = LARGEST_LIST
    for item in filter(lambda item: isinstance(item, Mapping), value):
        row = {name: text for name in names if (text := _text(item.get(name, _MISSING))) is not None}
        room -= sum(map(len, row.values()))
        if room < 0 or len(whole) == LONGEST_LIST:
            break
        if len(row) == len(names):
            whole.append(row)
    return whole


def _text(value: object) -> str | None:
    """Its words; no words for null, None for what is missing or neither a text nor a number."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = cleaned(str(value))
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
