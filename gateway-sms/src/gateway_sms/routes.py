"""The provider's webhooks: read, hand over, answer 200 when it is safe."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute

from chassis.auth import declared_auth, path_secret
from gateway_sms.errors import BodyTooLargeError, UnknownMediaTypeError, UnreadableRequestError
from gateway_sms.handlers.receive_mo import Inbound
from gateway_sms.handlers.record_dlr import Deliveries
from gateway_sms.metrics import MO
from gateway_sms.payloads import Fields, read_fields
from gateway_sms.providers.port import Provider

STATUSES: Final[dict[type[Exception], int]] = {
    UnreadableRequestError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownMediaTypeError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    BodyTooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}
"""Our errors as answers; what is retriable is 503 everywhere."""

_FORM: Final = {
    "requestBody": {
        "description": "Query, form or JSON; keys in any case.",
        "content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}},
    }
}


class WebhookRoute(APIRoute):
    """A route whose guards are called as they are.

    It declares what it needs as any route does; only FastAPI's solving of dependencies is left out, a good
    part of a webhook's time. With a dependency that is no guard it is an ordinary route.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The guards, then the endpoint."""
        needs = [each.call for each in self.dependant.dependencies]
        guards = [call for call in needs if call is not None and declared_auth(call)]
        if len(guards) != len(needs):
            return super().get_route_handler()

        async def handle(request: Request) -> Response:
            for guard in guards:
                await guard(**request.path_params)
            answer: Response = await self.endpoint(request)
            return answer

        return handle


def build_router(
    provider: Provider, inbound: Inbound, deliveries: Deliveries, longest_body: int
) -> APIRouter:
    """`GET|POST /{provider}/{secret}/mo` and `/dlr`."""
    router = APIRouter(
        prefix=f"/{provider.name}/{{secret}}",
        tags=[provider.name],
        dependencies=[Depends(path_secret(provider.webhook_secret))],
        route_class=WebhookRoute,
    )

    # `Request` and no `Form`: it is faster, takes every spelling, and keeps the text as it is.
    async def receive_mo(request: Request) -> Response:
        """A message from a mobile; 200 means that it will not be lost."""
        try:
            mo = provider.reader.read_mo(await _fields(request, longest_body))
        except UnreadableRequestError:
            MO.labels("refused").inc()
            raise
        message_id = await inbound.receive_mo(mo)
        return Response(f'{{"message_id":"{message_id}"}}', media_type="application/json")

    async def record_dlr(request: Request) -> Response:
        """A delivery report; 200 means that the bus has it."""
        await deliveries.record_dlr(provider.reader.read_dlr(await _fields(request, longest_body)))
        return Response(b"{}", media_type="application/json")

    for path, endpoint in (("/mo", receive_mo), ("/dlr", record_dlr)):
        name = endpoint.__name__
        router.get(path, operation_id=f"{name}_by_query")(endpoint)
        router.post(path, operation_id=name, openapi_extra=_FORM)(endpoint)
    return router


async def _fields(request: Request, longest: int) -> Fields:
    body = b""
    if request.method == "POST":
        if int(request.headers.get("content-length") or 0) > longest:
            raise BodyTooLargeError(_too_large(longest))
        chunks: list[bytes] = []
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > longest:
                raise BodyTooLargeError(_too_large(longest))
            chunks.append(chunk)
        body = b"".join(chunks)
    return read_fields(request.scope["query_string"], request.headers.get("content-type", ""), body)


def _too_large(longest: int) -> str:
    return f"a webhook's body may have {longest} bytes at most"
