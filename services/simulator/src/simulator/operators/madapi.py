"""MTN MADAPI: JSON with a message type and the last input; cancel and time-out are told as types 4 and 5."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field, ValidationError

from simulator.errors import NetworkError
from simulator.operators.line import Line
from simulator.settings import SimulatorSettings
from simulator.ussd import Dialogue, Ending, Screen, Session, Turn

_NAME: Final = "madapi"
_BEGIN: Final = "0"
_CONTINUE: Final = "1"
_END: Final = "2"
_ENDINGS: Final = {
    Ending.CANCELLED: ("4", "User cancelled"),
    Ending.TIMED_OUT: ("5", "Session timed out"),
    Ending.FAILED: ("4", "Application failure"),
}


class _Inbound(BaseModel):
    text: Annotated[str, Field(alias="inboundResponse")]
    goes_on: Annotated[bool, Field(alias="userInputRequired")]
    message_type: Annotated[str, Field(alias="messageType")]


class _Answer(BaseModel):
    status: Annotated[Literal["0000"], Field(alias="statusCode")]
    transaction: Annotated[str, Field(alias="transactionId", min_length=1)]
    data: _Inbound


class Madapi:
    """The key is shown as `x-api-key`; a begin carries the whole dialled string."""

    def __init__(self, settings: SimulatorSettings, line: Line) -> None:
        """Call over this line, with the key if there is one."""
        self._line = line
        key = settings.ussd_api_key.get_secret_value()
        self._headers = {"x-api-key": key} if key else {}

    async def ask(self, turn: Turn) -> Screen:
        """POST the last input; anything but a `0000` of the documented form ends the session."""
        kind = _CONTINUE if turn.typed else _BEGIN
        body = _body(turn.session, kind, turn.typed[-1] if turn.typed else turn.session.dialled)
        answer = await self._line.post(_NAME, headers=self._headers, json=body)
        try:
            data = _Answer.model_validate_json(answer.content).data
        except ValidationError:
            message = "the answer is not of MADAPI's form"
            raise NetworkError(message) from None
        return Screen(data.text, ends=not data.goes_on or data.message_type == _END)

    async def end(self, dialogue: Dialogue, ending: Ending) -> None:
        """Cancel or time-out; an end that the application showed is not told back."""
        if ending is not Ending.DONE:
            kind, words = _ENDINGS[ending]
            await self._line.post(_NAME, headers=self._headers, json=_body(dialogue.session, kind, words))


def _body(session: Session, kind: str, text: str) -> dict[str, str]:
    return {
        "sessionId": str(session.id),
        "messageType": kind,
        "msisdn": session.msisdn,
        "serviceCode": session.service_code,
        "ussdString": text,
        "language": "fa",
    }
