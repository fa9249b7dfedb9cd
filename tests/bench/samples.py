"""What staff ask for in a seeded store: cases by code, and searches of every kind, as they are typed."""

import random
from dataclasses import dataclass
from typing import Any

from tests.flow.running import Flow

_UNDECIDED = """
    SELECT tracking_code FROM cases WHERE state IN ('new', 'triage', 'open', 'referred')
    ORDER BY id LIMIT 1500
"""
_CLOSED = "SELECT tracking_code FROM cases WHERE state = 'closed' ORDER BY id LIMIT 500"
_NUMBERS = "SELECT value FROM contact_address WHERE value LIKE '+98909%' ORDER BY contact_id LIMIT 300"
_IDENTITIES = "SELECT national_id FROM contact WHERE national_id IS NOT NULL ORDER BY id LIMIT 300"
_TEXTS = "SELECT text FROM message WHERE length(text) > 60 ORDER BY message_id LIMIT 600"
COMMON = ("بازنشستگی", "حقوق واریز نشده", "سابقه بیمه", "سلام", "شعبه تهران", "بیمه بیکاری", "متناسب سازی")


@dataclass(frozen=True)
class Samples:
    """Taken at random, the same in every run on the same store."""

    codes: list[str]
    """Three undecided cases to a closed one."""
    words: list[str]
    """One common word or several, and words as they stand together in some message."""
    numbers: list[str]
    """Phone numbers, national ids, tracking codes."""

    @property
    def searches(self) -> list[str]:
        """As staff search: mostly words, else something that identifies."""
        mixed = [*self.words, *self.numbers]
        random.Random(3).shuffle(mixed)
        return mixed


def samples_of(flow: Flow) -> Samples:
    """From the store itself."""
    chance = random.Random(1420)

    def told(query: str) -> list[str]:
        rows: list[Any] = flow.sql(query)
        return [str(row[0]) for row in rows]

    codes = told(_UNDECIDED) + told(_CLOSED)
    chance.shuffle(codes)
    words = [part for text in told(_TEXTS) if (part := _part(text, chance))]
    words += [chance.choice(COMMON) for _ in range(len(words) // 3)]
    numbers = ["0" + number.removeprefix("+98") for number in told(_NUMBERS)] + told(_IDENTITIES)
    return Samples(codes, words, numbers)


def _part(text: str, chance: random.Random) -> str:
    """Two or three words that stand together."""
    words = text.split()
    start = chance.randrange(len(words) - 3)
    return " ".join(words[start : start + chance.choice((2, 3))])
