"""`Idempotency-Key` on every POST of the API, whatever its handler: one effect, one answer."""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Response
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from case_store.errors import KeyReusedError, StateError, StoreUnavailableError, UnauthenticatedError
from case_store.handlers.idempotency import Idempotency
from case_store.repository.idempotency import Answer, Claim
from case_store.routes.exchange import Read, Said
from case_store.routes.guard import Identify
from case_store.staffing import Actor
from chassis.problems import Problem

_PREFIX: Final = "/api/v1/"
_KEY: Final = re.compile(
    r'"(?P<quoted>[\x20\x21\x23-\x5b\x5d-\x7e]{1,200})"|(?P<bare>[\x21\x23-\x7e]{1,200})'
)
_PARAMETER: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": r"^(\"[ !#-\[\]-~]{1,200}\"|[!#-~]{1,200})$"},
    "description": "The same key does it once, for 24 hours: 409 while the first is under way, 422 with "
    "another payload, else the first answer again, with `Idempotency-Replayed: true`. A refusal did nothing, "
    "so it is not kept.",
}


def install_idempotency(app: FastAPI, keys: Idempotency, identify: Identify) -> None:
    """Every POST under `/api/v1` honours the header, and the description of the API says so."""
    app.add_middleware(_Once, keys=keys, identify=identify)
    described: Callable[[], dict[str, Any]] = app.openapi

    def openapi() -> dict[str, Any]:
        document = described()
        for path, verbs in document["paths"].items():
            told = verbs.get("post", {}).setdefault("parameters", []) if "post" in verbs else None
            named = told is not None and any(one["name"].lower() == "idempotency-key" for one in told)
            if told is not None and path.startswith(_PREFIX) and not named:
                told.append(_PARAMETER)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend the description


class _Once:
    """Between the server and the routes; what has no key, and everything but POST, passes untouched."""

    def __init__(self, app: ASGIApp, keys: Idempotency, identify: Identify) -> None:
        self._app = app
        self._keys = keys
        self._identify = identify

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith(_PREFIX):
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("idempotency-key")
        if given is None:
            await self._app(scope, receive, send)
            return
        read = Read(scope, receive)
        response = await self._begun(scope, given, read)
        if response is None:
            await self._app(scope, receive, send)
        elif isinstance(response, Claim):
            await self._first(response, scope, read, send)
        else:
            await response(scope, receive, send)

    async def _begun(self, scope: Scope, given: str, read: Read) -> Claim | Response | None:
        """A key that is ours to use, an answer that is there already, or None for whoever has no token."""
        try:
            actor = await self._caller(Headers(scope=scope))
            return None if actor is None else await self._claimed_or_answered(actor, given, read)
        except StoreUnavailableError as error:
            return Problem(503, HTTPStatus(503).phrase, str(error), headers={"Retry-After": "5"}).response()

    async def _caller(self, headers: Headers) -> Actor | None:
        """None for whoever has no token: the route says what it thinks of that."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        try:
            return await self._identify(token.strip()) if scheme.lower() == "bearer" else None
        except UnauthenticatedError:
            return None

    async def _claimed_or_answered(self, actor: Actor, given: str, read: Read) -> Claim | Response:
        key = _KEY.fullmatch(given.strip())
        if key is None:
            title = "The idempotency key is malformed"
            return Problem(400, title, "Send 1 to 200 visible ASCII characters, quoted or not.").response()
        word = key["quoted"] or key["bare"]
        try:
            claimed = await self._keys.claim(actor, word)
            if claimed is not None:
                return claimed
            await read.rest()
            answer = await self._keys.replay(actor, word, read.fingerprint())
        except StateError as error:
            return Problem(409, HTTPStatus(409).phrase, str(error), headers={"Retry-After": "1"}).response()
        except KeyReusedError as error:
            return Problem(422, HTTPStatus(422).phrase, str(error)).response()
        return _again(answer)

    async def _first(self, claimed: Claim, scope: Scope, read: Read, send: Send) -> None:
        """Let the route answer, keep what it says, and only then pass it on."""
        said = Said(send)
        try:
            await self._app(scope, read, said)
            await read.rest()
        except Exception:  # whoever was cut off may have had an effect: then the lease runs out
            await self._keys.release(claimed)
            raise
        answer = said.answer() if read.whole else None
        if answer is None:
            await self._keys.release(claimed)
        else:
            await self._keys.keep(claimed, read.fingerprint(), answer)
        await said.pass_on()


def _again(answer: Answer) -> Response:
    headers = {"Idempotency-Replayed": "true"} | ({"ETag": answer.etag} if answer.etag else {})
    return Response(answer.body, answer.status, headers, answer.media_type)
