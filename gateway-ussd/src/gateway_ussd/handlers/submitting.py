"""A message is handed in under a code that was noted first, so that a copy of the step has the same one."""

from typing import Final

from gateway_ussd import conversation
from gateway_ussd.conversation import Submit
from gateway_ussd.errors import RedisAwayError
from gateway_ussd.handlers.handing_in import HandingIn, Taken
from gateway_ussd.handlers.turn import Stop, Turn
from gateway_ussd.model import Screen
from gateway_ussd.repository.kept import Kept
from gateway_ussd.repository.record import Phase
from gateway_ussd.repository.sessions import Sessions
from minting.mint import CodeMint

_IN_MEMORY: Final = 10_000
_NOT_SHOWN: Final = Screen("", ends=False)


class Submitting:
    """Reserve, hand in, show."""

    def __init__(self, sessions: Sessions, mint: CodeMint, handing_in: HandingIn) -> None:
        self._sessions = sessions
        self._mint = mint
        self._handing_in = handing_in
        self._uncoded: Kept[str, bool] = Kept(_IN_MEMORY)

    async def submit(self, turn: Turn, submit: Submit) -> Stop | None:
        """Hand in what the turn has come to; then it has its next screen."""
        if turn.reserved is None and not await self._reserve(turn):
            return Stop.MOVED
        reserved = turn.reserved
        assert reserved is not None  # noqa: S101  (reserved just now)
        taken = await self._handing_in.hand_in(submit, reserved, turn.step.msisdn, turn.state, turn.seconds)
        if taken is Taken.LATE:
            return Stop.LATE
        turn.reserved = None
        if taken is Taken.ACCEPTED and reserved.code is None:
            # The case store mints one and texts it.
            turn.outcome = conversation.safe(turn.state.language, turn.state.latin)
        else:
            code = reserved.code if taken is Taken.ACCEPTED else None
            turn.state, turn.outcome = conversation.submitted(turn.menu, turn.state, code)
        turn.handed_in = taken is Taken.ACCEPTED
        return None

    async def _reserve(self, turn: Turn) -> bool:
        """Note message and code where every replica sees them; False where somebody else was there first.

        Without Redis it goes without a code: a copy could come to another one, and nobody would know it.
        """
        without = turn.reserve(None)
        if self._uncoded.get(without.message):
            turn.reserved = without
            return True
        turn.reserved = turn.reserve(self._mint.take())
        record = turn.record(_NOT_SHOWN, Phase.LIVE)
        try:
            held = await self._sessions.write(turn.step.msisdn, turn.held, record)
        except RedisAwayError:
            self._uncoded.put(without.message, True)  # noqa: FBT003  (a mark)
            turn.reserved = without
            return True
        if held.record is not record:
            return False
        turn.held = held
        return True
