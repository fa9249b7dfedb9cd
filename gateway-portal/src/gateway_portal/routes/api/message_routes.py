"""Hand in what a person says, and list what was handed in."""

import json
from datetime import datetime
from hashlib import sha256
from typing import Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from chassis.problems import Problem
from envelope.models import Declared
from gateway_portal.handlers.looking_back import LookingBack
from gateway_portal.handlers.partner_book import PartnerBook
from gateway_portal.handlers.submitting import Submitting, person
from gateway_portal.model import Accepted, Caller, Scope, Submission
from gateway_portal.repository.once import Once
from gateway_portal.routes.api.direct import Direct
from gateway_portal.routes.api.guard import Partner, counted, partner_key
from gateway_portal.routes.api.parameters import Cursor, Limit, OwnName, idempotency_key
from gateway_portal.schemas.api.cases import Submissions
from gateway_portal.schemas.api.messages import ByAccount, ByMobile, NewMessage, Receipt

_JSON: Final = "application/json"
_CHOSEN: Final = ("topic", "kind", "audience", "province")


def build(book: PartnerBook, submitting: Submitting, looking_back: LookingBack, once: Once) -> APIRouter:
    """The routes under `/messages`."""
    router = APIRouter(tags=["messages"])
    router.include_router(_writing(book, submitting, once))
    router.include_router(_reading(book, looking_back, once))
    return router


def _writing(book: PartnerBook, submitting: Submitting, once: Once) -> APIRouter:
    router = APIRouter(prefix="/messages", route_class=Direct)

    @router.post(
        "",
        status_code=201,
        response_model=Receipt,
        dependencies=[Depends(partner_key(book, Scope.WRITE))],
        operation_id="handIn",
        summary="Hand in what a person says",
    )
    async def hand_in(request: Request) -> Response:
        """Once it is answered with 201 it cannot be lost.

        Send the same `Idempotency-Key` again after a time-out or a 5xx: it is one message however often it
        comes, and the answer is the first one's. A key is remembered for 24 hours at least.
        """
        caller: Caller = request.state.caller
        try:
            key = idempotency_key(request)
            body = await _body(request)
            submission = _submission(caller, _parsed(body))
        except Exception:
            await once.count(caller)
            raise
        accepted = await submitting.submit(caller, key, sha256(body).digest(), submission)
        return _receipt(accepted)

    return router


def _reading(book: PartnerBook, looking_back: LookingBack, once: Once) -> APIRouter:
    router = APIRouter(prefix="/messages", dependencies=[Depends(counted(book, once))])

    @router.get(
        "",
        dependencies=[Depends(partner_key(book, Scope.READ))],
        operation_id="listMessages",
        summary="List what you handed in",
    )
    async def list_messages(
        caller: Partner, limit: Limit = 50, cursor: Cursor = None, reference: OwnName = None
    ) -> Submissions:
        """The newest first; what was taken in the last moments may still be on its way here."""
        page = await looking_back.page(caller, limit=limit, cursor=cursor, reference=reference)
        return Submissions.model_validate(
            {"messages": [dict(each) for each in page.submissions], "next_cursor": page.next_cursor}
        )

    return router


async def _body(request: Request) -> bytes:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != _JSON:
        raise Problem(415, "Only JSON is read here", f"Send `Content-Type: {_JSON}`.")
    return await request.body()


def _parsed(body: bytes) -> NewMessage:
    try:
        return NewMessage.model_validate_json(body)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError(
            [{**fault, "loc": ("body", *_where(fault["loc"]))} for fault in faults]
        ) from None


def _where(place: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Without the name of the form of a person, which is no step in the body."""
    return (place[0], *place[2:]) if place[:1] == ("person",) else place


def _submission(caller: Caller, told: NewMessage) -> Submission:
    whose = told.person
    chosen = {name: value for name in _CHOSEN if (value := getattr(told, name)) is not None}
    return Submission(
        sender=person(
            caller,
            mobile=whose.e164 if isinstance(whose, ByMobile) else None,
            account=whose.account if isinstance(whose, ByAccount) else None,
        ),
        text=told.text,
        declared=Declared(**chosen) if chosen else None,
        refers_to=told.tracking_code,
        reference=told.reference,
        occurred_at=told.occurred_at,
    )


def _receipt(accepted: Accepted) -> Response:
    case = f"/api/v1/cases/{accepted.tracking_code}"
    told = {
        "message_id": str(accepted.message_id),
        "tracking_code": accepted.tracking_code,
        "state": "received",
        "accepted_at": moment(accepted.accepted_at),
        "links": {"case": case, "withdrawal": f"{case}/withdrawal"},
    }
    headers = {"Location": case} | ({"Idempotency-Replayed": "true"} if accepted.replayed else {})
    return Response(json.dumps(told), 201, headers, _JSON)


def moment(at: datetime) -> str:
    """As RFC 3339 has it, in UTC."""
    return at.isoformat().replace("+00:00", "Z")
