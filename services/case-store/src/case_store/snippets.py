"""The piece of a text that a search shows: around the first match, cut between words, marks as offsets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from persian.search import Term, found_in

_LENGTH: Final = 160
_BEFORE: Final = 40
_LONGEST: Final = 4_000
"""Letters of a text that are looked through."""


class Source(StrEnum):
    """Whose words a text is."""

    MESSAGE = "message"
    """The person's."""
    REPLY = "reply"
    """Ours to the person."""
    NOTE = "note"
    """Among ourselves."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a case."""

    source: Source
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a text; `marks` are `(start, end)` in `text`, in characters."""

    text: str
    marks: tuple[tuple[int, int], ...]
    source: Source
    at: datetime


def snippet(
    texts: Sequence[Text], terms: Sequence[Term], shown: Callable[[str], str] = str
) -> Snippet | None:
    """From the text that has the most of what was looked for; the first of them where several do.

    Args:
        texts: of one case.
        terms: what was looked for.
        shown: a whole text as it may be read; of the same length, so that the marks fit.
    """
    marked = [(text, tuple(found_in(text.text[:_LONGEST], terms))) for text in texts]
    best = max(marked, key=lambda pair: len(pair[1]), default=None)
    if best is None or not best[1]:
        return None
    text, marks = best
    return _cut(replace(text, text=shown(text.text)), marks)


def _cut(text: Text, marks: tuple[tuple[int, int], ...]) -> Snippet:
    whole, first = text.text[:_LONGEST], marks[0][0]
    start = 0 if first <= _BEFORE else _after_space(whole, first - _BEFORE, first)
    end = min(len(whole), start + _LENGTH)
    if end < len(whole):
        end = max(whole.rfind(" ", first + 1, end), marks[0][1])
    head, tail = "…" if start else "", "…" if end < len(text.text) else ""
    shift = len(head) - start
    inside = tuple((a + shift, b + shift) for a, b in marks if a >= start and b <= end)
    return Snippet(f"{head}{whole[start:end]}{tail}", inside, text.source, text.at)


def _after_space(text: str, position: int, latest: int) -> int:
    space = text.find(" ", position, latest)
    return latest if space < 0 else space + 1
