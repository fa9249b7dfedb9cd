"""A small gateway in the place of gateway-ussd: real HTTP in each operator's form, over one toy menu."""

import asyncio
import re
from hashlib import md5
from html import escape, unescape

import httpx
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

MAIN = "۱ پیگیری\n۲ شکایت"
ASK_CODE = "کد رهگیری را بنویسید:"
THANKS = "ثبت شد. کد رهگیری: ۴۸۱۷۲۰۳۹۵۱"
SEND = "http://www.csapi.org/schema/parlayx/ussd/send/v1_0/local"
NOTIFY = "http://www.csapi.org/schema/parlayx/ussd/notification/v1_0/local"
SEND_PATH = "/huawei/SendUssdService/services/SendUssd"


def screen(inputs: list[str]) -> tuple[str, bool]:
    """The toy menu: `1` asks for a code, `2` ends, anything else is said back."""
    if not inputs:
        return MAIN, False
    if inputs[-1] == "1":
        return ASK_CODE, False
    return (THANKS, True) if inputs[-1] in {"2", "۲"} else (f"«{inputs[-1]}»؟", False)


def envelope(body: str, header: str = "") -> str:
    return (
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">'
        f"<soapenv:Header>{header}</soapenv:Header><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )


class Menus:
    """Remembers each request as it came; `away`, `slow` and `nonsense` make it a bad neighbour."""

    def __init__(self) -> None:
        self.seen: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.away = False
        self.nonsense = False
        self.screens_stay_out = False
        self.drops_copies = False
        self._told: set[tuple[str, ...]] = set()
        self.slow = 0.0
        self.simulator = ""
        self.user, self.password = "sp-1", "sp-secret"
        self.refused: list[str] = []
        self._chains: dict[str, list[str]] = {}
        self._sending: set[asyncio.Task[None]] = set()
        self.app = FastAPI()
        self.app.add_api_route("/ussd/{form}", self._receive, methods=["GET", "POST"])

    def begin_anew(self) -> None:
        self.seen.clear()
        self.headers.clear()
        self.refused.clear()
        self.away, self.nonsense, self.slow, self.drops_copies = False, False, 0.0, False

    def named(self, *fields: str) -> list[tuple[str, ...]]:
        """Some fields of every request that came, in order."""
        return [tuple(request.get(field, "-") for field in fields) for request in self.seen]

    async def _receive(self, form: str, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        body = (await request.body()).decode()
        if form == "madapi":
            fields = await request.json()
        elif form == "huawei":
            fields = {name: unescape(value) for name, value in re.findall(r"<ns\d:(\w+)>([^<]*)</", body)}
            fields["operation"] = re.search(r"<ns2:(\w+) ", body)[1]
        else:
            fields = {**request.query_params, **{k: str(v) for k, v in (await request.form()).items()}}
        self.seen.append(fields)
        await asyncio.sleep(self.slow)
        if self.away:
            return Response(status_code=503)
        if self.nonsense:
            return Response("<html>Apache Tomcat</html>", media_type="text/html")
        return getattr(self, f"_{form}")(fields)

    def _inputs(self, session: str, typed: str | None) -> list[str]:
        """Of the forms that send the last input: a chain kept here."""
        if typed is None:
            self._chains[session] = []
        else:
            self._chains[session].append(typed)
        return self._chains[session]

    def _africastalking(self, fields: dict[str, str]) -> Response:
        if "status" in fields:
            return Response()
        text, ends = screen(fields["text"].split("*") if fields["text"] else [])
        return Response(f"{'END' if ends else 'CON'} {text}", media_type="text/plain")

    def _inoti(self, fields: dict[str, str]) -> Response:
        text, ends = screen(fields["call"].split("*")[3:])
        return Response(text + "[end]" * ends, media_type="text/plain; charset=utf-8")

    def _comviva(self, fields: dict[str, str]) -> Response:
        if "clean" in fields:
            return Response()
        begins = fields["SessionID"] not in self._chains
        text, ends = screen(self._inputs(fields["SessionID"], None if begins else fields["input"]))
        return Response(text, headers={"Freeflow": "FB" if ends else "FC", "charge": "N", "amount": "0"})

    def _madapi(self, fields: dict[str, str]) -> Response:
        begins = fields["messageType"] == "0"
        if fields["messageType"] in {"4", "5"}:
            text, ends = "", True
        else:
            text, ends = screen(self._inputs(fields["sessionId"], None if begins else fields["ussdString"]))
        data = {"inboundResponse": text, "userInputRequired": not ends, "messageType": "2" if ends else "1"}
        answer = {"statusCode": "0000", "statusMessage": "OK", "transactionId": "t-1", "data": data}
        return JSONResponse(answer)

    def _huawei(self, fields: dict[str, str]) -> Response:
        name = fields["operation"]
        if name == "notifyUssdReception":
            typed = None if fields["msgType"] == "0" else fields["ussdString"]
            text, ends = screen(self._inputs(fields["senderCB"], typed))
            told = (fields["senderCB"], fields["traceUniqueID"], fields["ussdString"])
            if self.screens_stay_out or (self.drops_copies and told in self._told):
                return Response(self.acknowledged(name), media_type="text/xml")
            self._told.add(told)
            task = asyncio.create_task(self._send_ussd(fields, text, ends=ends))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        return Response(self.acknowledged(name), media_type="text/xml")

    @staticmethod
    def acknowledged(name: str) -> str:
        """The answer that every notice gets before its screen."""
        result = "<loc:result>0</loc:result>" if name == "notifyUssdReception" else ""
        return envelope(f'<loc:{name}Response xmlns:loc="{NOTIFY}">{result}</loc:{name}Response>')

    async def _send_ussd(self, notice: dict[str, str], text: str, *, ends: bool) -> None:
        async with httpx.AsyncClient() as client:
            body = self.send_ussd(notice["senderCB"], text, ends=ends)
            answer = await client.post(self.simulator + SEND_PATH, content=body)
            if answer.status_code != 200:
                self.refused.append(answer.text)

    def send_ussd(self, session: str, text: str, *, ends: bool) -> bytes:
        """`sendUssd` as an application writes it."""
        stamp = "20261122063000"
        digest = md5(f"{self.user}{self.password}{stamp}".encode(), usedforsecurity=False).hexdigest()
        header = (
            '<tns:RequestSOAPHeader xmlns:tns="http://www.huawei.com.cn/schema/common/v2_1">'
            f"<tns:spId>{self.user}</tns:spId><tns:spPassword>{digest}</tns:spPassword>"
            f"<tns:timeStamp>{stamp}</tns:timeStamp></tns:RequestSOAPHeader>"
        )
        kind, operation = ("2", "3") if ends else ("1", "1")
        body = (
            f'<loc:sendUssd xmlns:loc="{SEND}"><loc:msgType>{kind}</loc:msgType>'
            f"<loc:senderCB>306909975</loc:senderCB><loc:receiveCB>{session}</loc:receiveCB>"
            f"<loc:ussdOpType>{operation}</loc:ussdOpType><loc:msIsdn>989121234567</loc:msIsdn>"
            "<loc:serviceCode>*4*1420#</loc:serviceCode><loc:codeScheme>72</loc:codeScheme>"
            f"<loc:ussdString>{escape(text)}</loc:ussdString></loc:sendUssd>"
        )
        return envelope(body, header).encode()
