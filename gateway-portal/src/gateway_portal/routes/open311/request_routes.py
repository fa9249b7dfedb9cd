"""Hand a service request in, and see how one's own stand."""

import re
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, WithJsonSchema

from chassis.problems import Problem
from envelope.models import Language
from envelope.taxonomy import SECTION_OF, Topic
from envelope.tracking import parse
from gateway_portal.errors import FormRefusedError, NotThereError
from gateway_portal.handlers import own_requests
from gateway_portal.handlers.looking_back import LookingBack
from gateway_portal.handlers.own_requests import MOST_CODES, SPAN, Stretch, is_closed
from gateway_portal.handlers.partner_book import PartnerBook
from gateway_portal.handlers.submitting import Submitting
from gateway_portal.model import Scope
from gateway_portal.pages import language_of
from gateway_portal.repository.once import Once
from gateway_portal.routes.api.guard import Partner, counted, partner_key
from gateway_portal.routes.api.parameters import idempotency_key
from gateway_portal.routes.open311 import reading
from gateway_portal.routes.open311.documents import answer, told
from gateway_portal.routes.open311.guard import FilledIn, key_of_form, not_in_address
from gateway_portal.routes.open311.service_routes import Form
from gateway_portal.schemas.open311 import Receipt, RequestForm, ServiceRequest, Status
from gateway_portal.schemas.partners import PartnerCase, PartnerSubmission
from gateway_portal.words import say
from persian.words import word

_SUBMISSION: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/x-www-form-urlencoded": {"schema": RequestForm.model_json_schema()}},
    },
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "Open311 has none: without it the same form on the same day is the same request.",
            "schema": {"type": "string"},
        }
    ],
}
_W3: Final = (
    r"2[01][0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_KEYED: Final[dict[str, Any]] = {"security": [{"HTTPBearer": []}]}
_STATUSES: Final = {Status.OPEN: False, Status.CLOSED: True}


def _moment(value: object) -> object:
    """Nothing is none; a `+` of a zone may have become a space on the way."""
    if not isinstance(value, str) or not value.strip():
        return None
    moment = value.strip().replace(" ", "+")
    if not re.fullmatch(_W3, moment):
        message = "is no moment as the W3C's note has it, with its zone"
        raise ValueError(message)
    return moment


Moment = Annotated[
    AwareDatetime | None,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "pattern": f"^({_W3})?$", "examples": ["2026-11-01T00:00:00Z"]}),
]


class Wanted(BaseModel):
    """What a list is of; an empty parameter is none."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    service_request_id: str = ""
    """Tracking codes by comma, 50 at most; whatever else is asked, it is these."""
    service_code: str = ""
    """Services by comma."""
    status: str = ""
    """`open`, `closed`, or both by comma."""
    start_date: Moment = None
    """Handed in not before; else 90 days before the end."""
    end_date: Moment = None
    """Handed in not after; else now, or 90 days after the start."""

    def stretch(self, now: datetime) -> Stretch:
        """As the handler wants it.

        Raises:
            FormRefusedError: there is no such service or status, or the stretch is too long.
        """
        topics, statuses = _listed(self.service_code), _listed(self.status)
        if set(topics) - set(Topic):
            raise FormRefusedError(["unknown_service"], unknown=True)
        if set(statuses) - set(Status):
            raise FormRefusedError(["status"])
        first, last = _ends(self.start_date, self.end_date, now)
        closed = _STATUSES[Status(statuses[0])] if len(set(statuses)) == 1 else None
        return Stretch(first, last, {Topic(topic) for topic in topics}, closed)


def build(book: PartnerBook, submitting: Submitting, looking_back: LookingBack, once: Once) -> APIRouter:
    """The routes under `/requests`."""
    router = APIRouter(tags=["open311"], dependencies=[Depends(not_in_address)])
    reader = [Depends(counted(book, once)), Depends(partner_key(book, Scope.READ))]

    @router.post(
        "/requests.{form}",
        summary="Hand in a service request",
        status_code=HTTPStatus.CREATED,
        dependencies=[Depends(key_of_form(book, Scope.WRITE))],
        responses=told(list[Receipt], 400, 403, 404, 409, 429, 503, status=HTTPStatus.CREATED),
        openapi_extra=_SUBMISSION,
    )
    async def submit(request: Request, form: Form, fields: FilledIn, caller: Partner) -> Response:
        """For a person with an account of yours, or for a mobile number that you vouch for.

        The id is the tracking code by which the person asks as well. A place is not needed.
        """
        try:
            key = _key(request, fields)
            submission = reading.read(fields, caller)
        except FormRefusedError:
            await once.count(caller)
            raise
        accepted = await submitting.submit(caller, key, reading.fingerprint(fields), submission)
        notice = "open311.notice_sandbox" if caller.sandbox else "open311.notice"
        receipt = Receipt(
            service_request_id=accepted.tracking_code,
            service_notice=say(language_of(request), notice),
            account_id=fields.get("account_id") or None,
        )
        place = f"/open311/v2/requests/{accepted.tracking_code}.{form}"
        headers = {"Location": place, **({"Idempotency-Replayed": "true"} if accepted.replayed else {})}
        return answer(form, "service_requests", [receipt], HTTPStatus.CREATED, headers)

    @router.get(
        "/requests.{form}",
        summary="How do my service requests stand?",
        dependencies=reader,
        responses=told(list[ServiceRequest], 400, 403, 404, 429, 503),
        openapi_extra=_KEYED,
    )
    async def list_own(
        request: Request, form: Form, wanted: Annotated[Wanted, Query()], caller: Partner
    ) -> Response:
        """Your own, the newest first: of 90 days and 1,000 at most."""
        language = language_of(request)
        if codes := _listed(wanted.service_request_id):
            if len(codes) > MOST_CODES:
                raise FormRefusedError(["too_many_ids"])
            found = await own_requests.named(
                looking_back, caller, [code for each in codes if (code := parse(each))]
            )
        else:
            found = await own_requests.within(looking_back, caller, wanted.stretch(datetime.now(UTC)))
        return answer(form, "service_requests", [_shown(each, language) for each in found])

    @router.get(
        "/requests/{service_request_id}.{form}",
        summary="How does a service request stand?",
        dependencies=reader,
        responses=told(list[ServiceRequest], 400, 403, 404, 429, 503),
        openapi_extra=_KEYED,
    )
    async def show(
        request: Request,
        service_request_id: Annotated[str, Path(examples=["5834021976"])],
        form: Form,
        caller: Partner,
    ) -> Response:
        """With our answer in `status_notes`. 404 for an unknown one and for another client's alike."""
        code = parse(service_request_id)
        if code is None:
            message = "no tracking code"
            raise NotThereError(message)
        case = await looking_back.case(caller, code)
        return answer(form, "service_requests", [_shown(case, language_of(request))])

    return router


def _ends(start: datetime | None, end: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    last = end or (min(now, start + SPAN) if start else now)
    first = start or last - SPAN
    if not timedelta() <= last - first <= SPAN:
        raise FormRefusedError(["range"])
    return first, last


def _listed(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _key(request: Request, fields: FilledIn) -> str:
    if "idempotency-key" not in request.headers:
        return reading.key_of(fields, request.state.hidden_by, datetime.now(UTC))
    try:
        return idempotency_key(request)
    except Problem:
        raise FormRefusedError(["key_malformed"]) from None


def _shown(submission: PartnerSubmission, language: Language) -> ServiceRequest:
    closed = is_closed(submission)
    case = submission if isinstance(submission, PartnerCase) else None
    notes = next((each.text for each in reversed(case.answers) if each.text), None) if case else None
    ended = case.closed_at if case and closed else None
    return ServiceRequest(
        service_request_id=submission.tracking_code,
        status=Status.CLOSED if closed else Status.OPEN,
        status_notes=notes or say(language, f"open311.status.{submission.state}"),
        service_name=word(submission.topic, language),
        service_code=submission.topic,
        agency_responsible=say(
            language, "open311.agency", section=word(SECTION_OF[submission.topic], language)
        ),
        requested_datetime=submission.submitted_at,
        updated_datetime=ended or submission.last_activity_at,
        expected_datetime=case.due_at if case else None,
    )
