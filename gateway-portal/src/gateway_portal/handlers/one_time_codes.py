"""Prove a number: a code is sent to it, and typed back within minutes."""

import math
import re
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import structlog
from prometheus_client import Counter

from bus.errors import BusUnavailableError
from envelope.addresses import latin_digits
from envelope.models import Language
from gateway_portal.errors import CodesUnavailableError, RedisAwayError, TooManyError
from gateway_portal.handlers.texting import Texting
from gateway_portal.repository.pending import Counted, Kept, Pending, PendingCodes, Waiting

ATTEMPTS: Final = 5
"""For one code."""
_DIGITS: Final = 6
_A_NUMBER: Final = ((1, 60), (3, 600), (8, 86_400))
_A_VISITOR: Final = ((30, 600), (300, 86_400))
"""An operator of mobile phones shows many people by one address."""
_THE_PORTAL: Final = ((2_000, 3_600),)
"""Against whoever earns by texts that we pay for."""
_CEILING: Final = "portal"
_MOBILE: Final = re.compile(r"\+989[0-9]{9}")
_BETWEEN: Final = re.compile(r"[\s\-_.\u00ad\u200b-\u200f\u2010-\u2015\u202a-\u202e\u2066-\u2069\ufeff]")
_CODE: Final = re.compile(rf"[0-9]{{{_DIGITS}}}")
_CODES: Final = Counter("gateway_portal_codes", "One-time codes asked for, by what came of it.", ["result"])
_CHECKS: Final = Counter("gateway_portal_code_checks", "Codes typed, by what came of it.", ["result"])
_AWAY: Final = "no one-time code can be sent or checked"
_log = structlog.get_logger()


class OneTimeCodes:
    """Six digits, few attempts, few sends."""

    def __init__(self, pending: PendingCodes, texting: Texting) -> None:
        """Take the collaborators."""
        self._pending = pending
        self._texting = texting
        self._ceiling_told_until = 0.0

    async def send(
        self, msisdn: str | None, visitor: str, language: Language, asked_by: str | None = None
    ) -> str:
        """Send a code → the handle that the page carries; None sends nothing and looks the same.

        `asked_by`: the tracking code whose person is meant. Its sends are then counted as a number's are,
        and what the number's own limit withholds is not told: that would tell whose case it is.

        Raises:
            TooManyError: this number or this address has asked too often.
            CodesUnavailableError: none can be sent just now.
        """
        if msisdn is not None and not _MOBILE.fullmatch(msisdn):
            msisdn = None
        code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
        pending = Pending(secrets.token_urlsafe(24), code, msisdn, asked_by)
        counted = _counted(msisdn, visitor, asked_by)
        try:
            kept = await self._pending.keep(pending, ATTEMPTS, counted)
        except RedisAwayError:
            raise _unavailable() from None
        if kept.refused_by:
            raise self._too_many(kept)
        try:
            if msisdn is not None and kept.goes_out:
                await self._texting.text(msisdn, code, language, self._pending.seconds)
            else:
                await self._texting.text_nobody()
        except BusUnavailableError:
            with suppress(RedisAwayError):
                await self._pending.forget(pending, _to_give_back(counted, kept))
            raise _unavailable() from None
        _CODES.labels("sent" if kept.goes_out else "withheld").inc()
        return pending.handle

    async def check(self, handle: str, typed: str) -> str | None:
        """The number that is proved by this; None for a wrong, spent or late code.

        What is not six digits is no attempt.

        Raises:
            CodesUnavailableError: none can be checked just now.
        """
        code = _BETWEEN.sub("", latin_digits(typed))
        if not _CODE.fullmatch(code):
            return None
        try:
            proved, left = await self._pending.attempt(handle, code)
        except RedisAwayError:
            _CHECKS.labels("away").inc()
            raise CodesUnavailableError(_AWAY) from None
        _CHECKS.labels("proved" if proved else "wrong" if left else "dead").inc()
        return proved

    async def standing(self, handle: str) -> Waiting | None:
        """How a code stands: whom it is for, attempts left; None where there is none by this handle.

        Raises:
            CodesUnavailableError: nobody can say just now.
        """
        try:
            return await self._pending.standing(handle)
        except RedisAwayError:
            raise CodesUnavailableError(_AWAY) from None

    async def admit(self, visitor: str) -> None:
        """Turn away at the door whom `send` would turn away for their address.

        Raises:
            TooManyError: this address has asked too often.
            CodesUnavailableError: nobody can say just now.
        """
        try:
            seconds = await self._pending.wait(Counted("visitor", visitor, _A_VISITOR))
        except RedisAwayError:
            raise _unavailable() from None
        if seconds > 0:
            raise self._too_many(Kept("visitor", seconds, goes_out=False))

    def again_in(self, waiting: Waiting) -> int:
        """Seconds until another code may be asked for in the place of this one."""
        passed = self._pending.clock() - waiting.sent_at
        return max(0, math.ceil(_A_NUMBER[0][1] - passed))

    def _too_many(self, kept: Kept) -> TooManyError:
        _CODES.labels(f"{kept.refused_by}_limit").inc()
        if kept.refused_by == _CEILING and time.monotonic() >= self._ceiling_told_until:
            self._ceiling_told_until = time.monotonic() + kept.seconds
            _log.error("codes_ceiling_reached", seconds=kept.seconds)
        return TooManyError(kept.seconds)


def _counted(msisdn: str | None, visitor: str, asked_by: str | None) -> Sequence[Counted]:
    """Under which counts a send falls: as many, and as strict, whether there is a number or not."""
    counted = [
        Counted("visitor", visitor, _A_VISITOR),
        Counted(_CEILING, "all", _THE_PORTAL, texts=True),
    ]
    if asked_by is not None:
        counted.append(Counted("asked", asked_by, _A_NUMBER))
    elif msisdn is None:
        counted.append(Counted("nobody", visitor, _A_NUMBER))
    if msisdn is not None:
        counted.append(Counted("number", msisdn, _A_NUMBER, texts=True, quiet=asked_by is not None))
    return counted


def _to_give_back(counted: Sequence[Counted], kept: Kept) -> Sequence[Counted]:
    """What was counted for a number; the address stays counted, for Kafka may have taken the text."""
    return [each for each in counted if each.most is _A_NUMBER and (kept.goes_out or not each.texts)]


def _unavailable() -> CodesUnavailableError:
    _CODES.labels("away").inc()
    return CodesUnavailableError(_AWAY)
