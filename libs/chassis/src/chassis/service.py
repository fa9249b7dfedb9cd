"""A service from its parts: lifespan, health with reasons, metrics, problems, and its process."""

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import structlog
import uvicorn
from fastapi import APIRouter, Depends, FastAPI, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.telemetry import TelemetryConfig
from prometheus_client import CONTENT_TYPE_LATEST, Counter, generate_latest
from starlette.routing import BaseRoute, Route

from chassis.auth import open_to_all
from chassis.logging import configure_logging
from chassis.parts import Holding, Mortal, Part
from chassis.problems import DESCRIBED, install_problems
from chassis.settings import ServiceSettings
from envelope.errors import PayamError

_NOT_STARTED: Final = 3
"""The exit status of a service that could not start, as uvicorn's own command has it."""
_WATCH_SECONDS: Final = 0.5
_COLLECT_AFTER: Final = 20_000
"""New objects before the collector looks: a batch of messages makes that many, and few of them in circles."""
_IDLE_SECONDS: Final = 30
_TOLD_OF_A_ROUTE: Final = (
    *("path", "endpoint", "callbacks", "dependencies", "deprecated", "description", "include_in_schema"),
    *("generate_unique_id_function", "methods", "name", "openapi_extra", "operation_id", "response_class"),
    *("response_description", "response_model", "responses", "status_code", "summary", "tags"),
    *("response_model_by_alias", "response_model_exclude", "response_model_exclude_defaults"),
    *("response_model_exclude_none", "response_model_exclude_unset", "response_model_include"),
)
"""All that a route of ours says of itself, with what its routers add."""
_NO_TELEMETRY: Final[TelemetryConfig] = {"tracing": False, "metrics": False, "logs": False}
"""It would record what errors say, and looks at each request, a seventh of a short one, for whom to tell."""
_log = structlog.get_logger()
_deaths = Counter("payam_part_deaths", "Parts that died after they had started.", ["part"])


def build_service(  # noqa: PLR0913  (each is one thing a service has)
    *,
    name: str,
    description: str,
    parts: Sequence[Part],
    routers: Sequence[APIRouter] = (),
    problems: Mapping[type[Exception], int] | None = None,
    works_without: Collection[str] = (),
    version: str = "0.1.0",
) -> FastAPI:
    """An app whose parts start in order and stop in reverse.

    Args:
        name: As in the tree, `gateway-sms`.
        description: One sentence, shown in the API's documentation.
        parts: What lives as long as the service.
        routers: The routes beside health and metrics.
        problems: HTTP status of our errors; a retriable one not named is 503, another 500.
        works_without: Names of parts whose trouble leaves the service degraded, yet fit to be sent work.
        version: Of the API.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as running:
            for part in parts:
                await _started(part)
                running.push_async_callback(part.stop)
            watch = asyncio.create_task(_end_with_the_dead(parts), name="watch")
            running.callback(watch.cancel)
            _spare_the_collector()
            _log.info("service_started", parts=[part.name for part in parts])
            yield
            _log.info("service_stopping")

    app = FastAPI(
        title=f"Payam {name}",
        description=description,
        version=version,
        lifespan=lifespan,
        telemetry=_NO_TELEMETRY,
    )
    app.state.let_go = lambda: _let_go(parts)
    install_problems(app, problems or {})
    for router in (*routers, _operations(name, parts, works_without)):
        app.router.routes.extend(_flat(router))
    return app


def _flat(router: APIRouter) -> list[BaseRoute]:
    """Its routes as the app's own: an included router is matched anew at each request."""
    flat = APIRouter(responses=DESCRIBED)
    for route in router.routes:
        if isinstance(route, Route):
            flat.routes.append(route)
            continue
        for one in iter_route_contexts([route]):
            told = {name: getattr(one, name) for name in _TOLD_OF_A_ROUTE}
            kind = type(getattr(one, "original_route", None))
            flat.add_api_route(**told, route_class_override=kind if issubclass(kind, APIRoute) else None)
    return flat.routes


def serve(create_app: Callable[[], FastAPI], settings: ServiceSettings, service: str) -> None:
    """Run until SIGTERM or SIGINT; requests in flight are finished first."""
    configure_logging(settings, service)
    config = uvicorn.Config(
        create_app(),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",  # no route of ours is one; a gateway that speaks WebSocket to others has the library
        proxy_headers=False,  # nobody here asks for the caller's address
        # Longer than any client of ours keeps an idle connection: else one is used as it is being closed.
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=int(settings.stop_within_seconds),
    )
    server = _Server(config)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(_NOT_STARTED)


class _Server(uvicorn.Server):
    """Ends the requests that would wait for ever before it waits for all of them."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.config.loaded_app.state.let_go()
        await super().shutdown(sockets)


def _spare_the_collector() -> None:
    """What was built at start lives as long as the process; the garbage collector need not look again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)


async def _started(part: Part) -> None:
    try:
        await part.start()
    except PayamError as error:
        _log.error("service_refused_to_start", part=part.name, reason=str(error))
        raise


def _let_go(parts: Sequence[Part]) -> None:
    for part in parts:
        if isinstance(part, Holding):
            part.let_go()


def _operations(name: str, parts: Sequence[Part], works_without: Collection[str]) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get("/healthz", dependencies=[Depends(open_to_all("liveness tells nothing"))])
    async def alive() -> dict[str, str]:
        """Whether the process answers."""
        return {"service": name, "status": "alive"}

    @router.get("/readyz", dependencies=[Depends(open_to_all("reasons name parts, never data"))])
    async def ready() -> JSONResponse:
        """Whether work may be sent here, and what is wrong: 200 if ready or degraded, else 503."""
        reasons = {part.name: reason for part in parts if (reason := part.health()) is not None}
        fit = all(part in works_without for part in reasons)
        status = "ready" if not reasons else "degraded" if fit else "not ready"
        return JSONResponse({"service": name, "status": status, "reasons": reasons}, 200 if fit else 503)

    @router.get(
        "/metrics",
        dependencies=[Depends(open_to_all("counts only, no labels of people"))],
        response_class=PlainTextResponse,
    )
    async def metrics() -> Response:
        """Prometheus metrics."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


async def _end_with_the_dead(parts: Sequence[Part]) -> None:
    """A service whose consumer has died must not look alive: it ends, and its supervisor starts it anew."""
    while True:
        for part in parts:
            if isinstance(part, Mortal) and (error := part.failure()) is not None:
                _deaths.labels(part.name).inc()
                _log.error("part_died", part=part.name, error=type(error).__name__)
                os.kill(os.getpid(), signal.SIGTERM)
                return
        await asyncio.sleep(_WATCH_SECONDS)
