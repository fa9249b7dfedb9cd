"""One key for what is stored and what is looked for, however it was spelled.

On top of the normalised copy: a half-space counts as a space and as nothing (`می‌خواهم` is found by
`می خواهم` and by `میخواهم`), a prefix or ending that was written apart counts as joined too, and words that
say nothing are left out. A token holds letters and digits alone, so that it is harmless in any query.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from persian.normalize import ZWNJ, normalize

LONGEST_TOKEN: Final = 40
"""Letters of a token that count."""
MOST_TERMS: Final = 8
"""Words of a query that count."""
_WORD: Final = re.compile(f"[^\\W_]+(?:{ZWNJ}[^\\W_]+)*")
_PREFIXES: Final = frozenset({"می", "نمی"})
_ENDINGS: Final = frozenset(
    {"ها", "های", "هایی", "هایم", "تر", "ترین", "ام", "ات", "اش", "ای", "اند", "مان", "تان", "شان", "شده"}
)
_SAYS_NOTHING: Final = frozenset(
    (
        *("و", "از", "به", "در", "که", "را", "رو", "این", "ان", "با", "بر", "برای", "تا", "یا", "هم", "است"),
        *("هست", "من", "ما", "شما", "او", "یک", "یه", "چه", "اگر", "اما", "ولی", "پس", "هر"),
        *("the", "a", "an", "of", "to", "in", "is", "and", "or", "i"),
    )
)

Term = tuple[str, ...]
"""The tokens of which one must be there."""


def search_key(text: str) -> str:
    """The tokens under which a text is found, each once, with spaces between them."""
    return " ".join(dict.fromkeys(_tokens(text)))


def search_terms(query: str) -> list[Term]:
    """What a text must have: a token of each term. Of a hostile or an empty query nothing is left.

    Words that stand side by side may be one in the text, so that a term holds them joined as well.
    """
    words = [part for word in _words(query) for part in word.split(ZWNJ)]
    terms = []
    for place, word in enumerate(words):
        if word in _SAYS_NOTHING:
            continue
        before, after = words[place - 1 : place], words[place + 1 : place + 2]
        joined = ["".join((*before, word)), "".join((word, *after))]
        terms.append(tuple(dict.fromkeys(_cut(token) for token in (word, *joined))))
    return terms[:MOST_TERMS]


def found_in(text: str, terms: Sequence[Term], *, open_end: bool = True) -> list[tuple[int, int]]:
    """Where a text has what was looked for: offsets of whole words, in order.

    With `open_end` the last term needs to match the beginning of a word only.
    """
    wanted = frozenset(token for term in terms for token in term)
    begins = terms[-1] if terms and open_end else ()
    return [
        (start, end)
        for start, end in _pieces(text)
        if not wanted.isdisjoint(tokens := _of_piece(text[start:end]))
        or any(token.startswith(begins) for token in tokens)
    ]


def _tokens(text: str) -> Iterator[str]:
    before = ""
    for word in _words(text):
        parts = word.split(ZWNJ)
        for token in (*parts, "".join(parts)) if len(parts) > 1 else parts:
            if token not in _SAYS_NOTHING:
                yield _cut(token)
        if before in _PREFIXES or word in _ENDINGS:
            yield _cut(before + word)
        before = parts[-1]


def _words(text: str) -> list[str]:
    return _WORD.findall(normalize(text))


def _cut(token: str) -> str:
    return token[:LONGEST_TOKEN]


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Words as they were typed, with every mark and half-space in them."""
    return ((found.start(), found.end()) for found in re.finditer(r"\S+", text))


@lru_cache(maxsize=16_384)
def _of_piece(piece: str) -> tuple[str, ...]:
    return tuple(_tokens(piece))
