"""Kavenegar's API over HTTP: `/v1/{api_key}/{scope}/{method}.json`, the result code is the HTTP status."""

import asyncio
import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import SecretStr

from chassis.auth import open_to_all
from simulator.errors import CallRefusedError, OutageError
from simulator.handlers.methods import NEEDS_NO_KEY, Method
from simulator.payloads import Answer, Parameters, envelope
from simulator.repository import World
from simulator.results import ResultCode

_MAX_BODY: Final = 16 * 1024 * 1024
_MAX_HTTP_STATUS: Final = 599
_OUTAGE_PAGE: Final = "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>"
_OWN_ANSWER: Final = open_to_all("the key is in the path; a wrong one gets Kavenegar's own 403 envelope")


def build_router(methods: Mapping[str, Method], world: World, api_key: SecretStr) -> APIRouter:
    """The one route that every method comes by."""
    router = APIRouter(prefix="/v1", tags=["kavenegar"], dependencies=[Depends(_OWN_ANSWER)])
    key = api_key.get_secret_value().encode()

    @router.api_route("/{api_key}/{method:path}", methods=["GET", "POST", "DELETE"], include_in_schema=False)
    async def call(api_key: str, method: str, request: Request) -> Response:
        name = method.removesuffix(".json").lower()
        known = methods.get(name) if method.endswith(".json") else None
        world.counters.count_call(name if known else "unknown")
        try:
            await _weather(world)
            has_key = name == NEEDS_NO_KEY or hmac.compare_digest(api_key.encode(), key)
            known = _admitted(known, request.method, has_key=has_key)
            world.timeline.advance(world.clock())
            answer = known.answer(await _parameters(request))
        except CallRefusedError as refusal:
            world.counters.count_refusal(refusal.code.value)
            return _answer(refusal.code, Answer(None))
        except OutageError:
            world.counters.count_refusal(503)
            return HTMLResponse(_OUTAGE_PAGE, 503)
        if answer.delay:
            await asyncio.sleep(answer.delay)
        return _answer(ResultCode.OK, answer)

    return router


def _admitted(method: Method | None, verb: str, *, has_key: bool) -> Method:
    """In Kavenegar's order: the key, the method, the verb."""
    if not has_key:
        raise CallRefusedError(ResultCode.WRONG_KEY)
    if method is None:
        raise CallRefusedError(ResultCode.UNKNOWN_METHOD)
    if verb not in method.verbs:
        raise CallRefusedError(ResultCode.WRONG_VERB)
    return method


async def _weather(world: World) -> None:
    """The fault modes that hold for every call."""
    faults = world.faults
    if faults.latency:
        await asyncio.sleep(faults.latency)
    if world.clock() < faults.down_until:
        raise OutageError
    if faults.refuse_with is not None:
        raise CallRefusedError(faults.refuse_with)


async def _parameters(request: Request) -> Parameters:
    """Query and form together; a form may be urlencoded or multipart."""
    pairs = list(request.query_params.multi_items())
    content_type = request.headers.get("content-type", "")
    if content_type.startswith("multipart/"):
        form = await request.form(max_files=0)
        pairs += [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    elif request.method == "POST":
        body = await request.body()
        if len(body) > _MAX_BODY:
            raise CallRefusedError(ResultCode.TOO_MANY_RECORDS)
        pairs += _decoded(body)
    return Parameters(pairs)


def _decoded(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=1_000)
    except ValueError:
        raise CallRefusedError(ResultCode.BAD_CHARACTER) from None


def _answer(code: ResultCode, answer: Answer) -> Response:
    # 604 and 607 are no HTTP statuses that a server can speak; the envelope still says them.
    status = code.value if code.value <= _MAX_HTTP_STATUS else ResultCode.INCOMPLETE.value
    return JSONResponse(envelope(code, answer.entries, answer.metadata), status)
