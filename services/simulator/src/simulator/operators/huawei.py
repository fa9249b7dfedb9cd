"""Huawei SDP: a notice that is but acknowledged; the screen comes by a `sendUssd` call of our gateway."""

import hmac
from collections import OrderedDict
from datetime import UTC, datetime
from hashlib import md5
from typing import Final

from simulator.errors import FaultCode, NetworkError, SoapFaultError
from simulator.operators import soap
from simulator.operators.line import Line
from simulator.operators.mailbox import Mailbox
from simulator.settings import SimulatorSettings
from simulator.ussd import Dialogue, Ending, Screen, Session, Turn

_NAME: Final = "huawei"
_NOBODY: Final = "FFFFFFFF"
_PARTNERS_KEPT: Final = 10_000
_SUBSCRIBERS_KEPT: Final = 100
_GSM7: Final = "15"
_UCS2: Final = "72"
_GOES_ON: Final = ("1", "1")
_LAST: Final = {("2", "3"), ("2", "4"), ("2", "2")}
_REASONS: Final = {
    Ending.CANCELLED: "The end user cancels.",
    Ending.TIMED_OUT: "The session times out.",
    Ending.FAILED: "The application does not respond.",
}


class Huawei:
    """The last input each time; `senderCB` is the session."""

    def __init__(self, settings: SimulatorSettings, line: Line) -> None:
        """Call over this line, with the credentials if there are any."""
        self._line = line
        self._mailbox = Mailbox(settings.ussd_answer_seconds)
        self._user = settings.ussd_user
        self._password = settings.ussd_password.get_secret_value()
        self._partners: OrderedDict[str, str] = OrderedDict()
        self._notified: set[str] = set()

    async def ask(self, turn: Turn) -> Screen:
        """`notifyUssdReception`, then the wait for `sendUssd`."""
        session = turn.session
        text = turn.typed[-1] if turn.typed else session.dialled
        body = {
            "msgType": "1" if turn.typed else "0",
            "senderCB": _session_key(session),
            "receiveCB": self._partners.get(_session_key(session), _NOBODY) if turn.typed else _NOBODY,
            "ussdOpType": "3" if turn.typed else "1",
            "msIsdn": session.msisdn,
            "serviceCode": session.service_code,
            "codeScheme": _GSM7 if text.isascii() else _UCS2,
            "ussdString": text,
        }
        request = self._notify("notifyUssdReception", body, session, step=len(turn.typed))
        return await self._mailbox.after(request, body["senderCB"])

    async def end(self, dialogue: Dialogue, ending: Ending) -> None:
        """`notifyUssdAbort`; after the application's own last screen nothing is told."""
        sender = _session_key(dialogue.session)
        receiver = self._partners.pop(sender, _NOBODY)
        if ending is not Ending.DONE:
            body = {"abortReason": _REASONS[ending], "senderCB": sender, "receiveCB": receiver}
            await self._notify("notifyUssdAbort", body, dialogue.session)

    def take(self, message: bytes) -> bytes:
        """A call of our gateway; the answer to it.

        Raises:
            SoapFaultError: not of the form, wrong credentials, or a session that waits for nothing.
        """
        call = soap.read_call(message)
        self._check(call)
        if call.name in {"startUSSDNotification", "stopUSSDNotification"}:
            self._subscribe(call)
        else:
            self._show(call)
        return soap.response(call)

    def _show(self, call: soap.Call) -> None:
        turn = (call.body.get("msgType", ""), call.body.get("ussdOpType", ""))
        if call.name == "sendUssd" and turn != _GOES_ON and turn not in _LAST:
            raise SoapFaultError(FaultCode.INVALID_INPUT, "msgType and ussdOpType do not go together")
        screen = Screen(call.body.get("ussdString", ""), ends=turn != _GOES_ON)
        sender, receiver = call.body.get("senderCB", ""), call.body.get("receiveCB", "")
        for ours, theirs in ((receiver, sender), (sender, receiver)):
            if self._mailbox.put(ours, screen):
                self._remember(ours, theirs or _NOBODY)
                return
        raise SoapFaultError(FaultCode.INVALID_INPUT, "the session is not known or waits for nothing")

    def _subscribe(self, call: soap.Call) -> None:
        """Kept to tell a repeat; whoever has not subscribed is notified all the same."""
        correlator = call.body.get("correlator", "")
        if call.name == "stopUSSDNotification":
            self._notified.discard(correlator)
        elif correlator in self._notified:
            raise SoapFaultError(FaultCode.ALREADY, "the correlator is in use")
        elif len(self._notified) < _SUBSCRIBERS_KEPT:
            self._notified.add(correlator)

    def _check(self, call: soap.Call) -> None:
        if not self._user:
            return
        shown = call.header
        wanted = _digest(self._user, self._password, shown.get("timeStamp", ""))
        if shown.get("spId") != self._user or not hmac.compare_digest(shown.get("spPassword", ""), wanted):
            raise SoapFaultError(FaultCode.NOT_AUTHENTICATED, "spId or spPassword is wrong")

    def _remember(self, ours: str, theirs: str) -> None:
        self._partners[ours] = theirs
        if len(self._partners) > _PARTNERS_KEPT:
            self._partners.popitem(last=False)

    async def _notify(self, name: str, body: dict[str, str], session: Session, step: int = -1) -> None:
        # The first request says when the session began, so that a late copy of it is one to the letter.
        now = datetime.fromtimestamp(session.begun_at, UTC) if step == 0 else datetime.now(UTC)
        stamp = now.strftime("%Y%m%d%H%M%S")
        header = {
            "spRevId": self._user,
            "spRevpassword": _digest(self._user, self._password, stamp) if self._user else "",
            "spId": self._user,
            "serviceId": "",
            "timeStamp": stamp,
            "linkid": f"{session.id:020}",
            "traceUniqueID": f"{session.id:015}{step + 1:03}",
            "OperatorID": "43235",
        }
        message = soap.notification(name, header, body)
        headers = {"Content-Type": soap.MEDIA_TYPE, "SOAPAction": '""'}
        answer = await self._line.post(_NAME, headers=headers, content=message)
        if not soap.is_answer_to(name, answer.content):
            words = f"the gateway did not acknowledge {name}"
            raise NetworkError(words)


def _session_key(session: Session) -> str:
    return str(session.id % 2**31)


def _digest(user: str, password: str, stamp: str) -> str:
    return md5(f"{user}{password}{stamp}".encode(), usedforsecurity=False).hexdigest()
