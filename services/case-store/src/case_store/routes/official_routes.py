"""Official replies: issue, list, revoke; and what the public page asks."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter

from case_store.handlers.official import OfficialReplies
from case_store.routes.guard import Caller
from case_store.routes.parameters import Code, IfMatch, version_of
from case_store.schemas import official as schemas


def build(official: OfficialReplies) -> APIRouter:
    """The routes under `/cases/{code}/official-replies`, `/official-replies` and `/verifications`."""
    router = APIRouter(tags=["official replies"])

    @router.get("/cases/{tracking_code}/official-replies", summary="The official replies of a case")
    async def list_replies(actor: Caller, tracking_code: Code) -> schemas.OfficialReplies:
        """Void ones too."""
        rows = await official.of_case(actor, tracking_code)
        return schemas.OfficialReplies(
            official_replies=[schemas.OfficialGiven.model_validate(row) for row in rows]
        )

    @router.post(
        "/cases/{tracking_code}/official-replies",
        status_code=HTTPStatus.CREATED,
        summary="Issue an official reply",
    )
    async def issue(
        actor: Caller, tracking_code: Code, body: schemas.OfficialRequest, if_match: IfMatch = None
    ) -> schemas.OfficialGiven:
        """With a verification code that the public page confirms. It is not sent: print it, or reply."""
        answer = (
            (body.answer_id, body.answer_number)
            if body.answer_id is not None and body.answer_number is not None
            else None
        )
        issued = await official.issue(actor, tracking_code, body.text, answer, version_of(if_match))
        return schemas.OfficialGiven.model_validate(issued)

    @router.post("/official-replies/{reply_id}/revoke", summary="Declare an official reply void")
    async def revoke(actor: Caller, reply_id: UUID, body: schemas.RevokeRequest) -> schemas.OfficialGiven:
        """It stays, and the public page says that it is void."""
        return schemas.OfficialGiven.model_validate(await official.revoke(actor, reply_id, body.reason))

    @router.post("/verifications", summary="Is a letter genuine?")
    async def verify(actor: Caller, body: schemas.VerificationRequest) -> schemas.Verification:
        """Answers 200 whether or not the code is known."""
        found = await official.verify(actor, body.code)
        if found is None:
            return schemas.Verification(known=False, genuine=False)
        void = found["revoked_at"] is not None
        return schemas.Verification(
            known=True,
            genuine=not void,
            issued_at=found["issued_at"],
            revoked_at=found["revoked_at"],
            text=None if void else found["text"],
        )

    return router
