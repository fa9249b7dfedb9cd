"""The world outside: Kavenegar's API as its document says, over a fake network, and messages for it."""

import json
from collections import deque
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import httpx

from envelope.addresses import sender_address
from envelope.models import Channel, Lane, OutboundMessage, Purpose

ANSWER_LOST = "the messages are taken, the answer is lost"
CALL_LOST = "nothing arrives"
NO_CONNECTION = "the connection is refused"
GARBLED = "a proxy answers with a page"


class KavenegarByTheBook:
    """Takes messages once by `localid`, tells how they stand, keeps an inbox; does first what `next` says."""

    def __init__(self) -> None:
        self.next: deque[str | int] = deque()
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.sent: list[dict[str, Any]] = []
        self.by_local_id: dict[int, dict[str, Any]] = {}
        self.refused_texts: dict[str, int] = {}
        self.always: int | None = None
        self.inbox: list[dict[str, Any]] = []
        self.page_size = 200
        self._ids = count(8_792_343)

    def called(self, method: str) -> int:
        return sum(name == method for name, _ in self.calls)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        path = urlsplit(str(request.url)).path
        method = path.removesuffix(".json").rpartition("/")[2]
        params = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        self.calls.append((method, params))
        named = f"no answer from {request.url}"  # as real connection errors do
        event = self.next.popleft() if self.next else self.always
        if event == NO_CONNECTION:
            raise httpx.ConnectError(named, request=request)
        if event == CALL_LOST:
            raise httpx.ReadTimeout(named, request=request)
        if event == GARBLED:
            return httpx.Response(502, text="<html>Bad Gateway</html>")
        if isinstance(event, int):
            return refusal(event)
        answer = getattr(self, f"_{method}")(params)
        if event == ANSWER_LOST:
            raise httpx.RemoteProtocolError(named, request=request)
        return answer

    def _send(self, params: dict[str, str]) -> httpx.Response:
        return self._take(
            [params["receptor"]], [params["sender"]], [params["message"]], [int(params["localid"])]
        )

    def _sendarray(self, params: dict[str, str]) -> httpx.Response:
        names = ("receptor", "sender", "message", "localmessageids")
        return self._take(*(json.loads(params[name]) for name in names))

    def _maketts(self, params: dict[str, str]) -> httpx.Response:
        """One record as an object, as its document shows; the voice rings from a number of theirs."""
        if params["message"] in self.refused_texts:
            return refusal(self.refused_texts[params["message"]])
        return accepted(self._one(params["receptor"], "", params["message"], int(params["localid"])))

    def _take(self, to: list[str], lines: list[str], texts: list[str], ids: list[int]) -> httpx.Response:
        if not len(to) == len(lines) == len(texts) == len(ids):
            return refusal(419)
        if len(to) > 200:
            return refusal(414)
        for text in texts:
            if text in self.refused_texts:
                return refusal(self.refused_texts[text])
        return accepted([self._one(*item) for item in zip(to, lines, texts, ids, strict=True)])

    def _one(self, to: str, line: str, text: str, local_id: int) -> dict[str, Any]:
        if local_id not in self.by_local_id:
            entry = {
                "messageid": next(self._ids),
                "message": text,
                "status": 1,
                "statustext": "در صف ارسال",
                "sender": line,
                "receptor": to,
                "date": 1_763_740_800,
                "cost": 1_500,
            }
            self.by_local_id[local_id] = entry
            self.sent.append(entry)
        return self.by_local_id[local_id]

    def _status(self, params: dict[str, str]) -> httpx.Response:
        by_id = {str(entry["messageid"]): entry for entry in self.sent}
        found = [(asked, by_id.get(asked)) for asked in params["messageid"].split(",")]
        return accepted([{"messageid": int(asked), **standing(entry)} for asked, entry in found])

    def _statuslocalmessageid(self, params: dict[str, str]) -> httpx.Response:
        found = [(int(asked), self.by_local_id.get(int(asked))) for asked in params["localid"].split(",")]
        return accepted(
            [
                {"messageid": entry["messageid"] if entry else 0, "localid": str(asked), **standing(entry)}
                for asked, entry in found
            ]
        )

    def _inboxpaged(self, params: dict[str, str]) -> httpx.Response:
        first, last = int(params["startdate"]), int(params["enddate"])
        read = int(params["isread"])
        found = [
            {name: value for name, value in entry.items() if name != "isread"}
            for entry in self.inbox
            if entry["isread"] == read and first <= entry["date"] <= last
        ]
        start = (int(params["pagenumber"]) - 1) * self.page_size
        page = found[start : start + self.page_size]
        if not read:
            for entry in self.inbox:
                entry["isread"] = 1
        return accepted(page or None)

    def arrives(self, message_id: int, text: str, *, age: float = 60, read: int = 0) -> None:
        date = int(datetime.now(UTC).timestamp() - age)
        self.inbox.append(
            {
                "messageid": message_id,
                "message": text,
                "sender": "09121234567",
                "receptor": "10001420",
                "date": date,
                "isread": read,
            }
        )


def standing(entry: dict[str, Any] | None) -> dict[str, Any]:
    if entry is None:
        return {"status": 100, "statustext": "شناسه پیامک نامعتبر است"}
    return {"status": entry["status"], "statustext": entry["statustext"]}


def accepted(entries: object) -> httpx.Response:
    body = {"return": {"status": 200, "message": "تایید شد"}, "entries": entries}
    return httpx.Response(200, json=body)


def refusal(code: int) -> httpx.Response:
    """The code comes as the HTTP status too, as the document says."""
    return httpx.Response(code, json={"return": {"status": code, "message": "خطا"}, "entries": None})


def outbound(text: str = "پاسخ شما ثبت شد", /, **changes: object) -> OutboundMessage:
    values: dict[str, Any] = {
        "id": uuid4(),
        "to": sender_address("09121234567"),
        "channel": Channel.SMS,
        "line": "10001420",
        "text": text,
        "purpose": Purpose.REPLY,
        "lane": Lane.PRIORITY,
        "created_at": datetime.now(UTC),
        "correlation_id": UUID(int=1),
    }
    return OutboundMessage(**(values | changes))
