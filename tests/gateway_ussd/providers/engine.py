"""An engine that shows what it is told to, and remembers what it was asked."""

import asyncio
from collections.abc import Iterable

from gateway_ussd.model import Screen, Step, StepKind

CODE = "*4*1420#"
MENU = Screen("۱ پرونده من\n۲ شکایت", ends=False)
ASK = Screen("متن شکایت را بنویسید", ends=False)
CODE_SHOWN = Screen("کد پیگیری شما: ۱۲۳۴۵۶۷۸۹۰", ends=True)


class Engine:
    def __init__(self, screens: Iterable[Screen] = (MENU, ASK, CODE_SHOWN)) -> None:
        self.steps: list[Step] = []
        self.to_show = list(screens)
        self.slow = 0.0
        self._shown = 0

    async def __call__(self, step: Step) -> Screen:
        self.steps.append(step)
        await asyncio.sleep(self.slow)
        if step.kind is StepKind.END:
            return MENU
        screen = self.to_show[self._shown % len(self.to_show)]
        self._shown += 1
        return screen


def asked(steps: Iterable[Step]) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """What each step is in words common to all forms: kind, number, code, what was typed since the last."""
    told, seen = [], 0
    for step in steps:
        new = tuple(step.typed.split("*")) if step.kind is StepKind.BEGIN and step.typed else ()
        if step.kind is StepKind.CONTINUE and step.typed is not None:
            new = (step.typed,)
        kind = step.kind
        if step.chain is not None:
            new, seen = step.chain[seen:], len(step.chain)
            kind = StepKind.CONTINUE if told else StepKind.BEGIN
        told.append((str(kind), step.msisdn, step.service_code, new))
    return told
