"""Which leased numbers may be used now: granted a step ahead, so that a crash skips, never repeats."""

from collections.abc import Iterable
from typing import NamedTuple


class Block(NamedTuple):
    """Leased numbers, both ends included."""

    first: int
    last: int


class CodeBook:
    """Numbers in order out of leased blocks.

    `take` gives only numbers that were granted. `ahead` says what must be on disk before a grant: the blocks
    without the numbers granted, so that whoever reads the disk after a crash begins behind them.
    """

    def __init__(self, blocks: Iterable[Block]) -> None:
        self._blocks = [block for block in blocks if block.first <= block.last]
        self._granted = 0

    @property
    def left(self) -> int:
        """Numbers not yet taken."""
        return sum(block.last - block.first + 1 for block in self._blocks)

    @property
    def granted(self) -> int:
        """Numbers that may be taken without writing."""
        return self._granted

    def with_block(self, block: Block) -> list[Block]:
        """What must be on disk before `add`."""
        return [*self._ahead(self._granted), block]

    def add(self, block: Block) -> None:
        """A new lease, used after the others."""
        self._blocks.append(block)

    def ahead(self, step: int) -> list[Block]:
        """What must be on disk before `grant(step)`."""
        return self._ahead(step)

    def grant(self, step: int) -> None:
        """So many numbers may be taken now."""
        self._granted = min(step, self.left)

    def take(self) -> int | None:
        """The next number; None where none is granted."""
        if not self._granted:
            return None
        first, last = self._blocks[0]
        self._granted -= 1
        if first == last:
            del self._blocks[0]
        else:
            self._blocks[0] = Block(first + 1, last)
        return first

    def _ahead(self, step: int) -> list[Block]:
        kept: list[Block] = []
        for first, last in self._blocks:
            skipped = min(step, last - first + 1)
            step -= skipped
            if first + skipped <= last:
                kept.append(Block(first + skipped, last))
        return kept
