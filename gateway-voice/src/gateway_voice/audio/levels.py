"""How loud it was from moment to moment: a picture of it, and whether anybody spoke. Pure."""

from array import array
from collections.abc import Sequence
from itertools import pairwise
from math import log10
from operator import mul
from typing import Final

MOST_PEAKS: Final = 240
"""Bars of the picture."""
_MOMENT: Final = 0.05
"""Seconds: shorter than a syllable, so that speech rises and falls from one to the next."""
_FULL_SCALE: Final = 32_768
_FAINTEST: Final = _FULL_SCALE // 20
"""-26 dB: what stays below it is not drawn as if it were loud."""
_QUIET_DB: Final = -55.0
"""Below this nothing can be understood over a telephone."""
_STEADY_DB: Final = 6.0
"""Speech swings by twenty decibels and more; noise of a line, or a tone, by next to nothing."""
_TOO_SHORT: Final = 20
"""Moments: of less than a second nothing is said."""


class Levels:
    """Takes 16-bit mono samples as they come, and keeps two numbers a moment."""

    def __init__(self, rate: int) -> None:
        """`rate`: samples a second."""
        self._rate = rate
        self._moment = max(1, int(rate * _MOMENT))
        self._rest = array("h")
        self._peaks = array("H")
        self._energies = array("d")
        self.samples = 0

    @property
    def seconds(self) -> float:
        """How much has been taken."""
        return self.samples / self._rate

    def add(self, samples: memoryview) -> None:
        """More of it."""
        self.samples += len(samples)
        self._rest.extend(samples)
        whole = len(self._rest) - len(self._rest) % self._moment
        with memoryview(self._rest) as rest:
            for start in range(0, whole, self._moment):
                self._note(rest[start : start + self._moment])
        del self._rest[:whole]

    def end(self) -> None:
        """The last moment, however short."""
        if self._rest:
            self._note(memoryview(self._rest).toreadonly())
            self._rest = array("h")

    def peaks(self) -> tuple[int, ...]:
        """The picture: the loudest of each stretch, 0 to 100."""
        count = len(self._peaks)
        if not count:
            return ()
        bars = min(MOST_PEAKS, count)
        edges = [bar * count // bars for bar in range(bars + 1)]
        tops = [max(self._peaks[start:end]) for start, end in pairwise(edges)]
        scale = max(_FAINTEST, *tops)
        return tuple(round(100 * top / scale) for top in tops)

    def silent(self) -> bool:
        """Whether it is silence or steady noise throughout."""
        levels = sorted(_decibels(energy) for energy in self._energies)
        if not levels or _at(levels, 0.98) < _QUIET_DB:
            return True
        return len(levels) >= _TOO_SHORT and _at(levels, 0.98) - _at(levels, 0.1) < _STEADY_DB

    def _note(self, moment: memoryview) -> None:
        highest, lowest = max(moment), min(moment)
        self._peaks.append(max(highest, -lowest))
        self._energies.append(sum(map(mul, moment, moment)) / len(moment))


def _decibels(energy: float) -> float:
    """Below full scale; a mean square of 16-bit samples."""
    return 10 * log10(max(energy, 1e-3) / _FULL_SCALE**2)


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
