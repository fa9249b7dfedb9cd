"""Webhooks: set up for a partner, claimed and reported by the gateway."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response

from case_store.cursors import from_cursor
from case_store.handlers.endpoints import Endpoints, Whose
from case_store.handlers.telling import Telling
from case_store.handlers.webhooks import Webhooks
from case_store.routes.citizen_routes import unkept
from case_store.routes.guard import Caller, demand
from case_store.routes.parameters import Cursor, IfMatch, Limit, cut, version_of
from case_store.schemas import webhooks as schemas
from case_store.schemas.partners import PartnerId
from case_store.staffing import Right


async def _whose(
    partner_id: Annotated[PartnerId, Path(description="Whose.")],
    *,
    sandbox: Annotated[
        bool | None,
        Query(description="Only of the sandbox, or only outside it: for whoever speaks for a key."),
    ] = None,
) -> Whose:
    return Whose(partner_id, sandbox)


Of = Annotated[Whose, Depends(_whose)]


def build(webhooks: Webhooks) -> APIRouter:
    """The routes under `/partners/…/webhooks` and `/webhooks`."""
    router = APIRouter(tags=["webhooks"])
    router.include_router(_set_up(webhooks.endpoints))
    router.include_router(_log(webhooks.endpoints))
    router.include_router(_work(webhooks.telling))
    return router


def _set_up(endpoints: Endpoints) -> APIRouter:
    router = APIRouter(prefix="/partners/{partner_id}/webhooks", dependencies=[demand(Right.MANAGE_PARTNERS)])

    @router.get("", summary="Where a partner is told")
    async def list_webhooks(actor: Caller, whose: Of) -> schemas.WebhooksGiven:
        """The oldest first; without their secrets."""
        rows = await endpoints.all(actor, whose)
        return schemas.WebhooksGiven(webhooks=[schemas.WebhookGiven.model_validate(row) for row in rows])

    @router.post("", status_code=HTTPStatus.CREATED, summary="Tell a partner at an address")
    async def make(
        actor: Caller, partner_id: PartnerId, body: schemas.WebhookMake, response: Response
    ) -> schemas.WebhookMade:
        """The secret is told this once. 20 at most."""
        response.headers["Cache-Control"] = "no-store"
        made = schemas.WebhookMade.model_validate(await endpoints.make(actor, partner_id, body.model_dump()))
        response.headers["ETag"] = f'"{made.version}"'
        return made

    @router.get("/{webhook_id}", summary="One endpoint")
    async def show(actor: Caller, whose: Of, webhook_id: UUID, response: Response) -> schemas.WebhookGiven:
        """Without its secret."""
        return _tagged(response, await endpoints.find(actor, whose, webhook_id))

    @router.patch("/{webhook_id}", summary="Change an endpoint")
    async def change(
        actor: Caller,
        whose: Of,
        webhook_id: UUID,
        body: schemas.WebhookChange,
        response: Response,
        if_match: IfMatch = None,
    ) -> schemas.WebhookGiven:
        """What is left out stays. What waits for one that is disabled is dead."""
        changes = body.model_dump(exclude_unset=True)
        found = await endpoints.change(actor, whose, webhook_id, changes, version_of(if_match))
        return _tagged(response, found)

    @router.delete(
        "/{webhook_id}", status_code=HTTPStatus.NO_CONTENT, summary="Take an endpoint away, with its log"
    )
    async def remove(actor: Caller, whose: Of, webhook_id: UUID) -> None:
        """What waits is never told."""
        await endpoints.remove(actor, whose, webhook_id)

    @router.post("/{webhook_id}/secret", summary="Give an endpoint another secret")
    async def renew(actor: Caller, whose: Of, webhook_id: UUID, response: Response) -> schemas.WebhookMade:
        """Told this once; the one before signs too for 24 hours."""
        response.headers["Cache-Control"] = "no-store"
        return schemas.WebhookMade.model_validate(await endpoints.renew_secret(actor, whose, webhook_id))

    return router


def _log(endpoints: Endpoints) -> APIRouter:
    router = APIRouter(
        prefix="/partners/{partner_id}/webhooks/{webhook_id}",
        dependencies=[demand(Right.MANAGE_PARTNERS)],
    )

    @router.post("/test", status_code=HTTPStatus.ACCEPTED, summary="Try an endpoint")
    async def test(actor: Caller, whose: Of, webhook_id: UUID) -> schemas.DeliveryGiven:
        """With an event that tells of nothing; how it went is in the log."""
        return schemas.DeliveryGiven.model_validate(await endpoints.test(actor, whose, webhook_id))

    @router.get("/deliveries", summary="What an endpoint was told")
    async def list_deliveries(
        actor: Caller,
        whose: Of,
        webhook_id: UUID,
        state: Annotated[schemas.DeliveryState | None, Query(description="How far it has come.")] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> schemas.DeliveryPage:
        """The newest first, with every attempt."""
        after = from_cursor(cursor) if cursor else None
        rows = await endpoints.log(actor, whose, webhook_id, state=state, after=after, limit=limit + 1)
        page, next_cursor = cut(rows, limit, "created_at")
        deliveries = [schemas.DeliveryGiven.model_validate(row) for row in page]
        return schemas.DeliveryPage(deliveries=deliveries, next_cursor=next_cursor)

    @router.post("/deliveries/{delivery_id}/replay", summary="Tell an endpoint something again")
    async def replay(actor: Caller, whose: Of, webhook_id: UUID, delivery_id: UUID) -> schemas.DeliveryGiven:
        """Under the event's own id, with every try before it again."""
        found = await endpoints.replay(actor, whose, webhook_id, delivery_id)
        return schemas.DeliveryGiven.model_validate(found)

    return router


def _work(telling: Telling) -> APIRouter:
    router = APIRouter(prefix="/webhooks", dependencies=[demand(Right.SPEAK_FOR_PARTNERS), Depends(unkept)])

    @router.post("/claims", summary="Claim what is due")
    async def claim(actor: Caller, body: schemas.ClaimRequest) -> schemas.Work:
        """For the gateway, which posts it; the secrets that sign it come with it."""
        rows = await telling.claim(actor, body.limit, timedelta(seconds=body.lease_seconds))
        return schemas.Work(work=[schemas.WorkGiven.model_validate(row) for row in rows])

    @router.post("/results", status_code=HTTPStatus.NO_CONTENT, summary="Report how it went")
    async def report(actor: Caller, body: schemas.ResultsRequest) -> None:
        """2xx is delivered, 410 ends the endpoint, everything else is tried again for three days."""
        await telling.report(actor, body.results)

    return router


def _tagged(response: Response, found: object) -> schemas.WebhookGiven:
    given = schemas.WebhookGiven.model_validate(found)
    response.headers["ETag"] = f'"{given.version}"'
    return given
