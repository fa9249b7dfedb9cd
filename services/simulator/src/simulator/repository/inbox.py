"""Every MO that came to our lines, read or not; the safety net under a lost webhook."""

from simulator.model import Mo


class Inbox:
    """The last messages that people sent to our lines."""

    def __init__(self, kept: int) -> None:
        """Remember this many."""
        self._kept = kept
        self._all: dict[int, Mo] = {}

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._all)

    def add(self, mo: Mo) -> None:
        """Lay one in, unread; the oldest goes when full."""
        if len(self._all) >= self._kept:
            self._all.pop(next(iter(self._all)))
        self._all[mo.messageid] = mo

    def find(self, *, line: str | None, is_read: bool | None, start: float, end: float) -> list[Mo]:
        """Those of a line (or all), read or unread (or both), of a span of time; the oldest first."""
        return [
            mo
            for mo in self._all.values()
            if (line is None or mo.line == line)
            and (is_read is None or mo.is_read is is_read)
            and start <= mo.received_at <= end
        ]

    def clear(self) -> None:
        """Forget all."""
        self._all.clear()
