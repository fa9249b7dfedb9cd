"""What a request can be about: our topics as Open311's services, and where all this is found."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request, Response

from chassis.auth import open_to_all
from envelope.models import Language
from envelope.taxonomy import SECTION_OF, Audience, Topic
from gateway_portal.errors import FormRefusedError
from gateway_portal.pages import language_of
from gateway_portal.routes.open311.documents import answer, told
from gateway_portal.routes.open311.reading import KINDS
from gateway_portal.schemas.open311 import (
    Attribute,
    Choice,
    Discovery,
    Endpoint,
    Format,
    Service,
    ServiceDefinition,
)
from gateway_portal.words import say
from persian.words import PROVINCES, word

Form = Annotated[Format, Path(description="What to answer in.")]
SPECIFICATION: Final = "http://wiki.open311.org/GeoReport_v2"
_CHANGED: Final = "2026-11-22 14:00"
"""When the services or their definitions last changed: clients then ask for them anew."""
_OPEN: Final = [Depends(open_to_all("what there is to choose from, the same for all"))]
_LANGUAGE: Final[dict[str, Any]] = {
    "parameters": [
        {
            "name": "lang",
            "in": "query",
            "description": "`en` for English; else Persian.",
            "schema": {"type": "string"},
        }
    ]
}


def build() -> APIRouter:
    """The routes under `/services`."""
    router = APIRouter(tags=["open311"], dependencies=_OPEN)

    @router.get(
        "/services.{form}",
        summary="What can a request be about?",
        responses=told(list[Service], 404),
        openapi_extra=_LANGUAGE,
    )
    async def services(request: Request, form: Form) -> Response:
        """Every topic, each with fields of its own to fill in."""
        language = language_of(request)
        return answer(form, "services", [_service(topic, language) for topic in Topic])

    @router.get(
        "/services/{service_code}.{form}",
        summary="Which fields has a service?",
        responses=told(ServiceDefinition, 404),
        openapi_extra=_LANGUAGE,
    )
    async def definition(
        request: Request, service_code: Annotated[str, Path(examples=["pension_payment"])], form: Form
    ) -> Response:
        """None of them has to be filled in. 404 for an unknown service."""
        if service_code not in list(Topic):
            raise FormRefusedError(["unknown_service"], unknown=True)
        document = ServiceDefinition(service_code=service_code, attributes=attributes(language_of(request)))
        return answer(form, "service_definition", document)

    return router


def discovery(public_url: str) -> APIRouter:
    """Open311's Service Discovery; `public_url` is where we are reached, if it was told."""
    router = APIRouter(tags=["open311"], dependencies=_OPEN)

    @router.get(
        "/discovery.{form}",
        summary="Where is what?",
        responses=told(Discovery, 404),
        openapi_extra=_LANGUAGE,
    )
    async def discover(request: Request, form: Form) -> Response:
        """The endpoint, who helps, how to get a key."""
        language = language_of(request)
        endpoint = Endpoint(
            specification=SPECIFICATION,
            url=f"{(public_url or str(request.base_url)).rstrip('/')}/open311/v2",
            changeset=_CHANGED,
            type="production",
            formats=["text/xml", "application/json"],
        )
        document = Discovery(
            changeset=_CHANGED,
            contact=say(language, "open311.discovery.contact"),
            key_service=say(language, "open311.discovery.key_service"),
            endpoints=[endpoint],
        )
        return answer(form, "discovery", document)

    return router


def attributes(language: Language) -> list[Attribute]:
    """What every service asks for beside Open311's own fields."""
    chosen = {
        "kind": [Choice(key=kind, name=word(kind, language)) for kind in KINDS],
        "audience": [Choice(key=each, name=word(each, language)) for each in Audience],
        "province": [Choice(key=province, name=province) for province in PROVINCES],
    }
    lists = [
        Attribute(
            code=code,
            datatype="singlevaluelist",
            order=order,
            description=say(language, f"open311.attribute.{code}"),
            values=values,
        )
        for order, (code, values) in enumerate(chosen.items(), 1)
    ]
    code = Attribute(
        code="tracking_code",
        datatype="string",
        datatype_description=say(language, "open311.attribute.tracking_code_hint"),
        order=len(lists) + 1,
        description=say(language, "open311.attribute.tracking_code"),
    )
    return [*lists, code]


def _service(topic: Topic, language: Language) -> Service:
    return Service(
        service_code=topic,
        service_name=word(topic, language),
        description=say(language, f"open311.description.{topic}"),
        keywords=say(language, f"open311.keywords.{topic}"),
        group=word(SECTION_OF[topic], language),
    )
