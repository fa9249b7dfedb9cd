"""Every MT that was taken: found by id, by localid, by receptor; the oldest make room for the newest."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from simulator.model import Mt


class Outbox:
    """The last messages that Kavenegar took from us."""

    def __init__(self, kept: int) -> None:
        """Remember this many."""
        self._kept = kept
        self._by_id: dict[int, Mt] = {}
        self._by_localid: dict[int, Mt] = {}

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._by_id)

    def add(self, mt: Mt) -> None:
        """Remember one, forgetting the oldest when full."""
        if len(self._by_id) >= self._kept:
            oldest = self._by_id.pop(next(iter(self._by_id)))
            if oldest.localid is not None:
                self._by_localid.pop(oldest.localid, None)
        self._by_id[mt.messageid] = mt
        if mt.localid is not None:
            self._by_localid[mt.localid] = mt

    def get(self, messageid: int) -> Mt | None:
        """By Kavenegar's id."""
        return self._by_id.get(messageid)

    def by_localid(self, localid: int) -> Mt | None:
        """By the sender's own id."""
        return self._by_localid.get(localid)

    def latest(self, count: int, line: str | None = None) -> list[Mt]:
        """The newest first, of one line or of all."""
        newest = (mt for mt in reversed(self._by_id.values()) if line is None or mt.line == line)
        return list(islice(newest, count))

    def to(self, receptor: str) -> Iterator[Mt]:
        """All to one number, the oldest first."""
        return (mt for mt in self._by_id.values() if mt.receptor == receptor)

    def all(self) -> Iterator[Mt]:
        """All, the oldest first."""
        return iter(self._by_id.values())

    def messages_per_receptor(self) -> dict[int, int]:
        """How many receptors got one message, how many two, and so on: 'exactly once' at a glance."""
        per_receptor = Counter(mt.receptor for mt in self._by_id.values())
        return dict(sorted(Counter(per_receptor.values()).items()))

    def clear(self) -> None:
        """Forget all."""
        self._by_id.clear()
        self._by_localid.clear()
