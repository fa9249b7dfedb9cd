"""Many phrases, one pass: a regular expression built as a trie, tried at every beginning of a word.

Phrases match whether their words are parted by a space, a ZWNJ or nothing, and with whatever suffix
follows; one that ends in `.` ends there too, save for an inflection. The longest phrase wins.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from persian.normalize import ZWNJ, normalize

WORD_ENDS: Final = "."
_SPACE: Final = " "
_PERSIAN_ENDINGS: Final = (
    "ها های هایی هایم هایمان هایشان هام هات هاش هامون هاتون هاشون هامو هارو هارا هاست هاتونه "
    "ی یی ای م ت ش و رو را مو تو شو مون تون شون مان تان شان مونو تونو شونو یم یت یش ام ات اش ه ست یه مه ان"
)
_INFLECTION: Final = "(?:" + "|".join(sorted(_PERSIAN_ENDINGS.split(), key=len, reverse=True)) + ")?"
_LATIN: Final = re.compile("[a-z]")
_BY_SOUND: Final = (
    *(("oo", "o"), ("ou", "o"), ("u", "o"), ("kh", "x"), ("gh", "q"), ("ph", "f"), ("w", "v")),
    *(
        ("i", "e"),
        ("y", "e"),
        ("eee", "e"),
        ("ee", "e"),
        ("aa", "a"),
        ("mm", "m"),
        ("ss", "s"),
        ("ll", "l"),
        ("tt", "t"),
    ),
    *(("eh ", "e "), ("ah ", "a "), ("dd", "d"), ("rr", "r")),
)
"""Finglish has no spelling: what sounds alike is written alike before it is compared."""

_BEFORE_A_WORD: Final = "[^\u0600-\u06ffa-z0-9]"
"""Cheaper to look for than `\\W`, and the same in a normalised text but for foreign scripts."""

Trie = dict[str, "Trie"]


def spoken(normalized_text: str) -> str:
    """The form that phrases are compared in: no ZWNJ, and Finglish by its sound (`hoghoogh`, `hoghough`)."""
    joined = normalized_text.replace(ZWNJ, "")
    if _LATIN.search(joined) is None:
        return joined
    joined += _SPACE
    for written, sound in _BY_SOUND:
        joined = joined.replace(written, sound)
    return joined.rstrip()


def key_of(phrase: str) -> str:
    """What `find` reports for a phrase: the phrase as spoken, without its spaces."""
    return _canonical(phrase).replace(_SPACE, "")


def _canonical(phrase: str) -> str:
    return spoken(normalize(phrase.removesuffix(WORD_ENDS)))


class PhraseMatcher:
    """Finds, at each beginning of a word, the longest phrase that stands there."""

    def __init__(self, phrases: Iterable[str]) -> None:
        """Compile the phrases; `matcher.find(spoken(text))` gives their keys."""
        root: Trie = {}
        for phrase in phrases:
            node = root
            for char in _canonical(phrase):
                node = node.setdefault(char, {})
            node[WORD_ENDS if phrase.endswith(WORD_ENDS) else ""] = {}
        expression = re.compile(rf"{_BEFORE_A_WORD}(?=({_pattern(root)}))" if root else r"(?!)")
        self._find, self._match = expression.findall, expression.match

    def find(self, spoken_text: str) -> list[str]:
        """The keys of the phrases found, in order, with repeats."""
        return [_without_spaces(found) for found in self._find(_SPACE + spoken_text)]

    def find_first(self, phrase: str) -> str | None:
        """The key of the longest of our phrases that a phrase begins with."""
        found = self._match(_SPACE + _canonical(phrase))
        return None if found is None else _without_spaces(found[1])


@lru_cache(maxsize=8_192)
def _without_spaces(found: str) -> str:
    return found.replace(_SPACE, "")


def _pattern(node: Trie) -> str:
    """Branches that lead to most phrases are tried first."""
    chars = sorted(
        (char for char in node if char not in {"", WORD_ENDS}), key=lambda char: -_size(node[char])
    )
    branches = [_branch(char) + _pattern(node[char]) for char in chars]
    if WORD_ENDS in node:
        branches.append(rf"(?={_INFLECTION}(?!\w))")
    if "" in node:
        branches.append("")
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


def _branch(char: str) -> str:
    return " ?" if char == _SPACE else re.escape(char)


def _size(node: Trie) -> int:
    return 1 + sum(map(_size, node.values()))
