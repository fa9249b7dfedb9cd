"""Dialling a code and answering its menus: the network between a handset and an operator's double."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Final

import structlog

from simulator.errors import (
    NetworkError,
    NoDialogueError,
    UnknownOperatorError,
    UnknownPhoneError,
)
from simulator.operators import Operator
from simulator.repository import World
from simulator.ussd import Dialogue, Ending, Screen, Session, Turn, dialled_tail

NO_SUCH_CODE: Final = Screen("این کد دستوری در شبکه نیست.", ends=True)
"""The network's own words; our gateway never hears of it."""
GONE: Final = Screen("", ends=True)
"""The dialogue was put away while its screen was on the way."""
_STALE_SECONDS: Final = 0.5
"""How long the network lets a late copy hold up what comes after it."""
_SWEEP_SECONDS: Final = 0.25
_log = structlog.get_logger()


class Exchange:
    """One dialogue a phone; each goes by one operator from its begin to its end."""

    def __init__(self, world: World, operators: Mapping[str, Operator]) -> None:
        """Carry dialogues in this world by these operators, by their form's name."""
        self._world = world
        self._operators = operators
        self._telling: set[asyncio.Task[None]] = set()

    async def dial(self, handle: str, typed: str, provider: str | None) -> Screen:
        """Dial a code; what was under way on this phone is put away first.

        Raises:
            UnknownPhoneError: no such phone.
            UnknownOperatorError: no such operator.
            NetworkError: our gateway gave no screen.
        """
        number = self._number(handle)
        name = provider or self._world.settings.ussd_operator
        if name not in self._operators:
            message = "there is no operator of this name"
            raise UnknownOperatorError(message)
        await self.cancel(handle)
        code = self._world.settings.ussd_code
        tail = dialled_tail(typed, code)
        if tail is None:
            return NO_SUCH_CODE
        now = self._world.clock()
        session = Session(self._world.next_id(), number, code, tail, name, now)
        self._world.counters.ussd_dialled += 1
        dialogue = self._world.dialogues[number] = Dialogue(session, moved_at=now)
        return await self._step(dialogue)

    async def answer(self, handle: str, typed: str) -> Screen:
        """Type something into the menu that is shown.

        Raises:
            UnknownPhoneError: no such phone.
            NoDialogueError: there is no menu to type into.
            NetworkError: our gateway gave no screen.
        """
        dialogue = self._world.dialogues.get(self._number(handle))
        if dialogue is None or dialogue.waiting:
            message = "no menu waits for an answer"
            raise NoDialogueError(message)
        dialogue.typed = (*dialogue.typed, typed)
        dialogue.waiting, dialogue.moved_at = True, self._world.clock()
        return await self._step(dialogue)

    async def cancel(self, handle: str) -> Screen:
        """Put away what is under way, if anything is, and let the operator tell it.

        Raises:
            UnknownPhoneError: no such phone.
        """
        dialogue = self._world.dialogues.get(self._number(handle))
        if dialogue is not None:
            await self._close(dialogue, Ending.CANCELLED)
        return GONE

    async def run(self) -> None:
        """End what nobody goes on with."""
        while True:
            self.sweep()
            await asyncio.sleep(_SWEEP_SECONDS)

    def sweep(self) -> None:
        """The network's own time-out, for all that is due by now."""
        due = self._world.clock() - self._world.settings.ussd_idle_seconds
        late = [one for one in self._world.dialogues.values() if not one.waiting and one.moved_at <= due]
        for dialogue in late:
            self._close(dialogue, Ending.TIMED_OUT)

    async def _step(self, dialogue: Dialogue) -> Screen:
        try:
            screen = await self._asked(dialogue.turn)
        except NetworkError as error:
            self._world.counters.ussd_failed += 1
            _log.warning("ussd_failed", provider=dialogue.session.provider, reason=str(error))
            if self._is_current(dialogue):
                self._close(dialogue, Ending.FAILED)
            raise
        if not self._is_current(dialogue):
            return GONE
        dialogue.waiting, dialogue.moved_at = False, self._world.clock()
        dialogue.shown.append(screen.text)
        if screen.ends:
            self._close(dialogue, Ending.DONE)
        return screen

    async def _asked(self, turn: Turn) -> Screen:
        """One request, or with the fault modes several."""
        faults, operator = self._world.faults, self._operators[turn.session.provider]
        if faults.ussd_out_of_order and turn.typed:
            self._world.counters.ussd_requests += 1
            with contextlib.suppress(NetworkError, TimeoutError):
                await asyncio.wait_for(operator.ask(Turn(turn.session)), _STALE_SECONDS)
        copies = 2 if faults.ussd_repeats else 1
        self._world.counters.ussd_requests += copies
        answers = await asyncio.gather(*(operator.ask(turn) for _ in range(copies)), return_exceptions=True)
        failed = [one for one in answers if isinstance(one, BaseException)]
        if len(failed) == copies:
            raise failed[0]
        return next(one for one in answers if not isinstance(one, BaseException))

    def _close(self, dialogue: Dialogue, ending: Ending) -> asyncio.Task[None]:
        """It is over for the handset at once; the operator tells our gateway in its own time."""
        if self._is_current(dialogue):
            del self._world.dialogues[dialogue.session.number]
        telling = asyncio.create_task(self._tell(dialogue, ending), name="ussd-end")
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)
        return telling

    async def _tell(self, dialogue: Dialogue, ending: Ending) -> None:
        if self._world.faults.ussd_no_end:
            return
        session = dialogue.session
        try:
            await self._operators[session.provider].end(dialogue, ending)
        except NetworkError as error:
            _log.warning("ussd_end_not_told", provider=session.provider, reason=str(error))

    def _is_current(self, dialogue: Dialogue) -> bool:
        return self._world.dialogues.get(dialogue.session.number) is dialogue

    def _number(self, handle: str) -> str:
        phone = self._world.phones.by_handle(handle)
        if phone is None:
            message = "open the phone first"
            raise UnknownPhoneError(message)
        return phone.number
