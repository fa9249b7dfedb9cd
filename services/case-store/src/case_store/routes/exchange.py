"""A request and its answer on their way through: the one hashed, the other held until it is kept."""

from hashlib import sha256
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from case_store.repository.idempotency import Answer

_LONGEST_BODY: Final = 64 * 1024 * 1024
_LONGEST_ANSWER: Final = 4 * 1024 * 1024


class Read:
    """The request's body on its way to the route, remembered as a hash."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        """Nothing is read yet."""
        headers = Headers(scope=scope)
        self._receive = receive
        self._told = sha256(f"{scope['path']}?{scope['query_string'].decode('latin-1')}\n".encode())
        # The parts of a form are parted by a word that is new each time: of a form only its length counts.
        self._is_form = headers.get("content-type", "").startswith("multipart/")
        if self._is_form:
            self._told.update(headers.get("content-length", "").encode())
        self._length = 0
        self._ended = False
        self.whole = True

    async def __call__(self) -> Message:
        """The next piece, for the route."""
        message = await self._receive()
        if message["type"] == "http.request":
            body = message.get("body", b"")
            self._length += len(body)
            if not self._is_form:
                self._told.update(body)
            self._ended = not message.get("more_body", False)
        else:
            self._ended, self.whole = True, self.whole and self._ended
        return message

    async def rest(self) -> None:
        """Read what the route left, that the hash may be of all of it."""
        while not self._ended:
            if self._length > _LONGEST_BODY:
                self.whole = False
                return
            await self()

    def fingerprint(self) -> bytes:
        """Of where it went and what it said."""
        return self._told.digest()


class Said:
    """The route's answer, held back until it is kept; one that is too long to keep goes straight through."""

    def __init__(self, send: Send) -> None:
        """Nothing is said yet."""
        self._send = send
        self._messages: list[Message] = []
        self._length = 0
        self._flows = False

    async def __call__(self, message: Message) -> None:
        """The next piece, from the route."""
        self._length += len(message.get("body", b""))
        self._messages.append(message)
        if self._flows or self._length > _LONGEST_ANSWER or self._streams():
            self._flows = True
            await self.pass_on()

    async def pass_on(self) -> None:
        """Send what is held."""
        held, self._messages = self._messages, []
        for message in held:
            await self._send(message)

    def answer(self) -> Answer | None:
        """What is to be kept: no failure, no refusal (it did nothing, and may be mended), no secret."""
        if self._flows or not self._messages:
            return None
        status = int(self._messages[0]["status"])
        headers = MutableHeaders(scope=self._messages[0])
        if status >= HTTPStatus.BAD_REQUEST or "no-store" in headers.get("cache-control", ""):
            return None
        body = b"".join(message.get("body", b"") for message in self._messages[1:])
        return Answer(status, headers.get("content-type"), body, headers.get("etag"))

    def _streams(self) -> bool:
        return MutableHeaders(scope=self._messages[0]).get("content-type", "").startswith("text/event-stream")
