"""Chance that can be repeated: streams by name, lists whose first items come most often, ids."""

from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import accumulate
from random import Random
from typing import Final, Generic, TypeVar

T = TypeVar("T")

_DIGITS: Final = 32


def stream(*name: object) -> Random:
    """The stream of a name: the same name, the same chance."""
    return Random("|".join(map(str, name)))  # noqa: S311  (invented data, no secret)


def digest(*name: object) -> bytes:
    """64 bytes of a name, for what must be found again without its stream."""
    return blake2b("|".join(map(str, name)).encode()).digest()


def ids(chance: Random, at_once: int = 4_096) -> Iterator[str]:
    """Ids for ever, of 32 hexadecimal digits: PostgreSQL takes them, and a `UUID` costs ten times more."""
    while True:
        digits = chance.randbytes(at_once * _DIGITS // 2).hex()
        for start in range(0, len(digits), _DIGITS):
            yield digits[start : start + _DIGITS]


def dated(drawn: str, moment: int) -> str:
    """An id with its moment, in seconds, in front: as the store's own ids."""
    return f"{moment * 1000:012x}8{drawn[13:]}"


class Ranked(Generic[T]):
    """A list to pick from: the item at rank n comes in proportion to 1/n^slope, as words do in a language."""

    def __init__(self, items: Sequence[T], slope: float = 0.8) -> None:
        """Take the items, the commonest first; slope 0 makes them all alike."""
        self._items = items
        self._bounds = _bounds((rank + 1) ** -slope for rank in range(len(items)))

    def pick(self, chance: Random) -> T:
        """One of them."""
        return self._items[bisect(self._bounds, chance.random())]

    def at(self, share: float) -> T:
        """The item at a share of the whole, from 0 to below 1."""
        return self._items[bisect(self._bounds, share)]


class Weighted(Ranked[T]):
    """A list whose items say how often they come."""

    def __init__(self, weights: dict[T, float]) -> None:
        """Take item → weight; the weights need not come to one."""
        self._items = [*weights]
        self._bounds = _bounds(weights.values())


def _bounds(weights: Iterable[float]) -> list[float]:
    """Where each item's share begins, without the first: the last has all that is left."""
    bounds = [*accumulate(weights)]
    return [bound / bounds[-1] for bound in bounds[:-1]]


def spread(chance: Random, count: int, places: int) -> list[int]:
    """`count` things thrown on `places` unevenly, as a few people write much: how many fell on each."""
    fallen = [0] * places
    likely = [chance.random() ** 3 for _ in range(places)]
    for place in chance.choices(range(places), likely, k=count):
        fallen[place] += 1
    return fallen
