"""How often one address may ask: a bucket that fills again, for as many addresses as fit.

A code is one of 2⁵⁴: the limit is there to spare the case store, not to make guessing hopeless.
"""

from collections import OrderedDict
from typing import Final

_MOST: Final = 50_000
"""Addresses remembered; whoever is forgotten begins anew."""
_MINUTE: Final = 60.0


class Limiter:
    """So many in a row, then one each time the bucket has filled again."""

    def __init__(self, per_minute: int) -> None:
        """`per_minute` at once, and as many in each minute that follows."""
        self._size = float(per_minute)
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str, now: float) -> int:
        """Count one attempt → 0, or the whole seconds until the next one is let through.

        `now` is any clock in seconds that does not go back.
        """
        left, at = self._left.pop(address, (self._size, now))
        left = min(self._size, left + (now - at) * self._size / _MINUTE)
        let_through = left >= 1
        self._left[address] = (left - let_through, now)
        if len(self._left) > _MOST:
            self._left.popitem(last=False)
        return 0 if let_through else int((1 - left) * _MINUTE / self._size) + 1
