"""The twin of the script in Redis, for when Redis is away: the same answers, within this process alone."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

Told = Sequence[str | int]
"""What is asked: a word, then names and numbers."""
Answer = Sequence[str | int]
"""A word, then how the quotas stand, and what was kept."""
PRINT: Final = 64
"""Letters of a fingerprint, which what is kept begins with."""
_MOST: Final = 20_000
"""Names remembered; the oldest goes first."""


class OnceHere:
    """Counts and keys of this process."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._counts: OrderedDict[str, int] = OrderedDict()
        self._kept: OrderedDict[str, str] = OrderedDict()

    def holds(self, name: str) -> bool:
        """Whether this key is looked after here."""
        return name in self._kept

    def recall(self, name: str) -> str | None:
        """What is kept under a name."""
        return self._kept.get(name)

    def forget(self, name: str) -> None:
        """Keep it no longer."""
        self._kept.pop(name, None)

    def answer(self, told: Told) -> Answer:
        """As the script would."""
        word, *rest = told
        if word == "keep":
            once, value, code, remembered = map(str, rest)
            self._keep(once, value)
            self._keep(code, remembered)
            return ["kept"]
        if word == "release":
            once, day = map(str, rest)
            self.forget(once)
            self._counts[day] = max(0, self._counts.get(day, 0) - 1)
            return ["released", self._counts[day]]
        return self._counted(word, rest)

    def _counted(self, word: str | int, rest: Told) -> Answer:
        minute, per_minute, day = str(rest[0]), int(rest[1]), str(rest[2])
        used, today = self._up(minute), self._counts.get(day, 0)
        if used > per_minute:
            return ["minute", used, today]
        if word == "count":
            return ["counted", used, today]
        per_day, once, fingerprint = int(rest[3]), str(rest[4]), str(rest[5])
        kept = self._kept.get(once)
        if kept is not None:
            if kept[:PRINT] != fingerprint:
                return ["reused", used, today]
            return ["under_way", used, today] if len(kept) == PRINT else ["known", used, today, kept[PRINT:]]
        if today >= per_day:
            return ["day", used, today]
        self._keep(once, fingerprint)
        return ["claimed", used, self._up(day)]

    def _up(self, name: str) -> int:
        self._counts[name] = used = self._counts.pop(name, 0) + 1
        if len(self._counts) > _MOST:
            self._counts.popitem(last=False)
        return used

    def _keep(self, name: str, value: str) -> None:
        self._kept.pop(name, None)
        self._kept[name] = value
        if len(self._kept) > _MOST:
            self._kept.popitem(last=False)
