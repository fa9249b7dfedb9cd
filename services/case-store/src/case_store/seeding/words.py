"""What people and staff write, composed of templates and slots; with each text what it is found by.

Copy and tokens are put together from those of the parts, worked out once: `normalize` and `search_key` go
word by word, and parts end between words.
"""

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple, Protocol

import yaml

from case_store.seeding.chance import Ranked, stream
from envelope.taxonomy import Kind, Topic
from persian.digits import persian_digits
from persian.normalize import normalize
from persian.search import search_key

_FOLDER: Final = Path(__file__).parent / "words"


class Said(NamedTuple):
    """A text, its normalised copy, and the tokens under which a search finds it."""

    text: str
    plain: str
    tokens: tuple[str, ...]


class _Part(Protocol):
    def pick(self, chance: Random) -> Said: ...


class _Number:
    """A slot of many numbers, written with Persian digits."""

    def __init__(self, low: int, high: int, step: int = 1) -> None:
        self._low, self._count, self._step = low, (high - low) // step, step

    def pick(self, chance: Random) -> Said:
        digits = str(self._low + int(chance.random() * self._count) * self._step)
        return Said(persian_digits(digits), digits, (digits,))


class Phrase:
    """One template."""

    def __init__(self, template: str, slots: Mapping[str, _Part]) -> None:
        """Cut the template at its slots."""
        self._parts: list[Said | _Part] = []
        literal: list[str] = []
        for word in template.split():
            if not word.startswith("{"):
                literal.append(word)
                continue
            if literal:
                self._parts.append(said(" ".join(literal)))
                literal = []
            self._parts.append(slots[word[1:-1]])
        if literal:
            self._parts.append(said(" ".join(literal)))

    def fill(self, chance: Random) -> list[Said]:
        """The template with its slots filled, part by part."""
        return [part if isinstance(part, Said) else part.pick(chance) for part in self._parts]


class Words:
    """Every list of phrases, ready to be picked from."""

    def __init__(self) -> None:
        """Read the lists; a template with an unknown slot shows here."""
        slots = _slots()

        def phrases(templates: list[str], end: str = "") -> Ranked[Phrase]:
            return Ranked([Phrase(template + end, slots) for template in templates])

        matters, around = _read("matters"), _read("phrases")
        self._asks = {topic: phrases(matters[topic]["asks"], ".") for topic in Topic}
        self._told = {topic: phrases(matters[topic]["told"], ".") for topic in Topic}
        self._closings = {kind: phrases(around["closings"][kind]) for kind in Kind}
        self._lists = {
            name: phrases(templates) for name, templates in around.items() if isinstance(templates, list)
        }
        names = _read("names")
        self._given, self._family = Ranked[str](names["given"], 0.6), Ranked[str](names["family"], 0.5)
        self.provinces = Ranked[str](_read("slots")["province"], 0.7)

    def one(self, name: str, chance: Random) -> Said:
        """One phrase of a list of `phrases.yaml`."""
        return _joined(self._lists[name].pick(chance).fill(chance))

    def matter(self, topic: Topic, kind: Kind, chance: Random) -> Said:
        """What a person writes first."""
        told = []
        if chance.random() < 0.7:  # noqa: PLR2004  (most people greet)
            told += self._lists["greetings"].pick(chance).fill(chance)
        told += self._asks[topic].pick(chance).fill(chance)
        if chance.random() < 0.45:  # noqa: PLR2004  (half of them say more)
            told += self._lists["circumstances"].pick(chance).fill(chance)
        told += self._closings[kind].pick(chance).fill(chance)
        return _joined(told)

    def reply(self, topic: Topic, chance: Random) -> Said:
        """What staff answer."""
        told = self._told[topic].pick(chance).fill(chance)
        return _joined(told + self._lists["reply_ends"].pick(chance).fill(chance))

    def vocabulary(self) -> set[str]:
        """Every token that is not a number."""
        lists = [_read(name) for name in ("slots", "phrases", "matters", "names")]
        return {token for text in _texts(lists) for token in search_key(text).split()}

    def name(self, share: float, other: float) -> str:
        """An invented person's name, by two shares from 0 to below 1."""
        return f"{self._given.at(share)} {self._family.at(other)}"


def _joined(told: list[Said]) -> Said:
    if len(told) == 1:
        return told[0]
    texts, plains, tokens = zip(*told, strict=True)
    return Said(" ".join(texts), " ".join(plains), tuple(chain.from_iterable(tokens)))


def _slots() -> dict[str, _Part]:
    lists = dict(_read("slots"))
    companies = [
        f"{kind} {first} {second}"
        for kind in lists["company_kind"]
        for first in lists["company_first"]
        for second in lists["company_second"]
    ]
    stream("companies").shuffle(companies)
    lists |= {
        "company": companies,
        "hospital": [f"بیمارستان {name}" for name in lists["hospital_name"]],
        "year": [persian_digits(year) for year in range(1405, 1380, -1)],
    }
    numbers: dict[str, _Part] = {
        "days": _Number(2, 90), "months": _Number(6, 400), "age": _Number(18, 85), "hour": _Number(8, 20),
        "percent": _Number(5, 100), "amount": _Number(150_000, 90_000_000, 50_000),
        "letter": _Number(10_000, 9_999_999),
    }  # fmt: skip
    return numbers | {name: Ranked([said(item) for item in items]) for name, items in lists.items()}


@lru_cache(maxsize=32_768)
def said(text: str) -> Said:
    """A text that comes again and again."""
    return Said(text, normalize(text), tuple(search_key(text).split()))


def _texts(content: object) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, Mapping):
        yield from _texts([*content.values()])
    elif isinstance(content, list):
        for item in content:
            yield from _texts(item)


@cache
def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((_FOLDER / f"{name}.yaml").read_text("utf-8"))
    return content
