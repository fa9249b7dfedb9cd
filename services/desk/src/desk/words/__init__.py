"""What the desk says, in Persian and English: one YAML file an area and language, read once at start."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

import yaml
from markupsafe import Markup, escape

from persian.digits import counted

LANGUAGES: Final = ("fa", "en")


@cache
def words(language: str) -> Mapping[str, str]:
    """Every sentence of a language by its key, `queues.title`: the file's name, then the path in it."""
    folder = files("desk.words").joinpath(language)
    found: dict[str, str] = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            found |= _flat(yaml.safe_load(file.read_text("utf-8")) or {}, file.name.removesuffix(".yaml"))
    return found


def say(language: str, key: str, **told: object) -> str:
    """A sentence with its gaps filled; whole numbers get the language's digits.

    Raises:
        KeyError: there is no such sentence.
    """
    sentence = words(language)[key]
    return (
        sentence.format_map({name: _told(language, value) for name, value in told.items()})
        if told
        else sentence
    )


def phrase(language: str, key: str, **told: object) -> str:
    """The same for a template: one without gaps is escaped once and for all."""
    return say(language, key, **told) if told else _escaped(language, key)


@cache
def _escaped(language: str, key: str) -> Markup:
    return escape(words(language)[key])


def _told(language: str, value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return counted(value) if language == "fa" else f"{value:,}"
    return value


def _flat(tree: Mapping[str, object], prefix: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in tree.items():
        key = f"{prefix}.{name}"
        found |= _flat(value, key) if isinstance(value, dict) else {key: str(value).strip()}
    return found
