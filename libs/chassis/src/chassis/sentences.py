"""What a service's pages say: one YAML file an area and language in a folder of its package."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

import yaml
from markupsafe import Markup, escape

from persian.digits import counted

LANGUAGES: Final = ("fa", "en")


class Sentences:
    """The sentences of one package, each language read when it is first asked for."""

    def __init__(self, package: str) -> None:
        """`package` holds a folder for each language."""
        self._package = package
        self.words = cache(self._read)
        self._escaped = cache(self._escape)

    def say(self, language: str, key: str, **told: object) -> str:
        """A sentence with its gaps filled; whole numbers get the language's digits.

        Raises:
            KeyError: there is no such sentence.
        """
        sentence = self.words(language)[key]
        if not told:
            return sentence
        return sentence.format_map({name: _told(language, value) for name, value in told.items()})

    def phrase(self, language: str, key: str, **told: object) -> str:
        """The same for a template, escaped once and for all; what fills a gap may be markup itself."""
        escaped = self._escaped(language, key)
        return (
            escaped.format_map({name: _told(language, value) for name, value in told.items()})
            if told
            else escaped
        )

    def _read(self, language: str) -> Mapping[str, str]:
        """Every sentence of a language by its key, `queues.title`: the file's name, then the path in it."""
        found: dict[str, str] = {}
        folder = files(self._package).joinpath(language)
        for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
            if file.name.endswith(".yaml"):
                found |= _flat(yaml.safe_load(file.read_text("utf-8")) or {}, file.name.removesuffix(".yaml"))
        return found

    def _escape(self, language: str, key: str) -> Markup:
        return escape(self.words(language)[key])


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
