"""Comviva Flares: a GET with the last input, `Freeflow: FC` or `FB` back, a clean-up call at a break."""

from typing import Final

from simulator.errors import NetworkError
from simulator.operators.line import Line
from simulator.settings import SimulatorSettings
from simulator.ussd import Dialogue, Ending, Screen, Turn

_NAME: Final = "comviva"
_MSC: Final = "989110000"
_ERRORS: Final = {Ending.CANCELLED: "521", Ending.TIMED_OUT: "522", Ending.FAILED: "523"}
_ENDS: Final = {"FC": False, "FB": True}


class Comviva:
    """The first `input` is what was dialled, without its first `*` and its `#`."""

    def __init__(self, settings: SimulatorSettings, line: Line) -> None:
        """Call over this line, with the credentials if there are any."""
        self._line = line
        self._credentials = (
            {"userid": settings.ussd_user, "password": settings.ussd_password.get_secret_value()}
            if settings.ussd_user
            else {}
        )

    async def ask(self, turn: Turn) -> Screen:
        """GET the last input; an answer without a known `Freeflow` breaks the session."""
        session = turn.session
        query = {
            "SessionID": str(session.id),
            "MSISDN": session.msisdn,
            "MSC": _MSC,
            "input": turn.typed[-1] if turn.typed else session.dialled[1:-1],
        }
        answer = await self._line.get(_NAME, query | self._credentials)
        flow = answer.headers.get("Freeflow", "")
        if flow not in _ENDS:
            message = "the answer has no Freeflow of FC or FB"
            raise NetworkError(message)
        return Screen(answer.text, ends=_ENDS[flow])

    async def end(self, dialogue: Dialogue, ending: Ending) -> None:
        """The clean-up; after `FB` there is nothing to clean up."""
        if ending is Ending.DONE:
            return
        query = {
            "SessionID": str(dialogue.session.id),
            "msisdn": dialogue.session.msisdn,
            "clean": "clean-session",
            "error": _ERRORS[ending],
        }
        await self._line.get(_NAME, query | self._credentials)
