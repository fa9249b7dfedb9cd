"""The description of the API: OpenAPI 3.1 with scopes, headers, problems, webhooks; `/api/v1/openapi.json`.

FastAPI describes what the routes say of themselves; what is the same for many of them is added here once.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from fastapi import APIRouter, Depends
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic.json_schema import models_json_schema

from chassis.auth import open_to_all
from chassis.problems import MEDIA_TYPE
from gateway_portal.routes.api import told
from gateway_portal.schemas.api.cases import ProblemDocument
from gateway_portal.schemas.api.events import Event
from gateway_portal.schemas.api.messages import NewMessage

_VERBS: Final = frozenset({"get", "post", "patch", "delete", "put"})


def describe(router: APIRouter) -> None:
    """Add `/openapi.json` to a router that has all its routes; `/api/v1` is in their paths already."""
    routes = list(router.routes)

    @cache
    def described() -> dict[str, Any]:
        return document(APIRouter(routes=routes))

    @router.get(
        "/openapi.json",
        include_in_schema=False,
        dependencies=[Depends(open_to_all("the form of the API, and no data"))],
    )
    async def show_description() -> JSONResponse:
        return JSONResponse(described())


def document(router: APIRouter) -> dict[str, Any]:
    """The whole description."""
    found = get_openapi(
        title="Payam for other services",
        version="1.0.0",
        openapi_version="3.1.0",
        summary="The API of the contact centre 1420 of Iran's Social Security.",
        description=told.ABOUT,
        routes=router.routes,
        tags=told.TAGS,
        servers=[{"url": "/", "description": "Where this description came from."}],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    _, models = models_json_schema(
        [(NewMessage, "validation"), (ProblemDocument, "serialization"), (Event, "serialization")],
        ref_template=told.REF,
    )
    components = found.setdefault("components", {})
    schemas = components.setdefault("schemas", {}) | models["$defs"]
    components["schemas"] = {
        name: schemas[name]
        for name in sorted(schemas)
        if name not in {"HTTPValidationError", "ValidationError"}
    }
    components["headers"] = dict(told.HEADERS)
    components["responses"] = {status: _problem(words) for status, words in told.PROBLEMS.items()}
    components["securitySchemes"] = {
        told.KEY: {
            "type": "http",
            "scheme": "bearer",
            "description": "A key of yours: `payam_live_…`, `payam_test_…`.",
        }
    }
    scopes = dict(_scopes(router))
    for path, verbs in found["paths"].items():
        for verb, operation in verbs.items():
            if verb in _VERBS:
                _complete(operation, scopes.get((path, verb), ()), in_path="{" in path)
    found["webhooks"] = {"event": {"post": told.WEBHOOK}}
    return found


def _complete(operation: dict[str, Any], scopes: tuple[str, ...], *, in_path: bool) -> None:
    name = operation.get("operationId", "")
    operation["security"] = [{told.KEY: list(scopes)}]
    needed = ", ".join(f"`{scope}`" for scope in scopes)
    operation["description"] = f"{operation.get('description', '')}\n\nNeeds the scope {needed}.".strip()
    responses = operation["responses"]
    for status, response in responses.items():
        if status.startswith("2"):
            response["headers"] = _refs("headers", "RateLimit-Policy", "RateLimit")
    own = told.OF.get(name) or (("404", "422") if in_path else ("422",))
    for status in (*told.OF_ALL, *own):
        responses[status] = {"$ref": f"#/components/responses/{status}"}
    if name == "handIn":
        _complete_hand_in(operation)
    if name in {"showCase", "withdraw"}:
        responses["200"]["headers"] |= _refs("headers", "ETag")
    if name == "showCase":
        responses["304"] = {"description": "As you know it.", "headers": _refs("headers", "ETag")}
    operation["responses"] = {status: responses[status] for status in sorted(responses)}


def _complete_hand_in(operation: dict[str, Any]) -> None:
    operation["parameters"] = [told.IDEMPOTENCY_KEY]
    schema = {"$ref": told.REF.format(model="NewMessage")}
    operation["requestBody"] = {
        "required": True,
        "content": {"application/json": {"schema": schema, "examples": told.BODIES}},
    }
    taken = operation["responses"]["201"]
    taken["description"] = "Taken: it cannot be lost any more."
    taken["headers"] |= _refs("headers", "Location", "Idempotency-Replayed")
    taken["content"]["application/json"]["examples"] = {"taken": {"value": told.RECEIPT}}
    taken["links"] = {
        "case": {"operationId": "showCase", "parameters": {"tracking_code": "$response.body#/tracking_code"}},
        "withdrawal": {
            "operationId": "withdraw",
            "parameters": {"tracking_code": "$response.body#/tracking_code"},
        },
    }


def _problem(words: str) -> dict[str, Any]:
    return {
        "description": words,
        "headers": _refs("headers", "Retry-After"),
        "content": {MEDIA_TYPE: {"schema": {"$ref": told.REF.format(model="ProblemDocument")}}},
    }


def _refs(kind: str, *names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/{kind}/{name}"} for name in names}


def _scopes(router: APIRouter) -> Iterator[tuple[tuple[str, str], tuple[str, ...]]]:
    for context in iter_route_contexts(router.routes):
        route = context._effective_route  # noqa: SLF001  (FastAPI's own walk ends here)
        dependant: Dependant = getattr(route, "dependant")  # noqa: B009  (not every route has one, ours do)
        found = tuple(scope for call in _calls(dependant) for scope in getattr(call, "scopes", ()))
        for verb in context.methods or ():
            yield (str(context.path), verb.lower()), found


def _calls(dependant: Dependant) -> Iterator[object]:
    for dependency in dependant.dependencies:
        yield dependency.call
        yield from _calls(dependency)
