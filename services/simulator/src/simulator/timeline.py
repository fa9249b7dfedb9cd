"""Things that will happen, in the order of their time; whoever has a clock moves it on."""

import heapq
from collections.abc import Callable
from itertools import count

Action = Callable[[], None]


class Timeline:
    """A heap of actions by due time. Pure: it never looks at a clock itself."""

    def __init__(self) -> None:
        """Start empty."""
        self._heap: list[tuple[float, int, Action]] = []
        self._order = count()

    def __len__(self) -> int:
        """How many actions wait."""
        return len(self._heap)

    def at(self, due: float, action: Action) -> None:
        """Do this at that time; of two with the same time, the first told comes first."""
        heapq.heappush(self._heap, (due, next(self._order), action))

    def next_due(self) -> float | None:
        """When the next action is due."""
        return self._heap[0][0] if self._heap else None

    def advance(self, now: float) -> None:
        """Do all that is due by now, also what those actions add."""
        while self._heap and self._heap[0][0] <= now:
            heapq.heappop(self._heap)[2]()

    def clear(self) -> None:
        """Forget the future."""
        self._heap.clear()
