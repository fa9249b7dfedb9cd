"""The calendar: what is worked when and why, days entered at a day's notice, weekly patterns."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from case_store.handlers.calendar import WorkingCalendar
from case_store.handlers.weeks import WorkingWeeks
from case_store.routes.guard import Caller
from case_store.routes.parameters import IfMatch, version_of
from case_store.schemas.worktime import (
    CalendarDayGiven,
    CalendarGiven,
    DayGiven,
    DayRequest,
    EnteredGiven,
    Province,
    StandingGiven,
    WeekGiven,
    WeekRequest,
)
from case_store.worktime.calendar import EVERYWHERE, Day, Week
from case_store.worktime.hours import read_hours, write_hours
from persian.dates import tehran_date

_ORDER = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Place = Annotated[Province | None, Query(description="By its Persian name; the whole country if left out.")]


def build(calendar: WorkingCalendar, weeks: WorkingWeeks) -> APIRouter:
    """The routes under `/calendar` and `/working-weeks`."""
    router = APIRouter(tags=["working time"])
    _days(router, calendar)
    _weeks(router, weeks)
    return router


def day_given(day: Day) -> dict[str, Any]:
    """A day's fields as the API shows them."""
    return {
        "date": day.date,
        "open": bool(day.hours),
        "intervals": write_hours(day.hours),
        "why": day.why,
        "words": day.words,
        "words_en": day.words_en,
        "estimated": day.estimated,
        "holiday": day.holiday,
    }


def _days(router: APIRouter, calendar: WorkingCalendar) -> None:
    @router.get("/calendar", summary="What is worked when, and why")
    async def show_calendar(
        begin: Annotated[date | None, Query(alias="from", description="Today if left out.")] = None,
        to: Annotated[date | None, Query(description="Thirty days later if left out.")] = None,
        province: Place = None,
    ) -> CalendarGiven:
        """Every day with its hours and what decided them; at most 400 days."""
        first = begin or tehran_date(datetime.now(UTC))
        days = await calendar.days(first, to or first + timedelta(days=30), province)
        given = [CalendarDayGiven.model_validate({**day_given(day), "entered": row}) for day, row in days]
        return CalendarGiven(province=province, days=given)

    @router.get("/calendar/open", summary="Is it worked now?")
    async def show_standing(
        at: Annotated[AwareDatetime | None, Query(description="Now if left out.")] = None,
        province: Place = None,
    ) -> StandingGiven:
        """Whether it is worked at a moment, until when, and when it is next."""
        found = await calendar.standing(at, province)
        return StandingGiven(
            at=found.at,
            open=found.open,
            until=found.until,
            next_opening=found.next_opening,
            day=DayGiven.model_validate(day_given(found.day)),
        )

    @router.put("/calendar/days/{day}", summary="Enter a day")
    async def enter_day(
        actor: Caller, day: date, body: DayRequest, response: Response, if_match: IfMatch = None
    ) -> EnteredGiven:
        """Closed, or other hours; beats holiday and pattern. Running deadlines follow within the minute."""
        hours = read_hours(body.intervals or ())
        version = version_of(if_match)
        row = await calendar.enter_day(actor, day, body.province, hours, body.reason, version=version)
        given = EnteredGiven.model_validate(row)
        response.headers["ETag"] = f'"{given.version}"'
        return given

    @router.delete(
        "/calendar/days/{day}", status_code=HTTPStatus.NO_CONTENT, summary="Take an entered day back"
    )
    async def remove_day(actor: Caller, day: date, province: Place = None, if_match: IfMatch = None) -> None:
        """Holiday and pattern speak again."""
        await calendar.remove_day(actor, day, province, version=version_of(if_match))


def _weeks(router: APIRouter, weeks: WorkingWeeks) -> None:
    @router.get("/working-weeks", summary="Weekly patterns")
    async def list_weeks() -> list[WeekGiven]:
        """A province's newest first."""
        return [_week_given(row) for row in await weeks.all()]

    @router.post("/working-weeks", status_code=HTTPStatus.CREATED, summary="Add a weekly pattern")
    async def add_week(actor: Caller, body: WeekRequest, response: Response) -> WeekGiven:
        """It holds from its date on."""
        return _answered(response, await weeks.put(actor, _week(body)))

    @router.put("/working-weeks/{week_id}", summary="Change a weekly pattern")
    async def change_week(
        actor: Caller, week_id: UUID, body: WeekRequest, response: Response, if_match: IfMatch = None
    ) -> WeekGiven:
        """Whole: what is left out is closed."""
        version = version_of(if_match)
        return _answered(response, await weeks.put(actor, _week(body), week_id=week_id, version=version))

    @router.delete(
        "/working-weeks/{week_id}", status_code=HTTPStatus.NO_CONTENT, summary="Take a weekly pattern away"
    )
    async def remove_week(actor: Caller, week_id: UUID, if_match: IfMatch = None) -> None:
        """The one before it holds on; the country always keeps one."""
        await weeks.remove(actor, week_id, version=version_of(if_match))


def _week(body: WeekRequest) -> Week:
    hours = {name.value: read_hours(intervals) for name, intervals in body.days.items()}
    days = tuple(hours.get(name, ()) for name in _ORDER)
    return Week(body.province or EVERYWHERE, body.valid_from, days, body.note)


def _week_given(row: Mapping[str, Any]) -> WeekGiven:
    return WeekGiven.model_validate({**row, "days": row["intervals"]})


def _answered(response: Response, row: Mapping[str, Any]) -> WeekGiven:
    given = _week_given(row)
    response.headers["ETag"] = f'"{given.version}"'
    return given
