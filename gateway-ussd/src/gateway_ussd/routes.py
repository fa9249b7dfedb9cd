"""The operators' requests: who may call, how long a body may be; a form's own matters are its provider's."""

from collections.abc import Mapping
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, Final
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from chassis.auth import Guard, declared, declared_auth
from chassis.problems import Problem
from gateway_ussd.errors import BodyTooLargeError, NotAuthenticError, UnreadableError
from gateway_ussd.metrics import REQUESTS_REFUSED
from gateway_ussd.providers.port import Provider, Received

STATUSES: Final[dict[type[Exception], int]] = {
    UnreadableError: HTTPStatus.BAD_REQUEST,
    BodyTooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    NotAuthenticError: HTTPStatus.UNAUTHORIZED,
}
"""Our errors as answers; what is retriable is 503 everywhere."""

Networks = tuple[IPv4Network | IPv6Network, ...]
_KNOWN_CALLERS: Final = 10_000
_MOST_FIELDS: Final = 64
_log = structlog.get_logger()


class OperatorRoute(APIRoute):
    """A route whose guards are called as they are, and then its endpoint.

    It declares what it needs as any route does; only FastAPI's solving of dependencies is left out, with its
    stacks for them: a good part of a step's time. With a dependency that is no guard it is an ordinary route.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  (whatever FastAPI gives)
        super().__init__(*args, **kwargs)
        needs = [each.call for each in self.dependant.dependencies]
        guards = [call for call in needs if call is not None and declared_auth(call)]
        if len(guards) != len(needs):
            return

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            request = Request(scope, receive, send)
            for guard in guards:
                await guard(request)
            response: Response = await self.endpoint(request)
            await response(scope, receive, send)

        self.app = answer


def build_router(
    providers: Mapping[str, Provider], networks: Mapping[str, Networks], longest_body: int
) -> APIRouter:
    """`GET|POST /ussd/{provider}`."""
    router = APIRouter(
        prefix="/ussd",
        tags=["operators"],
        dependencies=[Depends(from_networks(networks))],
        route_class=OperatorRoute,
    )

    async def receive(request: Request) -> Response:
        """A step of a session, in the operator's own form."""
        return await _answered(providers[request.path_params["provider"]], request, longest_body)

    for method in ("POST", "GET"):
        router.add_api_route(
            "/{provider}",
            receive,
            methods=[method],
            operation_id=f"receive_by_{method.lower()}",
            response_class=Response,
        )
    return router


def from_networks(networks: Mapping[str, Networks]) -> Guard:
    """Whoever calls a connection from one of its networks; for everybody else it is not there."""
    known: dict[tuple[str, str], bool] = {}

    async def guard(request: Request) -> None:
        caller = (request.path_params["provider"], request.client.host if request.client else "")
        allowed = known.get(caller)
        if allowed is None:
            name, host = caller
            allowed = name in networks and _is_in(host, networks[name])
            if len(known) < _KNOWN_CALLERS:
                known[caller] = allowed
        if not allowed:
            raise Problem(HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND.phrase)

    return declared(guard, "allow-list of networks")


async def _answered(provider: Provider, request: Request, longest_body: int) -> Response:
    try:
        answer = await provider.receive(await _received(request, longest_body))
    except (UnreadableError, NotAuthenticError) as error:
        REQUESTS_REFUSED.labels(provider.name, type(error).__name__).inc()
        raise
    except ClientDisconnect:
        return Response(status_code=HTTPStatus.BAD_REQUEST)  # read by nobody
    except Exception as error:  # noqa: BLE001  (for an operator 500 would end more than this session)
        REQUESTS_REFUSED.labels(provider.name, "fault").inc()
        _log.error("receive_failed", provider=provider.name, error=type(error).__name__)
        status = HTTPStatus.SERVICE_UNAVAILABLE
        raise Problem(status, status.phrase, headers={"Retry-After": "5"}) from None
    return Response(answer.body, answer.status, dict(answer.headers), answer.media_type)


async def _received(request: Request, longest_body: int) -> Received:
    """The request as bare data: Starlette's own views of it take a tenth of a step's time."""
    scope = request.scope
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    asked = scope["query_string"].decode("latin-1")
    try:
        query = dict(parse_qsl(asked, keep_blank_values=True, max_num_fields=_MOST_FIELDS)) if asked else {}
    except ValueError:
        message = "the query has too many fields"
        raise UnreadableError(message) from None
    body = b""
    if request.method == "POST":
        told = headers.get("content-length", "")
        body = await _body(request, longest_body, int(told) if told.isdecimal() else 0)
    return Received(request.method, query, headers, body)


async def _body(request: Request, longest: int, told: int) -> bytes:
    body, size, more = b"", told, told <= longest
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        size, more = len(body), message.get("more_body", False) and len(body) <= longest
    if size > longest:
        fault = f"a body may have {longest} bytes at most"
        raise BodyTooLargeError(fault)
    return body


def _is_in(host: str, networks: Networks) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in networks)
