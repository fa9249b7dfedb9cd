"""From when a clock began, what it may take and where it paused, to when it is due.

Working days: the day of receipt does not count; due when the last working interval of the n-th counted day
ends. A day on which the clock paused in working hours does not count either.
Working minutes: due at the moment by which so much was worked while the clock did not pause.
The law: ten working days after the day of opening, whatever the allowance says and however long it paused.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from case_store.model import AllowanceUnit
from case_store.worktime.allowances import LAW_WORKING_DAYS, Terms
from case_store.worktime.line import Line, day_bounds

NEVER: Final = 1 << 62
"""The end of a pause that goes on."""


class Pause(NamedTuple):
    """From when until when a clock stood still, in seconds."""

    begin: int
    end: int


class Deadline(NamedTuple):
    """What a clock comes to, in seconds."""

    due: int
    warn: int
    law: int
    by_law: bool
    """The allowance would have gone on for longer."""


def deadline(line: Line, terms: Terms, opened: int, started: int, pauses: Sequence[Pause] = ()) -> Deadline:
    """When a clock is due and when to warn.

    Args:
        line: the province's working time.
        terms: what the clock is set to.
        opened: when the law's ten days began.
        started: when the clock itself began, then or later.
        pauses: in order and apart; the last may go on.
    """
    law = line.closing_after(line.ordinal(opened), LAW_WORKING_DAYS)
    allowed = _allowed(line, terms, started, pauses, law)
    due = law if allowed is None else min(allowed, law)
    if pauses and pauses[-1].end == NEVER:
        pauses = ()  # only the law's deadline runs on: its warning counts from the beginning
    total = unpaused(line, started, due, pauses)
    warn = after(line, started, max(int(total * terms.warn_share), 1), pauses) if total > 0 else None
    return Deadline(due, due if warn is None else warn, law, allowed is None or allowed > law)


def after(line: Line, started: int, working: int, pauses: Sequence[Pause]) -> int | None:
    """The moment by which so many seconds were worked outside the pauses; None while a pause goes on."""
    target = line.worked(started) + working
    for pause in pauses:
        if pause.begin > started and line.reach(target) <= pause.begin:
            break
        if pause.end == NEVER:
            return None
        if pause.end > started:
            target += line.worked(pause.end) - line.worked(max(pause.begin, started))
    return line.reach(target)


def unpaused(line: Line, begin: int, end: int, pauses: Sequence[Pause]) -> int:
    """Working seconds between two moments outside the pauses."""
    if end <= begin:
        return 0
    worked = line.worked(end) - line.worked(begin)
    return worked - paused(line, begin, end, pauses) if pauses else worked


def paused(line: Line, begin: int, end: int, pauses: Sequence[Pause]) -> int:
    """Working seconds between two moments inside the pauses."""
    return sum(
        line.worked(min(pause.end, end)) - line.worked(max(pause.begin, begin))
        for pause in pauses
        if pause.begin < end and pause.end > begin
    )


def _allowed(line: Line, terms: Terms, started: int, pauses: Sequence[Pause], law: int) -> int | None:
    """When the allowance alone runs out; None if that is not before the law's deadline."""
    if terms.unit is AllowanceUnit.WORKING_MINUTES:
        return after(line, started, terms.allowance * 60, pauses)
    received = line.ordinal(started)
    if not pauses:
        return line.closing_after(received, terms.allowance)
    counted = 0
    for day, closing in line.working_days(received):
        if closing > law:
            return None
        counted += not paused(line, *day_bounds(day), pauses)
        if counted == terms.allowance:
            return closing
    return None
