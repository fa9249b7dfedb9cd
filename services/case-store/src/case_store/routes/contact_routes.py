"""People: by id, or by an address that stays out of the URL."""

from uuid import UUID

from fastapi import APIRouter, Response

from case_store.handlers.cases import Cases
from case_store.routes.guard import Caller
from case_store.schemas.conversation import ContactGiven
from case_store.schemas.requests import ContactSearch


def build(cases: Cases) -> APIRouter:
    """The routes under `/contacts`."""
    router = APIRouter(prefix="/contacts", tags=["contacts"])

    @router.post("/search", summary="Whose address is this?")
    async def search(actor: Caller, body: ContactSearch) -> ContactGiven:
        """A POST, because an address must not stand in a URL or a log."""
        return ContactGiven.model_validate(await cases.contact_at(actor, body.address))

    @router.get("/{contact_id}", summary="A person")
    async def show_contact(actor: Caller, contact_id: UUID, response: Response) -> ContactGiven:
        """With the addresses we know, for who reaches one of their cases: `/cases?contact=`."""
        person = ContactGiven.model_validate(await cases.contact(actor, contact_id))
        response.headers["ETag"] = f'"{person.version}"'
        return person

    return router
