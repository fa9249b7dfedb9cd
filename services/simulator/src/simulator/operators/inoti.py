"""iNoti: a GET with the whole dialled chain, answered by bare text; `[end]` behind it ends the session."""

from typing import Final

from simulator.errors import NetworkError
from simulator.operators.line import Line
from simulator.settings import SimulatorSettings
from simulator.ussd import Dialogue, Ending, Screen, Turn

_NAME: Final = "inoti"
_END: Final = "[end]"
_BYTE_ORDER_MARK: Final = "\ufeff"


class Inoti:
    """No notice of an end: a dialogue that is put away is heard of no more."""

    def __init__(self, _settings: SimulatorSettings, line: Line) -> None:
        """Call over this line."""
        self._line = line

    async def ask(self, turn: Turn) -> Screen:
        """GET the chain; HTML and byte order marks are not shown."""
        session = turn.session
        call = "*".join((session.service_code[:-1], *turn.chain))
        query = {"mobile": session.number, "sessionid": str(session.id), "call": call}
        body = (await self._line.get(_NAME, query)).text
        if body.startswith((_BYTE_ORDER_MARK, "<")) or not body.strip():
            message = "the answer is no plain text"
            raise NetworkError(message)
        return Screen(body.removesuffix(_END).rstrip(), ends=body.endswith(_END))

    async def end(self, dialogue: Dialogue, ending: Ending) -> None:
        """Nothing is told."""
