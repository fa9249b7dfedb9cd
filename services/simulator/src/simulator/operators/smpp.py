"""An SMSC that carries USSD: our gateway binds, steps go as deliver_sm, screens come as submit_sm."""

import asyncio
from itertools import count
from typing import Final

import smpp34
import structlog

from simulator.errors import NetworkError
from simulator.operators.dialects import DIALECTS, ending_tlvs, reference_of, request_tlvs, told
from simulator.operators.mailbox import Mailbox
from simulator.settings import SimulatorSettings
from simulator.ussd import Dialogue, Ending, Screen, Session, Turn

_UCS2: Final = 8
_DEFAULT: Final = 0
_ESME_RINVDSTADR: Final = 0x0B
_log = structlog.get_logger()


class Smsc:
    """The last input each time, to whichever ESME bound last; a part, as it listens."""

    name = "smsc"

    def __init__(self, settings: SimulatorSettings) -> None:
        """Listen where the settings say, once started."""
        self._port = settings.smpp_port
        self._host = settings.host
        self._user = settings.ussd_user
        self._dialect = DIALECTS[settings.smpp_dialect]
        self._mailbox = Mailbox(settings.ussd_answer_seconds)
        self._server: smpp34.Server | None = None
        self._listening: asyncio.Task[None] | None = None
        self._bound: dict[str, smpp34.Esme] = {}
        self._ids = count(1)

    async def start(self) -> None:
        """Open the port, if there is one."""
        if self._port:
            self._server = smpp34.Server(self._host, self._port, system_id="simulator")
            await self._server.start()
            self._listening = asyncio.create_task(self._listen(self._server), name=self.name)

    async def stop(self) -> None:
        """Let the ESMEs go and close the port."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait({self._listening})
        if self._server is not None:
            await self._server.stop()

    def health(self) -> str | None:
        """A gateway that has not bound is no fault of the world's."""
        if self._listening is not None and self._listening.done():
            return "the SMSC has ended"
        return None

    async def ask(self, turn: Turn) -> Screen:
        """A deliver_sm, then the wait for a submit_sm of the same session."""
        session = turn.session
        text = turn.typed[-1] if turn.typed else session.dialled
        tlvs = request_tlvs(self._dialect, session, steps=len(turn.typed))
        request = self._deliver(session, text, tlvs)
        return await self._mailbox.after(request, reference_of(self._dialect, session))

    async def end(self, dialogue: Dialogue, ending: Ending) -> None:
        """A deliver_sm that says so; after the application's own last screen none."""
        if ending is not Ending.DONE:
            tlvs = ending_tlvs(self._dialect, dialogue.session, steps=len(dialogue.typed) + 1)
            await self._deliver(dialogue.session, "", tlvs)

    async def _deliver(self, session: Session, text: str, tlvs: list[smpp34.Tlv]) -> None:
        esme = next((one for one in reversed(self._bound.values()) if one.can_receive), None)
        if esme is None:
            message = "no gateway is bound to the SMSC"
            raise NetworkError(message)
        coding = _DEFAULT if text.isascii() else _UCS2
        try:
            answer = await esme.deliver_sm(
                session.service_code,
                text.encode("ascii" if coding == _DEFAULT else "utf-16-be"),
                source_addr=session.msisdn,
                source_addr_ton=1,
                source_addr_npi=1,
                service_type="USSD",
                data_coding=coding,
                tlvs=tlvs,
            )
        except smpp34.SmppError as error:
            message = f"the gateway was lost: {error}"
            raise NetworkError(message) from None
        if not answer.is_success:
            message = f"the gateway refused with {answer.command_status:#x}"
            raise NetworkError(message)

    async def _listen(self, server: smpp34.Server) -> None:
        while True:
            event = await server.next()
            match event:
                case smpp34.Esme():
                    await self._welcome(event)
                case smpp34.SubmitSmEvent():
                    self._take(event)
                case smpp34.Unbound():
                    self._bound.pop(event.session_id, None)

    async def _welcome(self, esme: smpp34.Esme) -> None:
        if self._user and esme.system_id != self._user:
            # The library takes every bind; a stranger is sent away at once.
            await esme.unbind()
            return
        self._bound[esme.session_id] = esme
        _log.info("esme_bound")

    def _take(self, submit: smpp34.SubmitSmEvent) -> None:
        says = told(self._dialect, submit.destination_addr, submit.tlvs)
        if says is None:
            submit.reject(_ESME_RINVDSTADR)
            return
        coding = "utf-16-be" if submit.data_coding == _UCS2 else "ascii"
        screen = Screen(submit.short_message.decode(coding, "replace"), says.ends)
        if self._mailbox.put(says.reference, screen):
            submit.accept(f"{next(self._ids):x}")
        else:
            submit.reject(_ESME_RINVDSTADR)
