"""A direct route is as guarded as any other, and cannot be one that asks for more than the request."""

import pytest
from fastapi import APIRouter, Depends, FastAPI, Header, Request, Response
from fastapi.routing import iter_route_contexts

from gateway_portal.routes.api.direct import Direct


async def endpoint(request: Request) -> Response:
    return Response(request.method)


async def asks_for_a_header(request: Request, name: str = Header()) -> None: ...


async def asks_for_another(request: Request, name: None = Depends(endpoint)) -> None: ...


@pytest.mark.parametrize("guard", [asks_for_a_header, asks_for_another])
def test_a_guard_that_asks_for_more_is_found_at_start(guard):
    router = APIRouter(route_class=Direct)
    with pytest.raises(TypeError, match="the request and nothing else"):
        router.add_api_route("/", endpoint, dependencies=[Depends(guard)], response_model=None)


async def test_the_busiest_door_is_direct(portal):
    app: FastAPI = portal.app
    [route] = [
        context.original_route
        for context in iter_route_contexts(app.routes)
        if context.path == "/api/v1/messages" and "POST" in context.methods
    ]
    assert isinstance(route, Direct)
