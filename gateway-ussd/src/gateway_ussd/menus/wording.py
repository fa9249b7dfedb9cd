"""The texts of the menus are proved before anybody reads them: they compile, have their values, and fit."""

from collections.abc import Iterator, Mapping
from typing import Final

from jinja2 import TemplateError, nodes

from gateway_ussd import paging
from gateway_ussd.menus.menu import ENVIRONMENT, compiled
from gateway_ussd.menus.numbers import number_of
from gateway_ussd.menus.reading import Place
from gateway_ussd.menus.schema import (
    AnyScreen,
    InputScreen,
    LookupScreen,
    MenuScreen,
    MessageScreen,
    Shape,
    SubmitScreen,
    Texts,
)
from gateway_ussd.texts import Tongue

Gives = Mapping[str, Mapping[str, Shape | tuple[str, ...]]]


def faults_in_texts(screen: AnyScreen, known: frozenset[str], gives: Gives) -> Iterator[tuple[Place, str]]:
    """What is wrong with a screen's texts, where `known` has values on every way to it."""
    match screen:
        case MenuScreen():
            yield from _faults(screen.text, ("text",), known, gives)
            for index, option in enumerate(screen.options):
                place: Place = ("options", index, "label")
                yield from _faults(option.label, place, known, gives)
                yield from _too_long(option.label, place, len(screen.options))
            yield from _items(screen, known, gives)
        case InputScreen():
            yield from _faults(screen.text, ("text",), known, gives)
            if screen.max < screen.min:
                yield ("max",), "max is below min"
        case SubmitScreen() | MessageScreen():
            yield from _faults(screen.text, ("text",), known, gives)
        case LookupScreen():
            pass


def _items(screen: MenuScreen, known: frozenset[str], gives: Gives) -> Iterator[tuple[Place, str]]:
    if screen.items is None:
        return
    lookup, _, attribute = screen.items.of.partition(".")
    names = gives.get(lookup, {}).get(attribute)
    if lookup not in known or not isinstance(names, tuple):
        yield ("items", "of"), f"not every way to here finds the list {screen.items.of}"
        return
    for index, name in enumerate(screen.items.keep):
        if name not in names:
            yield ("items", "keep", index), f"an item of {screen.items.of} has no {name}"
    within = {**gives, "item": dict.fromkeys(names, Shape.TEXT)}
    yield from _faults(screen.items.label, ("items", "label"), known | {"item"}, within)


def _faults(texts: Texts, place: Place, known: frozenset[str], gives: Gives) -> Iterator[tuple[Place, str]]:
    for tongue in Tongue:
        where, source = (*place, tongue.value), texts.of(tongue)
        if not source.strip():
            yield where, f"the text in {tongue} is empty"
        if tongue is not Tongue.FA and not paging.is_gsm(source):
            yield where, f"the text in {tongue} has characters outside the GSM alphabet"
        try:
            tree = ENVIRONMENT.parse(source)
            compiled(source)
        except TemplateError as error:
            yield where, f"the template does not compile: {error.message}"
            continue
        for words in sorted({*_unknown(tree, known, gives), *_strange(tree)}):
            yield where, words


def _unknown(tree: nodes.Template, known: frozenset[str], gives: Gives) -> Iterator[str]:
    """Names without a value on some way to here, and attributes that no lookup brings."""
    owned: set[int] = set()
    for node in tree.find_all(nodes.Getattr):
        if isinstance(node.node, nodes.Name):
            owned.add(id(node.node))
            if node.node.name in known and node.attr not in gives.get(node.node.name, {}):
                yield f"{node.node.name} has no {node.attr}"
    for name in tree.find_all(nodes.Name):
        if id(name) not in owned and name.name in {*gives, "item"}:
            yield f"{name.name} is no text; one of its fields is"
        elif name.name not in known:
            yield f"not every way to here sets {name.name}"


_PROVABLE: Final = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.Name, nodes.Getattr, nodes.Const),
    *(nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr),
)
_COMPARISONS: Final = frozenset({"eq", "ne"})
"""The others may fail on values of two kinds."""


def _strange(tree: nodes.Template) -> Iterator[str]:
    """What cannot be proved to hold whatever a lookup brings: only values, conditions and equality can."""
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _PROVABLE) or (
            isinstance(node, nodes.Operand) and node.op not in _COMPARISONS
        ):
            yield f"{type(node).__name__.lower()} has no place in a text of a menu"


def _too_long(texts: Texts, place: Place, options: int) -> Iterator[tuple[Place, str]]:
    number = f"{number_of(0, options)} "
    for tongue in Tongue:
        text = number + texts.of(tongue)
        gsm = tongue is not Tongue.FA
        if paging.units(text, gsm=gsm) > (paging.LONGEST_LINE if gsm else paging.LONGEST_PIECE):
            yield (*place, tongue.value), f"the option is too long in {tongue}"
