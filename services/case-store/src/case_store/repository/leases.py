"""Tracking codes are leased in blocks of sequence numbers; no number is ever leased twice."""

from datetime import datetime
from typing import Final, NamedTuple

from case_store.errors import CodesExhaustedError
from case_store.repository.database import Transaction
from envelope.tracking import CAPACITY

_LEASING: Final = 1420_0002


class Lease(NamedTuple):
    """The numbers from `first` to `last`, both included."""

    first: int
    last: int


async def lease(tx: Transaction, size: int, now: datetime) -> Lease:
    """Move the sequence on by `size`; a transaction that is rolled back leaves a gap, never a repeat."""
    await tx.raw.execute("SELECT pg_advisory_xact_lock($1)", _LEASING)
    first = await tx.raw.fetchval("SELECT last_value + is_called::int FROM tracking_sequence")
    last = first + size - 1
    if last >= CAPACITY:
        message = f"of {CAPACITY} tracking codes {CAPACITY - first} are left, {size} were asked for"
        raise CodesExhaustedError(message)
    await tx.raw.execute("SELECT setval('tracking_sequence', $1)", last)
    await tx.raw.execute(
        "INSERT INTO tracking_code_lease (first, last, leased_at) VALUES ($1, $2, $3)", first, last, now
    )
    return Lease(first, last)
