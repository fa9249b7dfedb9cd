"""The staff: who works here, where, as what; and helping somebody back in."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from case_store.handlers.members import Members
from case_store.routes.guard import Caller
from case_store.routes.parameters import IfMatch, version_of
from case_store.schemas.access import EndedSessions
from case_store.schemas.organisation import UnitId
from case_store.schemas.staff import (
    PasswordGiven,
    PasswordReset,
    StaffChange,
    StaffEmploy,
    StaffEmployed,
    StaffGiven,
    StaffPage,
    StaffSummary,
    StaffWhole,
)
from case_store.staffing import Right, Role


def build(members: Members) -> APIRouter:
    """The routes under `/staff`."""
    router = APIRouter(prefix="/staff", tags=["staff"])

    @router.get("", summary="List the staff by name")
    async def list_staff(
        actor: Caller,
        unit: Annotated[UnitId | None, Query(description="Who works there.")] = None,
        role: Annotated[Role | None, Query(description="Who does that.")] = None,
        *,
        active: Annotated[bool | None, Query(description="Who works here still, or no more.")] = None,
    ) -> StaffPage:
        """Names, roles and units for everybody who reads cases; accounts for whoever manages staff."""
        rows = await members.page(actor, unit=unit, role=role, active=active)
        shown = StaffGiven if actor.may(Right.MANAGE_STAFF) else StaffSummary
        return StaffPage(staff=[shown.model_validate(row) for row in rows])

    @router.post("", status_code=HTTPStatus.CREATED, summary="Employ somebody")
    async def employ(actor: Caller, body: StaffEmploy, response: Response) -> StaffEmployed:
        """Their first password is told this once."""
        employed, password = await members.employ(actor, body.model_dump())
        response.headers["Cache-Control"] = "no-store"
        return StaffEmployed.model_validate({"staff": employed, "password": password})

    @router.get("/{staff_id}", summary="Somebody of the staff")
    async def show(actor: Caller, staff_id: UUID, response: Response) -> StaffWhole:
        """Oneself, or anybody for whoever manages staff."""
        return _tagged(response, await members.find(actor, staff_id))

    @router.patch("/{staff_id}", summary="Change somebody")
    async def change(
        actor: Caller, staff_id: UUID, body: StaffChange, response: Response, if_match: IfMatch = None
    ) -> StaffWhole:
        """What is left out stays. Everybody may change their own language."""
        changes: dict[str, Any] = body.model_dump(exclude_unset=True)
        return _tagged(response, await members.change(actor, staff_id, changes, version_of(if_match)))

    @router.post("/{staff_id}/password-reset", summary="Give somebody a new password")
    async def reset(
        actor: Caller, staff_id: UUID, response: Response, body: PasswordReset | None = None
    ) -> PasswordGiven:
        """Told this once. They are unlocked, signed out, and change it at the next sign-in."""
        lost_phone = body is not None and body.second_factor
        response.headers["Cache-Control"] = "no-store"
        return PasswordGiven(password=await members.reset_password(actor, staff_id, second_factor=lost_phone))

    @router.post("/{staff_id}/unlock", status_code=HTTPStatus.NO_CONTENT, summary="Let somebody try again")
    async def unlock(actor: Caller, staff_id: UUID) -> None:
        """Forget their wrong guesses."""
        await members.unlock(actor, staff_id)

    @router.post("/{staff_id}/sign-out", summary="Sign somebody out everywhere")
    async def sign_out(actor: Caller, staff_id: UUID) -> EndedSessions:
        """All of their sessions end."""
        return EndedSessions(ended=await members.sign_out(actor, staff_id))

    return router


def _tagged(response: Response, found: object) -> StaffWhole:
    whole = StaffWhole.model_validate(found)
    response.headers["ETag"] = f'"{whole.version}"'
    return whole
