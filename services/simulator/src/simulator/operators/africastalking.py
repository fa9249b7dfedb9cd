"""Africa's Talking: a form POST with all inputs joined by `*`, answered `CON` or `END`; each end is told."""

from datetime import UTC, datetime
from typing import Final

from simulator.errors import NetworkError
from simulator.operators.line import Line
from simulator.settings import SimulatorSettings
from simulator.ussd import Dialogue, Ending, Screen, Session, Turn

_NAME: Final = "africastalking"
_STATUS: Final = {
    Ending.DONE: "Success",
    Ending.CANCELLED: "Incomplete",
    Ending.TIMED_OUT: "Incomplete",
    Ending.FAILED: "Failed",
}
_ERRORS: Final = {Ending.FAILED: "Invalid or no response from the application", Ending.TIMED_OUT: "Timeout"}
_MCI: Final = "43211"
_NETWORKS: Final = {"093": "43235", "090": "43235", "092": "43220"}
"""Mobile network codes by how a number begins; ported numbers are not followed."""


class AfricasTalking:
    """The whole chain each time; the notice of the end goes to the same address, known by its `status`."""

    def __init__(self, _settings: SimulatorSettings, line: Line) -> None:
        """Call over this line."""
        self._line = line

    async def ask(self, turn: Turn) -> Screen:
        """POST the chain; a body that begins with neither `CON` nor `END` ends the session."""
        form = _common(turn.session) | {"text": "*".join(turn.chain)}
        body = (await self._line.post(_NAME, data=form)).text
        word, text = body[:4], body[4:]
        if word not in {"CON ", "END "}:
            message = "the answer begins with neither CON nor END"
            raise NetworkError(message)
        return Screen(text, ends=word == "END ")

    async def end(self, dialogue: Dialogue, ending: Ending) -> None:
        """The notice that comes after every session."""
        session = dialogue.session
        lasted = datetime.now(UTC).timestamp() - session.begun_at
        form = _common(session) | {
            "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"),
            "status": _STATUS[ending],
            "cost": "IRR 0.0000",
            "durationInMillis": str(max(0, int(lasted * 1_000))),
            "hopsCount": str(len(dialogue.shown)),
            "input": "*".join(dialogue.turn.chain),
            "lastAppResponse": dialogue.shown[-1] if dialogue.shown else "",
            "errorMessage": _ERRORS.get(ending, ""),
        }
        await self._line.post(_NAME, data=form)


def _common(session: Session) -> dict[str, str]:
    return {
        "sessionId": f"ATUid_{session.id:032x}",
        "phoneNumber": "+" + session.msisdn,
        "networkCode": _NETWORKS.get(session.number[:3], _MCI),
        "serviceCode": session.service_code,
    }
