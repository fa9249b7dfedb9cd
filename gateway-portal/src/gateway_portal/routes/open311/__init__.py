"""Open311 GeoReport v2: a second face of `/api/v1`, for what speaks it already."""

from fastapi import APIRouter

from gateway_portal.handlers.looking_back import LookingBack
from gateway_portal.handlers.partner_book import PartnerBook
from gateway_portal.handlers.submitting import Submitting
from gateway_portal.repository.once import Once
from gateway_portal.routes.open311 import request_routes, service_routes


def build(
    book: PartnerBook, submitting: Submitting, looking_back: LookingBack, once: Once, public_url: str
) -> APIRouter:
    """The routes under `/open311`; `public_url` is where they are reached, if it was told."""
    router = APIRouter(prefix="/open311")
    router.include_router(service_routes.discovery(public_url))
    router.include_router(service_routes.build(), prefix="/v2")
    router.include_router(request_routes.build(book, submitting, looking_back, once), prefix="/v2")
    return router
