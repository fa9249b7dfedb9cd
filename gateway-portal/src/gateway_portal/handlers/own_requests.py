"""A partner's own submissions as Open311 asks for them: by code, topic, status, in a stretch of time."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from envelope.taxonomy import Topic
from gateway_portal.errors import NotThereError
from gateway_portal.handlers.looking_back import LookingBack
from gateway_portal.model import Caller
from gateway_portal.schemas.partners import PartnerSubmission, SubmissionState

SPAN: Final = timedelta(days=90)
"""The longest stretch that is looked at."""
MOST: Final = 1_000
"""Submissions that one answer holds; as the span, Open311's own bound."""
MOST_CODES: Final = 50
"""Codes that one request may name: each is a question to the store."""
_LOOKED_AT: Final = 5_000
"""The newest of a stretch; who wants more of them by topic or status names a shorter one."""
_A_PAGE: Final = 200
_AT_ONCE: Final = 8
_CLOSED: Final = frozenset({SubmissionState.ANSWERED, SubmissionState.CLOSED, SubmissionState.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Stretch:
    """Which submissions are wanted."""

    first: datetime
    """Handed in not before."""
    last: datetime
    """Nor after."""
    topics: Collection[Topic] = ()
    """About one of these; none is any."""
    closed: bool | None = None
    """Done with or not; None is both."""

    def wants(self, submission: PartnerSubmission) -> bool:
        """Whether it is one of them."""
        return (
            self.first <= submission.submitted_at <= self.last
            and (not self.topics or submission.topic in self.topics)
            and self.closed in {None, is_closed(submission)}
        )


def is_closed(submission: PartnerSubmission) -> bool:
    """Whether there is nothing to wait for: answered, ended or taken back."""
    return submission.state in _CLOSED


async def within(looking_back: LookingBack, caller: Caller, stretch: Stretch) -> Sequence[PartnerSubmission]:
    """The newest of a stretch first; `MOST` at most.

    Raises:
        StoreAwayError: the store does not answer.
    """
    found: list[PartnerSubmission] = []
    async for submission in _newest(looking_back, caller, stretch.last):
        if submission.submitted_at < stretch.first or len(found) == MOST:
            break
        if stretch.wants(submission):
            found.append(submission)
    return found


async def named(
    looking_back: LookingBack, caller: Caller, codes: Sequence[str]
) -> Sequence[PartnerSubmission]:
    """Those of these codes that are the caller's own, in the order they were named.

    Raises:
        StoreAwayError: the store does not answer.
    """
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def one(code: str) -> PartnerSubmission | None:
        async with at_once:
            try:
                return await looking_back.case(caller, code)
            except NotThereError:
                return None

    cases = await asyncio.gather(*(one(code) for code in codes))
    return [case for case in cases if case is not None]


async def _newest(
    looking_back: LookingBack, caller: Caller, until: datetime
) -> AsyncIterator[PartnerSubmission]:
    cursor: str | None = None
    for _ in range(_LOOKED_AT // _A_PAGE):
        page = await looking_back.page(caller, limit=_A_PAGE, cursor=cursor, until=until)
        for submission in page.submissions:
            yield submission
        cursor = page.next_cursor
        if cursor is None:
            return
