"""The documents that cases are found by: written a little after the words, by one process at a time.

A document holds each token once (`persian.search`), with marks of its own: `@2942` and `@d20594` are the week
and the day on which the case was opened, which let a search take one after the other; `#token` is a word of a
note or of the person's name, which whoever was only asked about the case must not find it by.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from case_store.repository.database import Transaction

DAY: Final = 24 * 3600
DAYS: Final = 7
"""In a week: of those that are counted since 1970, so that each day is of one."""
WEEK: Final = DAYS * DAY
_LOCK: Final = 1420_0016
_TEXTS_EACH: Final = 100
"""Of each source, a case's newest; a person who wrote a thousand times is found by the last of them."""
_LONGEST: Final = 20
_TAKE: Final = """
    WITH taken AS (SELECT id FROM search_pending ORDER BY id LIMIT $1)
    DELETE FROM search_pending USING taken WHERE search_pending.id = taken.id RETURNING case_id
"""
_SAID: Final = f"""
    SELECT wanted.id, said.text FROM unnest($1::uuid[]) AS wanted (id) CROSS JOIN LATERAL (
        (SELECT normalized_text AS text FROM message WHERE case_id = wanted.id
         ORDER BY received_at DESC LIMIT {_TEXTS_EACH})
        UNION ALL
        (SELECT text FROM outbound_message WHERE case_id = wanted.id AND purpose = 'reply'
         ORDER BY created_at DESC LIMIT {_TEXTS_EACH})
    ) AS said
"""  # noqa: S608  (a number of ours)
_KEPT_INSIDE: Final = f"""
    SELECT wanted.id, kept.text FROM unnest($1::uuid[]) AS wanted (id) CROSS JOIN LATERAL (
        (SELECT text FROM note WHERE case_id = wanted.id ORDER BY created_at DESC LIMIT {_TEXTS_EACH})
        UNION ALL
        (SELECT contact.name FROM cases JOIN contact ON contact.id = cases.contact_id
         WHERE cases.id = wanted.id AND contact.name IS NOT NULL)
    ) AS kept
"""  # noqa: S608  (a number of ours)
_WRITE: Final = f"""
    INSERT INTO search_entry (case_id, opened_at, words)
    SELECT cases.id, cases.opened_at, array_to_tsvector(string_to_array(made.words, ' ') || ARRAY[
        '@' || floor(extract(epoch FROM opened_at) / {WEEK}),
        '@d' || floor(extract(epoch FROM opened_at) / {DAY})
    ])
    FROM unnest($1::uuid[], $2::text[]) AS made (id, words) JOIN cases ON cases.id = made.id
    ON CONFLICT (case_id) DO UPDATE SET words = EXCLUDED.words
    WHERE search_entry.words IS DISTINCT FROM EXCLUDED.words
"""  # noqa: S608  (a number of ours)
_LEARN: Final = """
    INSERT INTO search_word (word) SELECT word FROM unnest($1::text[]) AS new (word) ORDER BY word
    ON CONFLICT (word) DO NOTHING
"""
_WAITING: Final = "SELECT count(*) FROM (SELECT FROM search_pending LIMIT $1) AS entry"


async def alone(tx: Transaction) -> bool:
    """Whether this transaction may write documents: two that did would overwrite each other's newest."""
    return bool(await tx.raw.fetchval("SELECT pg_try_advisory_xact_lock($1)", _LOCK))


async def take(tx: Transaction, limit: int) -> tuple[int, list[UUID]]:
    """The cases that have waited the longest, each once, and how many entries they were."""
    rows = await tx.raw.fetch(_TAKE, limit)
    return len(rows), list(dict.fromkeys(row["case_id"] for row in rows))


async def texts(tx: Transaction, case_ids: Collection[UUID]) -> dict[UUID, tuple[list[str], list[str]]]:
    """What was said in each case, and what is for the centre alone: its notes and the person's name."""
    found: dict[UUID, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for place, query in enumerate((_SAID, _KEPT_INSIDE)):
        for row in await tx.raw.fetch(query, case_ids):
            found[row["id"]][place].append(row["text"])
    return found


async def write(
    tx: Transaction, documents: Mapping[UUID, str] | Mapping[str, str], known: Collection[str] = frozenset()
) -> list[str]:
    """Write documents, tokens with spaces between them; one that did not change costs little.

    The words in them are learned, for a search drops what nobody ever wrote; the ones that were not `known`
    are given back.
    """
    rows = sorted(documents.items())
    await tx.raw.execute(_WRITE, [case_id for case_id, _ in rows], [document for _, document in rows])
    words = {word for document in documents.values() for word in document.split()}.difference(known)
    fresh = [word for word in words if is_word(word)]
    await learn(tx, fresh)
    return fresh


async def learn(tx: Transaction, words: Sequence[str]) -> None:
    """Add to the words that there are; a word's beginning is looked up among them."""
    if words:
        await tx.raw.execute(_LEARN, words)


def is_word(lexeme: str) -> bool:
    """Whether it is kept among the words that there are: no numbers, which may be a person's."""
    token = lexeme.removeprefix("#")
    return 0 < len(token) <= _LONGEST and not any(letter.isdigit() for letter in token)


async def waiting(tx: Transaction, at_most: int) -> int:
    """How many entries wait, counted as far as somebody cares."""
    return int(await tx.raw.fetchval(_WAITING, at_most))
