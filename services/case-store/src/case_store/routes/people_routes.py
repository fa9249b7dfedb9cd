"""People changed: name, national id, addresses; merged and parted."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Response

from case_store.handlers.cases import Cases
from case_store.handlers.merging import Merging
from case_store.handlers.people import People
from case_store.repository.merges import Merge
from case_store.routes.guard import Caller
from case_store.routes.parameters import IfMatch, version_of
from case_store.schemas.conversation import ContactGiven
from case_store.schemas.people import AddressRequest, MergeGiven, MergeMade, MergeRequest, PersonChange
from case_store.staffing import Actor


def build(cases: Cases, people: People, merging: Merging) -> APIRouter:
    """The routes under `/contacts/{id}` that change something, and `/merges`."""
    router = APIRouter(tags=["contacts"])

    @router.patch("/contacts/{contact_id}", summary="Name a person, or give their national id")
    async def change(
        actor: Caller, contact_id: UUID, body: PersonChange, response: Response, if_match: IfMatch = None
    ) -> ContactGiven:
        """The national id's check digit is checked; eight and nine digits get their zeros back."""
        fields = body.model_dump(exclude_unset=True)
        await people.change(actor, contact_id, fields, version_of(if_match))
        return await _shown(cases, actor, contact_id, response)

    @router.post("/contacts/{contact_id}/addresses", status_code=HTTPStatus.CREATED, summary="Add an address")
    async def add_address(
        actor: Caller, contact_id: UUID, body: AddressRequest, response: Response, if_match: IfMatch = None
    ) -> ContactGiven:
        """409 with `contact_id` if it is another person's; they may be the same one."""
        await people.add_address(actor, contact_id, body.address, version_of(if_match))
        return await _shown(cases, actor, contact_id, response)

    @router.post(
        "/contacts/{contact_id}/merge", status_code=HTTPStatus.CREATED, summary="Two contacts, one person"
    )
    async def merge(actor: Caller, contact_id: UUID, body: MergeRequest) -> MergeMade:
        """Addresses, cases and messages of the other one become this one's; it can be undone."""
        return MergeMade(merge_id=await merging.merge(actor, contact_id, body.other_id, body.reason))

    @router.get("/contacts/{contact_id}/merges", summary="Whom a person was merged with")
    async def list_merges(actor: Caller, contact_id: UUID) -> list[MergeGiven]:
        """The newest first, undone ones too."""
        return [_given(one) for one in await merging.of(actor, contact_id)]

    @router.post("/merges/{merge_id}/undo", summary="Part two people again")
    async def undo(actor: Caller, merge_id: UUID) -> MergeGiven:
        """What still is where the merge put it goes back; what came since stays with the kept one."""
        return _given(await merging.undo(actor, merge_id))

    return router


async def _shown(cases: Cases, actor: Actor, contact_id: UUID, response: Response) -> ContactGiven:
    person = await cases.contact(actor, contact_id)
    response.headers["ETag"] = f'"{person["version"]}"'
    return ContactGiven.model_validate(person)


def _given(merge: Merge) -> MergeGiven:
    moved = merge.moved
    return MergeGiven(
        id=merge.id,
        kept_id=merge.kept_id,
        merged_id=merge.merged_id,
        reason=merge.reason,
        made_by=merge.made_by,
        made_at=merge.made_at,
        undone_by=merge.undone_by,
        undone_at=merge.undone_at,
        addresses=len(moved.addresses),
        cases=len(moved.cases),
        messages=len(moved.messages) + len(moved.outbound),
    )
