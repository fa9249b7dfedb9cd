"""One step of one session: read, go on, keep what came of it; whatever is asked elsewhere, asked in time."""

import time
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from gateway_ussd import conversation
from gateway_ussd.clients.source import Asked
from gateway_ussd.conversation import Lookup, Submit
from gateway_ussd.errors import RedisAwayError
from gateway_ussd.handlers.following import Following
from gateway_ussd.handlers.lookups import Lookups
from gateway_ussd.handlers.readings import Again, Go, Over, Rules, Start
from gateway_ussd.handlers.submitting import Submitting
from gateway_ussd.handlers.turn import Stop, Turn, past_of
from gateway_ussd.metrics import SESSIONS
from gateway_ussd.model import EndReason, Screen, Step, StepKind
from gateway_ussd.repository.record import Phase
from gateway_ussd.repository.sessions import Held, Sessions
from gateway_ussd.repository.shelf import MenuShelf
from gateway_ussd.texts import Notice, notice

_TRIES: Final = 4
_MOST_IN_A_ROW: Final = 5
_NOTHING_YET: Final = Screen("", ends=False)
"""Stands for what is on the phone before the step."""


class Shown(NamedTuple):
    """A screen, and how it came about, as it is counted."""

    screen: Screen
    how: str


class Turns:
    """Steps of every session; each one's budget is its caller's."""

    def __init__(  # noqa: PLR0913, PLR0917  (what a step may need)
        self,
        sessions: Sessions,
        shelf: MenuShelf,
        rules: Rules,
        lookups: Lookups,
        submitting: Submitting,
        following: Following,
        latin: Mapping[str, bool],
    ) -> None:
        """`latin`: by provider, whether its phones show the GSM alphabet alone."""
        self._sessions = sessions
        self._shelf = shelf
        self._rules = rules
        self._lookups = lookups
        self._submitting = submitting
        self._following = following
        self._latin = latin

    async def answer(self, step: Step, until: float) -> Shown:
        """The screen for a step that is no END.

        Raises:
            RedisAwayError: nothing can be known or kept of the session.
        """
        held = self._sessions.known(step.msisdn)
        asked = held is None and step.kind is not StepKind.BEGIN
        if asked:
            held = await self._sessions.read(step.msisdn)
        overtaken = False
        for _ in range(_TRIES):
            record = held.record if held else None
            reading = self._rules.read(record, step, time.time(), overtaken=overtaken)
            if isinstance(reading, Start | Go):
                shown = await self._take(self._opened(step, held, reading, until), reading.inputs)
                if isinstance(shown, Shown):
                    return shown
                held, asked, overtaken = self._sessions.known(step.msisdn), True, True
            elif asked:
                return self._told(reading, step)
            else:  # of what may be old news
                held, asked = await self._sessions.read(step.msisdn), True
        return Shown(notice(Notice.BUSY, latin=self._latin[step.provider]), "contended")

    async def end(self, step: Step) -> None:
        """Note that a session ended; its screen, if it had one to come, is waited for by nobody."""
        msisdn = step.msisdn or self._sessions.number_of(step.provider, step.session_id)
        if msisdn is None:
            return
        held = self._sessions.known(msisdn) or await self._sessions.read(msisdn)
        for _ in range(_TRIES):
            record = held.record if held else None
            if record is None or not record.is_of(step) or record.phase is not Phase.LIVE:
                return
            phase = Phase.OVER if step.reason is EndReason.DONE else Phase.DROPPED
            ended = record.model_copy(update={"phase": phase})
            held = await self._sessions.write(msisdn, held, ended)
            if held.record is ended:
                return

    def _opened(self, step: Step, held: Held | None, reading: Start | Go, until: float) -> Turn:
        before = reading.record if isinstance(reading, Go) else reading.instead_of
        goes_on = isinstance(reading, Go) or reading.resumes
        menu = self._shelf.of(before.state.menu_version) if before is not None and goes_on else None
        latin = self._latin[step.provider]
        if before is None or menu is None:
            menu = self._shelf.current
            state, outcome = conversation.begin(menu, latin=latin)
            goes_on = False
        elif isinstance(reading, Go) and before.reserved is None:
            state, outcome = before.state, _NOTHING_YET
        else:
            state, outcome = conversation.resume(menu, before.state.model_copy(update={"latin": latin}))
        turn = Turn(step, held, until, menu, state, outcome, int(time.time() * 1_000), 0)
        if before is not None and goes_on:
            turn.reserved = before.reserved
        if before is not None and isinstance(reading, Go):
            turn.begun, turn.serial, turn.past = before.begun, before.serial, before.past
        else:
            turn.past = past_of(before, step)
            SESSIONS.labels(step.provider, "resumed" if goes_on else "new").inc()
        return turn

    async def _take(self, turn: Turn, inputs: Sequence[str]) -> Shown | None:
        """Go through the inputs and keep what came of them; None where somebody else was there first."""
        stop = await self._through(turn, inputs)
        if stop is Stop.MOVED:
            return None
        if stop is Stop.LATE or not isinstance(turn.outcome, Screen):
            return await self._late(turn)
        screen = turn.outcome
        record = turn.record(screen, Phase.OVER if screen.ends else Phase.LIVE)
        try:
            held = await self._sessions.write(turn.step.msisdn, turn.held, record)
        except RedisAwayError:
            if not (screen.ends or turn.handed_in):
                raise
        else:
            if held.record is not record and not turn.handed_in:
                return None
        return Shown(screen, "ended" if screen.ends else "shown")

    async def _through(self, turn: Turn, inputs: Sequence[str]) -> Stop | None:
        first = turn.serial
        stop = await self._settled(turn)
        for typed in inputs:
            if stop is not None or (isinstance(turn.outcome, Screen) and turn.outcome.ends):
                break
            turn.state, turn.outcome = conversation.answer(turn.menu, turn.state, typed)
            turn.serial += 1
            stop = await self._settled(turn)
            if turn.state.hint is not None:
                break
        turn.serial = first + len(inputs)
        return stop

    async def _settled(self, turn: Turn) -> Stop | None:
        """Ask and hand in until there is a screen."""
        for _ in range(_MOST_IN_A_ROW):
            outcome = turn.outcome
            if isinstance(outcome, Screen):
                return None
            if isinstance(outcome, Submit):
                stop = await self._submitting.submit(turn, outcome)
            else:
                stop = await self._look_up(turn, outcome)
            if stop is not None:
                return stop
        return Stop.LATE

    async def _look_up(self, turn: Turn, lookup: Lookup) -> Stop | None:
        asked = Asked(lookup.arguments, turn.step.msisdn, turn.state.language)
        finding = await self._lookups.find(lookup.name, asked, turn.seconds)
        if finding.late and self._following.may_promise():
            return Stop.LATE
        turn.state, turn.outcome = conversation.found(turn.menu, turn.state, finding.found)
        return None

    async def _late(self, turn: Turn) -> Shown | None:
        """The safe screen; the session can be resumed, and what was asked is texted."""
        screen = conversation.safe(turn.state.language, turn.state.latin)
        record = turn.record(screen, Phase.DROPPED)
        try:
            held = await self._sessions.write(turn.step.msisdn, turn.held, record)
        except RedisAwayError:
            held = None
        if held is not None and held.record is not record:
            return None
        if isinstance(turn.outcome, Lookup):
            self._following.follow(turn.menu, turn.state, turn.outcome, turn.step.msisdn, turn.name)
        return Shown(screen, "safe")

    def _told(self, reading: Again | Over, step: Step) -> Shown:
        if isinstance(reading, Again):
            return Shown(reading.record.screen, "again")
        return Shown(notice(reading.notice, latin=self._latin[step.provider]), reading.notice.value)
