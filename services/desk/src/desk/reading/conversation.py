"""A case as one conversation: what was said and written, notes and referrals, in the order of time. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

Row = Mapping[str, Any]
_TOLD_ELSEWHERE: Final = frozenset(
    {
        *("case_opened", "message_received", "case_replied", "case_noted"),
        *("case_referred", "referral_forwarded", "deadline_near", "person_called", "call_back_done"),
    }
)
"""Events that stand in the conversation as what they are about."""
_SETTLED: Final = frozenset({"referral_answered", "referral_returned", "referral_recalled"})
"""Events that the referral tells itself, where it stands right above."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in the conversation."""

    side: str
    """`citizen`, `us`, `note`, `referral`, `try` or `event`: the template has a shape for each."""
    at: str
    """ISO 8601; the order."""
    row: Row
    """As the store gave it."""
    key: str
    """Its id in the page, the same at every reading."""
    under: tuple["Item", ...] = field(default=())
    """Referrals asked because of this one."""


def conversation(case: Row) -> list[Item]:
    """Everything of a case, the oldest first."""
    told: list[Item] = []
    for item in sorted(_items(case), key=lambda item: item.at):
        settled = item.side == "event" and item.row["type"] in _SETTLED
        if not (settled and told and told[-1].side == "referral"):
            told.append(item)
    return told


def _items(case: Row) -> Iterator[Item]:
    for row in case["messages"]:
        yield Item("citizen", row["received_at"], row, f"m-{row['message_id']}")
    for row in case["outbound_messages"]:
        yield Item("us", row["created_at"], row, f"o-{row['id']}")
    for row in case.get("notes") or ():
        yield Item("note", row["created_at"], row, f"n-{row['id']}")
    yield from _referrals(case.get("referrals") or (), None)
    calls = {call["id"]: call for call in case.get("calls") or ()}
    for row in case.get("tries") or ():
        recording = (calls.get(row["call_id"]) or {}).get("recording")
        yield Item("try", row["made_at"], {**row, "recording": recording}, f"t-{row['id']}")
    for row in case["events"]:
        if row["type"] not in _TOLD_ELSEWHERE:
            yield Item("event", row["occurred_at"], row, f"e-{row['id']}")


def _referrals(rows: Sequence[Row], parent: str | None) -> Iterator[Item]:
    known = {row["id"] for row in rows}
    for row in rows:
        above = row.get("parent_id")
        # One whose parent this reader may not see stands by itself.
        if above == parent or (parent is None and above not in known):
            yield Item("referral", row["asked_at"], row, f"r-{row['id']}", tuple(_referrals(rows, row["id"])))


def newest(items: Sequence[Item]) -> Item | None:
    """The last thing that was said, by whomever: whoever writes an answer has to have seen it."""
    spoken = [item for item in items if item.side in {"citizen", "us", "note", "referral"}]
    return spoken[-1] if spoken else None
