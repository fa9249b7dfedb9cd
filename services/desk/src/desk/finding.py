"""Which standard answer fits what is being said, before there is a case to ask the store about. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from persian.search import search_key

_SHORTEST: Final = 3
"""Letters of a word that says something: shorter ones are mostly particles."""


def best_fitting(text: str, answers: Iterable[Mapping[str, Any]], most: int) -> Sequence[Mapping[str, Any]]:
    """Those that share the most words with the text first; as they came where that says nothing."""
    said = _telling(text)

    def shared(answer: Mapping[str, Any]) -> int:
        return len(said & _telling(f"{answer.get('title', '')} {answer.get('text', '')}"))

    return sorted(answers, key=shared, reverse=True)[:most]


def _telling(text: str) -> frozenset[str]:
    return frozenset(word for word in search_key(text).split() if len(word) >= _SHORTEST)
