"""How calling a case's person stands: what is to be done, what runs, what came of the last call. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from persian.dates import TEHRAN

Row = Mapping[str, Any]
_LIVE: Final = frozenset({"waiting", "needs_number"})
_UNTRIED: Final = frozenset({"agent_away", "failed", "lapsed"})
"""Calls that ended without the person being rung: they are no tries, and the agent is told why."""
_MORNING: Final = time(9, 0)
AGAIN: Final = ("", "1", "3", "tomorrow")
"""When to call again, as the forms offer it: in a while, in so many hours, tomorrow at nine."""


@dataclass(frozen=True, slots=True)
class Calling:
    """What the card of a case shows."""

    task: Row | None
    """The call-back, while it is to be done."""
    call: Row | None
    """The call that runs."""
    failed: Row | None
    """The last call, if the person was not rung and nothing was tried since."""
    tries: Sequence[Row]
    """Of every try, the newest first."""

    @property
    def shown(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.task or self.call or self.failed)

    @property
    def may_give_up(self) -> bool:
        """Tried often enough."""
        task = self.task
        return task is not None and task["state"] == "waiting" and task["failures"] >= task["tries"]


def calling(case: Row) -> Calling:
    """From a case as the store gives it."""
    task, calls = case.get("call_back"), case.get("calls") or ()
    tries = sorted(case.get("tries") or (), key=lambda row: str(row["made_at"]), reverse=True)
    last = calls[-1] if calls else None
    runs = next((call for call in reversed(calls) if call["state"] != "ended"), None)
    since = tries[0]["made_at"] if tries else ""
    failed = last if last and last["result"] in _UNTRIED and last["ended_at"] > since else None
    return Calling(task if task and task["state"] in _LIVE else None, runs, None if runs else failed, tries)


def again_at(chosen: str, now: datetime | None = None) -> str | None:
    """What was chosen of `AGAIN` as the store takes it; None where the store decides."""
    now = now or datetime.now(UTC)
    if chosen == "tomorrow":
        day = now.astimezone(TEHRAN).date() + timedelta(days=1)
        return datetime.combine(day, _MORNING, TEHRAN).isoformat()
    if chosen in AGAIN and chosen:
        return (now + timedelta(hours=int(chosen))).isoformat()
    return None
