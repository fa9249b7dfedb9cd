"""The HTTP API: parse, call a handler, answer; every route wants the service token or a staff session."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Depends
from pydantic import SecretStr

from case_store import errors
from case_store.handlers.access import Access
from case_store.handlers.announcements import Announcements
from case_store.handlers.cases import Cases
from case_store.handlers.casework import Casework
from case_store.handlers.citizen import Citizens
from case_store.handlers.codes import TrackingCodes
from case_store.handlers.consulting import Consulting
from case_store.handlers.dead_letters import DeadLetters
from case_store.handlers.knowledge import Knowledge
from case_store.handlers.partners import Partners
from case_store.handlers.submissions import Submissions
from case_store.handlers.webhooks import Webhooks
from case_store.handlers.working_time import WorkingTime
from case_store.routes import (
    announcement_routes,
    answer_routes,
    audit_routes,
    calendar_routes,
    call_routes,
    case_routes,
    casework_routes,
    citizen_routes,
    contact_routes,
    dead_letter_routes,
    export_routes,
    file_routes,
    official_routes,
    ola_routes,
    operation_routes,
    organisation_routes,
    partner_routes,
    people_routes,
    queue_routes,
    referral_routes,
    search_routes,
    session_routes,
    staff_routes,
    submission_routes,
    webhook_routes,
)
from case_store.routes.guard import authenticated, identifier, settled
from objects.errors import FileRefusedError, FileTooLargeError

STATUSES: Final[Mapping[type[Exception], int]] = {
    errors.NotFoundError: 404,
    errors.UnauthenticatedError: 401,
    errors.ForbiddenError: 403,
    errors.NoAddressError: 409,
    errors.StateError: 409,
    FileTooLargeError: 413,
    FileRefusedError: 415,
    errors.ConflictError: 409,
    errors.VersionMismatchError: 412,
    errors.KeyReusedError: 422,
    errors.TooLongToHearError: 422,
    errors.WeakPasswordError: 422,
    errors.BadCursorError: 422,
    errors.WorkingTimeError: 422,
    errors.CodesExhaustedError: 507,
}
"""Our errors as HTTP says them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handlers:
    """The use cases behind the routes."""

    access: Access
    cases: Cases
    citizens: Citizens
    work: Casework
    consulting: Consulting
    dead_letters: DeadLetters
    codes: TrackingCodes
    time: WorkingTime
    knowledge: Knowledge
    announcements: Announcements
    partners: Partners
    submissions: Submissions
    webhooks: Webhooks


def build_router(handlers: Handlers, token: SecretStr) -> APIRouter:
    """Everything under `/api/v1`."""
    access, consulting = handlers.access, handlers.consulting
    guard = authenticated(identifier(token, access.sessions))
    router = APIRouter(dependencies=[Depends(guard), Depends(settled)])
    router.include_router(staff_routes.build(access.members))
    router.include_router(organisation_routes.build(access.organisation))
    router.include_router(audit_routes.build(access.audit))
    router.include_router(case_routes.build(handlers.work))
    router.include_router(casework_routes.build(handlers.work))
    router.include_router(call_routes.build(handlers.work))
    router.include_router(queue_routes.build(handlers.work, access.sessions))
    router.include_router(contact_routes.build(handlers.cases))
    router.include_router(people_routes.build(handlers.cases, consulting.people, consulting.merging))
    router.include_router(referral_routes.build(consulting.referrals, consulting.watch))
    router.include_router(file_routes.build(consulting.files))
    router.include_router(calendar_routes.build(handlers.time.calendar, handlers.time.weeks))
    router.include_router(ola_routes.build(handlers.time.olas, handlers.time.deadlines))
    knowledge = handlers.knowledge
    router.include_router(answer_routes.build(knowledge.answers, knowledge.suggestions))
    router.include_router(announcement_routes.build(handlers.announcements))
    router.include_router(partner_routes.build(handlers.partners))
    router.include_router(submission_routes.build(handlers.submissions))
    router.include_router(webhook_routes.build(handlers.webhooks))
    router.include_router(citizen_routes.build(handlers.citizens))
    router.include_router(search_routes.build(knowledge.search))
    router.include_router(official_routes.build(knowledge.official))
    router.include_router(export_routes.build(knowledge.exports))
    router.include_router(dead_letter_routes.build(handlers.dead_letters))
    router.include_router(operation_routes.build(handlers.cases, handlers.codes))
    api = APIRouter(prefix="/api/v1")
    api.include_router(session_routes.way_in(access.sign_in, access.single_sign_on))
    api.include_router(
        session_routes.build(access.sessions, access.sign_in, access.accounts), dependencies=[Depends(guard)]
    )
    api.include_router(router)
    return api
