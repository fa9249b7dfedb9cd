"""People: by id, or by an address that stays out of the URL."""

from uuid import UUID

from fastapi import APIRouter

from case_store.handlers.cases import Cases
from case_store.schemas.cases import ContactGiven
from case_store.schemas.requests import ContactSearch


def build(cases: Cases) -> APIRouter:
    """The routes under `/contacts`."""
    router = APIRouter(prefix="/contacts", tags=["contacts"])

    @router.post("/search", summary="Whose address is this?")
    async def search(body: ContactSearch) -> ContactGiven:
        """A POST, because an address must not stand in a URL or a log."""
        return ContactGiven.model_validate(await cases.contact_at(body.address))

    @router.get("/{contact_id}", summary="A person")
    async def show_contact(contact_id: UUID) -> ContactGiven:
        """With the addresses we know; their cases are at `/cases?contact=`."""
        return ContactGiven.model_validate(await cases.contact(contact_id))

    return router
