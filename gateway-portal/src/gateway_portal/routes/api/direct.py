"""A route for the busiest door: its guards and endpoint take the request, so there is nothing to solve."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import request_response


class Direct(APIRoute):
    """Described and guarded as any other route."""

    def __init__(self, *told: Any, **more: Any) -> None:  # noqa: ANN401  (as FastAPI has it)
        """Set up as FastAPI does, but for the way a request takes."""
        super().__init__(*told, **more)
        self.app = request_response(self.get_route_handler())

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """One guard after another, then the endpoint.

        Raises:
            TypeError: one of them asks for more than the request.
        """
        guards = [_with_request(dependency) for dependency in self.dependant.dependencies]
        endpoint = self.endpoint

        async def handle(request: Request) -> Response:
            for guard in guards:
                await guard(request)
            response: Response = await endpoint(request)
            return response

        return handle


def _with_request(dependency: Dependant) -> Callable[[Request], Awaitable[None]]:
    asked = dependency.dependencies or dependency.header_params or dependency.query_params
    if asked or dependency.request_param_name is None or dependency.call is None:
        message = "a direct route's guards take the request and nothing else"
        raise TypeError(message)
    guard: Callable[[Request], Awaitable[None]] = dependency.call
    return guard
