"""A phone behind each operator: dials, types and hangs up, and what the operator makes of that in its form.

`Call` is the way to the gateway: a provider's `receive`, or a request over HTTP.
"""

import asyncio
import itertools
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple, Protocol
from urllib.parse import urlencode
from xml.sax.saxutils import escape

import gsm0338
import httpx
import smpp34
from defusedxml.ElementTree import fromstring

from gateway_ussd.providers.port import Answer, Received

MSISDN = "989121234567"
WAIT_SECONDS = 5
Call = Callable[[Received], Awaitable[Answer]]


class Shown(NamedTuple):
    text: str
    ends: bool


class Phone(Protocol):
    async def dial(self, dialled: str) -> Shown: ...

    async def type(self, typed: str) -> Shown: ...

    async def hang_up(self) -> None: ...


def bare(dialled: str) -> str:
    return dialled.removeprefix("*").removesuffix("#")


class AfricasTalkingPhone:
    def __init__(self, call: Call) -> None:
        self._call = call
        self._chain: list[str] = []

    async def dial(self, dialled: str) -> Shown:
        self._chain = [part for part in bare(dialled).removeprefix("4*1420").split("*") if part]
        return await self._go()

    async def type(self, typed: str) -> Shown:
        self._chain.append(typed)
        return await self._go()

    async def hang_up(self) -> None:
        await self._post({"status": "Incomplete", "input": "*".join(self._chain), "hopsCount": "1"})

    async def _go(self) -> Shown:
        answer = await self._post({"text": "*".join(self._chain)})
        word, _, text = answer.body.decode().partition(" ")
        return Shown(text, {"CON": False, "END": True}[word])

    async def _post(self, more: Mapping[str, str]) -> Answer:
        told = {
            "sessionId": "ATUid_77",
            "phoneNumber": f"+{MSISDN}",
            "networkCode": "43211",
            "serviceCode": "*4*1420#",
            **more,
        }
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return await self._call(Received("POST", {}, headers, urlencode(told).encode()))


class ComvivaPhone:
    def __init__(self, call: Call) -> None:
        self._call = call

    async def dial(self, dialled: str) -> Shown:
        return await self.type(bare(dialled))

    async def type(self, typed: str) -> Shown:
        told = {"SessionID": "1369", "MSISDN": MSISDN, "MSC": "989120000000", "input": typed}
        answer = await self._call(Received("GET", told, {}))
        return Shown(answer.body.decode(), {"FC": False, "FB": True}[answer.headers["Freeflow"]])

    async def hang_up(self) -> None:
        told = {"SessionID": "1369", "msisdn": MSISDN, "clean": "clean-session", "error": "522"}
        await self._call(Received("GET", told, {}))


class MadapiPhone:
    def __init__(self, call: Call) -> None:
        self._call = call

    async def dial(self, dialled: str) -> Shown:
        return await self._post("0", dialled)

    async def type(self, typed: str) -> Shown:
        return await self._post("1", typed)

    async def hang_up(self) -> None:
        await self._post("4", "")

    async def _post(self, kind: str, typed: str) -> Shown:
        told = {
            "sessionId": "1637",
            "messageType": kind,
            "msisdn": MSISDN,
            "serviceCode": "*4*1420#",
            "ussdString": typed,
        }
        headers = {"content-type": "application/json"}
        answer = await self._call(Received("POST", {}, headers, json.dumps(told).encode()))
        inner = json.loads(answer.body)["data"]
        return Shown(inner["inboundResponse"], not inner["userInputRequired"])


class InotiPhone:
    def __init__(self, call: Call) -> None:
        self._call = call
        self._dialled = ""

    async def dial(self, dialled: str) -> Shown:
        self._dialled = dialled.removesuffix("#")
        return await self._go()

    async def type(self, typed: str) -> Shown:
        self._dialled += f"*{typed}"
        return await self._go()

    async def hang_up(self) -> None:
        """Nobody is told."""

    async def _go(self) -> Shown:
        told = {"mobile": f"0{MSISDN.removeprefix('98')}", "sessionid": "88", "call": self._dialled}
        text = (await self._call(Received("GET", told, {}))).body.decode()
        return Shown(text.removesuffix("[end]"), text.endswith("[end]"))


_NOTICE = """<?xml version="1.0" encoding="utf-8" ?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Header>
<n:NotifySOAPHeader xmlns:n="http://www.huawei.com.cn/schema/common/v2_1">
<n:spId>000201</n:spId><n:timeStamp>20261122054300</n:timeStamp><n:traceUniqueID>{trace}</n:traceUniqueID>
</n:NotifySOAPHeader></soapenv:Header><soapenv:Body>
<l:{operation} xmlns:l="http://www.csapi.org/schema/parlayx/ussd/notification/v1_0/local">{fields}</l:{operation}>
</soapenv:Body></soapenv:Envelope>"""
_TAKEN = """<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>
<l:sendUssdResponse xmlns:l="http://www.csapi.org/schema/parlayx/ussd/send/v1_0/local"><l:result>0</l:result>
</l:sendUssdResponse></soapenv:Body></soapenv:Envelope>"""


class HuaweiPhone:
    """With its SDP: `sdp` is the transport that the gateway's calls go to."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._screens: asyncio.Queue[Shown] = asyncio.Queue()
        self._traces = itertools.count(1)
        self._receive_cb = "FFFFFFFF"

    def sdp(self, request: httpx.Request) -> httpx.Response:
        told = {
            element.tag.rpartition("}")[2]: element.text or ""
            for element in fromstring(request.content).iter()
        }
        if "sendUssd" in told:
            assert (told["msgType"], told["ussdOpType"]) in {("1", "1"), ("2", "3")}
            assert (told["msIsdn"], told["receiveCB"]) == (MSISDN, "3202")
            self._receive_cb = told["senderCB"]
            self._screens.put_nowait(Shown(told["ussdString"], told["msgType"] == "2"))
        return httpx.Response(200, text=_TAKEN)

    async def dial(self, dialled: str) -> Shown:
        return await self._notify("0", "1", dialled)

    async def type(self, typed: str) -> Shown:
        return await self._notify("1", "3", typed)

    async def hang_up(self) -> None:
        told = {"senderCB": "3202", "receiveCB": self._receive_cb, "abortReason": "user"}
        assert b"notifyUssdAbortResponse" in (await self._post("notifyUssdAbort", told)).body

    async def _notify(self, kind: str, operation: str, typed: str) -> Shown:
        told = {
            "msgType": kind,
            "senderCB": "3202",
            "receiveCB": self._receive_cb,
            "ussdOpType": operation,
            "msIsdn": MSISDN,
            "serviceCode": "*4*1420#",
            "codeScheme": "15",
            "ussdString": typed,
        }
        assert b"<loc:result>0</loc:result>" in (await self._post("notifyUssdReception", told)).body
        return await asyncio.wait_for(self._screens.get(), WAIT_SECONDS)

    async def _post(self, operation: str, told: Mapping[str, str]) -> Answer:
        fields = "".join(f"<l:{name}>{escape(value)}</l:{name}>" for name, value in told.items())
        body = _NOTICE.format(trace=next(self._traces), operation=operation, fields=fields)
        return await self._call(Received("POST", {}, {"content-type": "text/xml"}, body.encode()))


class Smsc:
    """A real SMPP server on a port of its own, which shows what one phone would see."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.server = smpp34.Server("127.0.0.1", port, system_id="SMSC")
        self.esmes: list[smpp34.Esme] = []
        self.bound = asyncio.Event()
        self.shown: asyncio.Queue[smpp34.SubmitSmEvent] = asyncio.Queue()
        self.statuses: list[int] = []
        """What the next submit_sm are refused with."""
        self.hold: Callable[[smpp34.SubmitSmEvent], object] | None = None
        """Takes the submit_sm that are never answered."""
        self.gone = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Smsc"]:
        await self.server.start()
        listening = asyncio.create_task(self._listen())
        try:
            yield self
        finally:
            listening.cancel()
            await self.server.stop()

    async def _listen(self) -> None:
        while True:
            event = await self.server.next()
            if isinstance(event, smpp34.Esme):
                self.esmes.append(event)
                self.bound.set()
            elif isinstance(event, smpp34.SubmitSmEvent):
                if self.hold is not None:
                    self.hold(event)
                elif self.statuses:
                    event.reject(self.statuses.pop(0))
                else:
                    event.accept("1")
                    self.shown.put_nowait(event)
            else:
                self.gone += 1

    async def deliver(
        self, operation: int, octets: bytes, coding: int, *, session: bytes = b"\x2a\x00"
    ) -> None:
        await asyncio.wait_for(self.bound.wait(), WAIT_SECONDS)
        tlvs = [smpp34.Tlv(0x0501, bytes((operation,))), smpp34.Tlv(0x1383, session)]
        answer = await self.esmes[-1].deliver_sm(
            "*4*1420#", octets, source_addr=MSISDN, service_type="USSD", data_coding=coding, tlvs=tlvs
        )
        assert answer.is_success

    async def screen(self) -> Shown:
        event = await asyncio.wait_for(self.shown.get(), WAIT_SECONDS)
        assert (event.destination_addr, event.source_addr, event.service_type) == (MSISDN, "*4*1420#", "USSD")
        tlvs = {tlv.tag: tlv.value for tlv in event.tlvs}
        octets = event.short_message
        text = octets.decode("utf-16-be") if event.data_coding == 8 else gsm0338.Codec().decode(octets)[0]
        ends = {b"\x02": False, b"\x11": True}[tlvs[0x0501]]
        assert bool(tlvs[0x1383][1] & 1) is ends
        return Shown(text, ends)


class SmppPhone:
    def __init__(self, smsc: Smsc) -> None:
        self._smsc = smsc

    async def dial(self, dialled: str) -> Shown:
        await self._smsc.deliver(0x01, dialled.encode(), 0)
        return await self._smsc.screen()

    async def type(self, typed: str) -> Shown:
        await self._smsc.deliver(0x12, typed.encode("utf-16-be"), 8)
        return await self._smsc.screen()

    async def hang_up(self) -> None:
        await self._smsc.deliver(0x12, b"", 0, session=b"\x2a\x01")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
