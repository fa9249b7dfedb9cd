"""A partner's webhooks: where to tell it what, with which secret, and what became of each telling."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from gateway_portal.handlers.own_webhooks import OwnWebhooks
from gateway_portal.handlers.partner_book import PartnerBook
from gateway_portal.model import Scope
from gateway_portal.routes.api.guard import Partner, partner_key
from gateway_portal.routes.api.parameters import Cursor, IfMatch, Limit, tag_of, version_of
from gateway_portal.schemas.api import webhooks as schemas


def build(book: PartnerBook, own: OwnWebhooks) -> APIRouter:
    """The routes under `/webhooks`."""
    router = APIRouter(tags=["webhooks"], dependencies=[Depends(partner_key(book, Scope.WEBHOOKS))])
    router.include_router(_set_up(own))
    router.include_router(_log(own))
    return router


def _set_up(own: OwnWebhooks) -> APIRouter:
    router = APIRouter(prefix="/webhooks")

    @router.get("", operation_id="listWebhooks", summary="Where you are told")
    async def list_webhooks(caller: Partner) -> schemas.Webhooks:
        """Of the world of this key: live ones, or those of the sandbox."""
        return await own.all(caller)

    @router.post("", status_code=201, operation_id="makeWebhook", summary="Be told at an address")
    async def make(
        caller: Partner, body: schemas.NewWebhook, response: Response
    ) -> schemas.WebhookWithSecret:
        """The secret is told this once. 20 at most."""
        made = await own.make(caller, body.model_dump())
        response.headers.update({"Cache-Control": "no-store", "ETag": tag_of(made.version)})
        response.headers["Location"] = f"/api/v1/webhooks/{made.id}"
        return made

    @router.get("/{webhook_id}", operation_id="showWebhook", summary="One webhook")
    async def show(caller: Partner, webhook_id: UUID, response: Response) -> schemas.Webhook:
        """Without its secret."""
        return _tagged(response, await own.find(caller, webhook_id))

    @router.patch("/{webhook_id}", operation_id="changeWebhook", summary="Change a webhook")
    async def change(
        caller: Partner,
        webhook_id: UUID,
        body: schemas.WebhookChange,
        response: Response,
        if_match: IfMatch = None,
    ) -> schemas.Webhook:
        """What is left out stays."""
        changes = body.model_dump(exclude_unset=True)
        return _tagged(response, await own.change(caller, webhook_id, changes, version_of(if_match)))

    @router.delete(
        "/{webhook_id}", status_code=204, operation_id="removeWebhook", summary="Take a webhook away"
    )
    async def remove(caller: Partner, webhook_id: UUID) -> None:
        """With its log; what waits is never told."""
        await own.remove(caller, webhook_id)

    @router.post("/{webhook_id}/secret", operation_id="renewSecret", summary="Get another secret")
    async def renew_secret(
        caller: Partner, webhook_id: UUID, response: Response
    ) -> schemas.WebhookWithSecret:
        """Told this once. The one before signs too for 24 hours: two signatures stand in the header."""
        response.headers["Cache-Control"] = "no-store"
        return await own.renew_secret(caller, webhook_id)

    return router


def _log(own: OwnWebhooks) -> APIRouter:
    router = APIRouter(prefix="/webhooks/{webhook_id}")

    @router.post("/test", status_code=202, operation_id="testWebhook", summary="Try a webhook")
    async def test(caller: Partner, webhook_id: UUID) -> schemas.Delivery:
        """An event `ir.payam.webhook.test`, which tells of nothing; how it went is in the log."""
        return await own.test(caller, webhook_id)

    @router.get("/deliveries", operation_id="listDeliveries", summary="What a webhook was told")
    async def list_deliveries(
        caller: Partner,
        webhook_id: UUID,
        state: Annotated[
            Literal["pending", "delivered", "dead"] | None, Query(description="How far it has come.")
        ] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> schemas.Deliveries:
        """The newest first, with every try. Delivered ones are kept for 30 days, dead ones for 90."""
        asked = {"state": state, "limit": limit, "cursor": cursor}
        query = {name: value for name, value in asked.items() if value is not None}
        return await own.log(caller, webhook_id, query)

    @router.post(
        "/deliveries/{delivery_id}/replay", operation_id="replayDelivery", summary="Be told something again"
    )
    async def replay(caller: Partner, webhook_id: UUID, delivery_id: UUID) -> schemas.Delivery:
        """Under the event's own id, with every try before it again."""
        return await own.replay(caller, webhook_id, delivery_id)

    return router


def _tagged(response: Response, webhook: schemas.Webhook) -> schemas.Webhook:
    response.headers["ETag"] = tag_of(webhook.version)
    return webhook
