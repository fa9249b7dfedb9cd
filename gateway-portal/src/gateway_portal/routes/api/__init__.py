"""The API for other services: `/api/v1`, problem documents, a key in `Authorization: Bearer`."""

from fastapi import APIRouter, Depends

from gateway_portal.handlers.looking_back import LookingBack
from gateway_portal.handlers.own_webhooks import OwnWebhooks
from gateway_portal.handlers.partner_book import PartnerBook
from gateway_portal.handlers.submitting import Submitting
from gateway_portal.repository.once import Once
from gateway_portal.routes.api import case_routes, description, message_routes, webhook_routes
from gateway_portal.routes.api.guard import counted


def build(
    book: PartnerBook,
    submitting: Submitting,
    looking_back: LookingBack,
    own_webhooks: OwnWebhooks,
    once: Once,
) -> APIRouter:
    """Everything under `/api/v1`, with its own description."""
    router = APIRouter(prefix="/api/v1")
    router.include_router(message_routes.build(book, submitting, looking_back, once))
    router.include_router(case_routes.build(book, looking_back, once))
    router.include_router(
        webhook_routes.build(book, own_webhooks), dependencies=[Depends(counted(book, once))]
    )
    description.describe(router)
    return router
