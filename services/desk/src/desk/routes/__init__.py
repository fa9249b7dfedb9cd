"""The pages: read what was asked, ask the store, show. Each area of pages is a module with `build(pages)`."""

from typing import Final

from fastapi import APIRouter, Depends

from chassis.forms import same_site
from desk.organisation import Organisation
from desk.pages import Pages
from desk.routes import (
    allowance_routes,
    announcement_routes,
    answer_routes,
    answer_writing_routes,
    audit_routes,
    calendar_routes,
    cases,
    event_routes,
    login_routes,
    merge_routes,
    organisation_routes,
    partner_key_routes,
    partner_routes,
    partner_webhook_routes,
    people_routes,
    profile_routes,
    queue_routes,
    register_routes,
    search_routes,
    sso_routes,
    staff_routes,
    supervision_routes,
    watch_routes,
    week_routes,
)
from desk.routes.guard import signed_in
from desk.sessions import Sessions

_OFFICE: Final = (
    register_routes,
    search_routes,
    watch_routes,
    supervision_routes,
    answer_writing_routes,  # before the answers: `/answers/new` is no answer's id
    answer_routes,
    week_routes,
    calendar_routes,
    allowance_routes,
    staff_routes,
    audit_routes,
    partner_key_routes,
    partner_routes,
    partner_webhook_routes,
    announcement_routes,
    people_routes,
    merge_routes,
)


def build_routers(pages: Pages, sessions: Sessions, organisation: Organisation) -> list[APIRouter]:
    """The login for everybody; everything else for who is signed in."""
    inside = APIRouter(
        dependencies=[Depends(same_site), Depends(signed_in(sessions, organisation))], include_in_schema=False
    )
    for area in (queue_routes, cases, event_routes, *_OFFICE):
        inside.include_router(area.build(pages))
    inside.include_router(organisation_routes.build(pages, organisation))
    inside.include_router(profile_routes.build(pages, sessions))
    outside = APIRouter(dependencies=[Depends(same_site)], include_in_schema=False)
    outside.include_router(login_routes.build(pages, sessions))
    outside.include_router(sso_routes.build(pages, sessions))
    return [inside, outside]
