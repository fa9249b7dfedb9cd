"""How many messages came by each channel, lately and at the same hour of the weeks before."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from case_store.repository.database import Transaction

_BETWEEN: Final = """
    SELECT spans.n, message.channel, count(*) AS total
    FROM unnest($1::timestamptz[], $2::timestamptz[]) WITH ORDINALITY AS spans (since, until, n)
    JOIN message ON message.received_at >= spans.since AND message.received_at < spans.until
    GROUP BY spans.n, message.channel
"""


async def counts(tx: Transaction, spans: Sequence[tuple[datetime, datetime]]) -> list[dict[str, int]]:
    """Messages by channel, for each span of time; read from the index on `received_at` alone."""
    rows = await tx.raw.fetch(_BETWEEN, *zip(*spans, strict=True))
    counted: list[dict[str, int]] = [{} for _ in spans]
    for row in rows:
        counted[row["n"] - 1][row["channel"]] = row["total"]
    return counted
