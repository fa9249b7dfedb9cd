"""What a provider asks for each step: never an error, never past the budget, whatever is down behind it."""

import asyncio
import time
from collections.abc import Mapping
from typing import Final

import structlog
from prometheus_client import Counter

from gateway_ussd.errors import RedisAwayError
from gateway_ussd.handlers.limits import Limits
from gateway_ussd.handlers.pace import Pace
from gateway_ussd.handlers.texting import Texting
from gateway_ussd.handlers.turns import Shown, Turns
from gateway_ussd.metrics import STEP_SECONDS, STEPS
from gateway_ussd.model import Screen, Step, StepKind
from gateway_ussd.texts import Notice, notice

ASKING: Final = 0.7
"""The part of the budget within which whatever is asked elsewhere must answer."""
WHOLE: Final = 0.95
"""The part after which the safe screen goes out; the rest is for the way back."""
KEEPING: Final = 0.2
"""The part that Redis may take at a time."""
_NO_SCREEN: Final = Screen("", ends=True)
_log = structlog.get_logger()


class SafeScreens:
    """`Screens`: the use case of a step, behind its limits and inside its budget."""

    def __init__(
        self,
        turns: Turns,
        limits: Limits,
        paces: Mapping[str, Pace],
        texting: Texting,
        budget: float,
        latin: Mapping[str, bool],
    ) -> None:
        """`budget` in seconds; `latin` by provider."""
        self._turns = turns
        self._limits = limits
        self._paces = paces
        self._texting = texting
        self._budget = budget
        self._latin = latin
        self._seconds = {name: STEP_SECONDS.labels(name) for name in latin}
        self._counters: dict[tuple[str, str], Counter] = {}

    async def __call__(self, step: Step) -> Screen:
        """The screen for a step."""
        if step.kind is StepKind.END:
            await self._end(step)
            return _NO_SCREEN
        refusal = self._limits.refuse(step)
        if refusal is not None:
            self._count(step.provider, refusal)
            return notice(Notice.BUSY, latin=self._latin[step.provider])
        began = time.monotonic()
        self._limits.in_flight += 1
        try:
            screen, how = await self._in_time(step, began)
        finally:
            self._limits.in_flight -= 1
        seconds = time.monotonic() - began
        self._seconds[step.provider].observe(seconds)
        self._paces[step.provider].note(seconds, safe=how == "safe")
        self._count(step.provider, how)
        return screen

    async def _in_time(self, step: Step, began: float) -> Shown:
        try:
            async with asyncio.timeout(WHOLE * self._budget):
                return await self._turns.answer(step, began + ASKING * self._budget)
        except (RedisAwayError, TimeoutError) as error:
            _log.debug("step_without_session", provider=step.provider, error=type(error).__name__)
        except Exception as error:  # noqa: BLE001  (a person waits for a screen; it is logged and counted)
            _log.error("step_failed", provider=step.provider, error=type(error).__name__)
        # The safe screen says that an SMS follows: where none can, another one says to dial again.
        said = Notice.SAFE if self._texting.apologise(step.msisdn) else Notice.BUSY
        return Shown(notice(said, latin=self._latin[step.provider]), "safe")

    async def _end(self, step: Step) -> None:
        how = "closed"
        try:
            async with asyncio.timeout(self._budget):
                await self._turns.end(step)
        except (RedisAwayError, TimeoutError):
            how = "not_closed"
        except Exception as error:  # noqa: BLE001  (as above)
            how = "not_closed"
            _log.error("end_failed", provider=step.provider, error=type(error).__name__)
        self._count(step.provider, how)

    def _count(self, provider: str, how: str) -> None:
        counter = self._counters.get((provider, how))
        if counter is None:
            counter = self._counters[provider, how] = STEPS.labels(provider, how)
        counter.inc()
