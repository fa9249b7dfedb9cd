"""Partners and their keys, for administrators, the command line and the gateway."""

import json
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Path, Response

from case_store.handlers.partners import Partners
from case_store.routes.guard import Caller
from case_store.routes.parameters import IfMatch, version_of
from case_store.schemas.partners import (
    Book,
    KeyGiven,
    KeyMade,
    KeyMake,
    KeysGiven,
    PartnerChange,
    PartnerGiven,
    PartnerId,
    PartnerMake,
    PartnersGiven,
    Revocation,
)

PartnerPath = Annotated[PartnerId, Path(description="As it stands on its messages.")]
IfNoneMatch = Annotated[str | None, Header(description="The ETag of the book that the caller has.")]


def build(partners: Partners) -> APIRouter:
    """The routes under `/partners`."""
    router = APIRouter(prefix="/partners", tags=["partners"])

    @router.get(
        "/book",
        summary="Who may come in by the API",
        response_model=Book,
        responses={304: {"description": "As the caller has it."}},
    )
    async def show_book(
        actor: Caller, response: Response, if_none_match: IfNoneMatch = None
    ) -> Book | Response:
        """Active partners with the hashes of the keys that are good now; services alone."""
        book = Book.model_validate({"partners": await partners.book(actor)})
        tag = _weak_tag(book)
        if if_none_match is not None and tag in {one.strip() for one in if_none_match.split(",")}:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
        response.headers["ETag"] = tag
        response.headers["Cache-Control"] = "private, no-cache"
        return book

    @router.get("", summary="List the partners")
    async def list_partners(actor: Caller) -> PartnersGiven:
        """By name; suspended ones too."""
        return PartnersGiven.model_validate({"partners": await partners.everybody(actor)})

    @router.post("", status_code=HTTPStatus.CREATED, summary="Make a partner")
    async def make(actor: Caller, body: PartnerMake, response: Response) -> PartnerGiven:
        """It can do nothing until it is given a key. 409 for an id that is taken."""
        return _tagged(response, await partners.make(actor, body.model_dump()))

    @router.get("/{partner_id}", summary="A partner")
    async def show(actor: Caller, partner_id: PartnerPath, response: Response) -> PartnerGiven:
        """With its ETag."""
        return _tagged(response, await partners.find(actor, partner_id))

    @router.patch("/{partner_id}", summary="Change a partner")
    async def change(
        actor: Caller,
        partner_id: PartnerPath,
        body: PartnerChange,
        response: Response,
        if_match: IfMatch = None,
    ) -> PartnerGiven:
        """What is left out stays. A suspended one's keys open nothing."""
        changes = body.model_dump(exclude_unset=True)
        return _tagged(response, await partners.change(actor, partner_id, changes, version_of(if_match)))

    @router.get("/{partner_id}/keys", summary="A partner's keys")
    async def list_keys(actor: Caller, partner_id: PartnerPath) -> KeysGiven:
        """The newest first, without what they are; old ones too."""
        return KeysGiven.model_validate({"keys": await partners.keys(actor, partner_id)})

    @router.post("/{partner_id}/keys", status_code=HTTPStatus.CREATED, summary="Give a partner a key")
    async def give_key(actor: Caller, partner_id: PartnerPath, body: KeyMake, response: Response) -> KeyMade:
        """Told this once: only its hash is kept."""
        response.headers["Cache-Control"] = "no-store"
        return KeyMade.model_validate(await partners.give_key(actor, partner_id, body.model_dump()))

    @router.post("/{partner_id}/keys/{key_id}/revocation", summary="Take a key back")
    async def revoke(
        actor: Caller, partner_id: PartnerPath, key_id: UUID, body: Revocation | None = None
    ) -> KeyGiven:
        """Now, or at a later moment: time to go over to another key."""
        at = body.at if body else None
        return KeyGiven.model_validate(await partners.revoke(actor, partner_id, key_id, at))

    return router


def _weak_tag(book: Book) -> str:
    told = json.dumps(book.model_dump(mode="json"), sort_keys=True).encode()
    return f'W/"{sha256(told).hexdigest()[:32]}"'


def _tagged(response: Response, found: object) -> PartnerGiven:
    given = PartnerGiven.model_validate(found)
    response.headers["ETag"] = f'"{given.version}"'
    return given
