"""The HTTP API: parse, call a handler, answer; every route wants the service token."""

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Depends
from pydantic import SecretStr

from case_store import errors
from case_store.handlers.cases import Cases
from case_store.handlers.codes import TrackingCodes
from case_store.handlers.dead_letters import DeadLetters
from case_store.handlers.staff import Staff
from case_store.routes import case_routes, contact_routes, dead_letter_routes, operation_routes
from chassis.auth import bearer_token

STATUSES: Final[Mapping[type[Exception], int]] = {
    errors.NotFoundError: 404,
    errors.NoAddressError: 409,
    errors.ConflictError: 409,
    errors.VersionMismatchError: 412,
    errors.KeyReusedError: 422,
    errors.BadCursorError: 422,
    errors.CodesExhaustedError: 507,
}
"""Our errors as HTTP says them."""


def build_router(
    cases: Cases, staff: Staff, dead_letters: DeadLetters, codes: TrackingCodes, token: SecretStr
) -> APIRouter:
    """Everything under `/api/v1`."""
    router = APIRouter(prefix="/api/v1", dependencies=[Depends(bearer_token(token))])
    router.include_router(case_routes.build(cases, staff))
    router.include_router(contact_routes.build(cases))
    router.include_router(dead_letter_routes.build(dead_letters))
    router.include_router(operation_routes.build(cases, codes))
    return router
