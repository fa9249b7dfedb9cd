"""The pages: read what was typed, call a handler, show a template."""

from dataclasses import dataclass

from fastapi import APIRouter, Depends

from chassis.forms import same_site
from gateway_portal.clients.case_store import CaseStore
from gateway_portal.clients.partners import PartnerStore
from gateway_portal.handlers.asking import Asking
from gateway_portal.handlers.enclosing import Enclosing
from gateway_portal.handlers.following import Following
from gateway_portal.handlers.looking_back import LookingBack
from gateway_portal.handlers.one_time_codes import OneTimeCodes
from gateway_portal.handlers.own_webhooks import OwnWebhooks
from gateway_portal.handlers.partner_book import PartnerBook
from gateway_portal.handlers.submitting import Submitting
from gateway_portal.handlers.verifying import Verifying
from gateway_portal.pages import Pages
from gateway_portal.repository.once import Once
from gateway_portal.repository.sessions import Sessions
from gateway_portal.routes import (
    about_routes,
    announcement_routes,
    api,
    ask_routes,
    case_routes,
    open311,
    sign_in_routes,
    verify_routes,
)
from gateway_portal.routes.guard import signed_in, whoever
from gateway_portal.settings import GatewayPortalSettings


@dataclass(frozen=True)
class Handlers:
    """The use cases that pages call."""

    store: CaseStore
    verifying: Verifying
    codes: OneTimeCodes
    sessions: Sessions
    enclosing: Enclosing
    asking: Asking
    following: Following
    book: PartnerBook
    submitting: Submitting
    looking_back: LookingBack
    once: Once
    partners: PartnerStore
    own_webhooks: OwnWebhooks


def build_routers(pages: Pages, handlers: Handlers, settings: GatewayPortalSettings) -> list[APIRouter]:
    """What is open to everybody, and what belongs to whoever has proved a number."""
    sessions = handlers.sessions
    everybody = APIRouter(
        dependencies=[Depends(same_site), Depends(whoever(sessions, settings))], include_in_schema=False
    )
    everybody.include_router(about_routes.build(pages, handlers.following))
    everybody.include_router(announcement_routes.build(pages, handlers.following))
    everybody.include_router(verify_routes.build(pages, handlers.verifying))
    everybody.include_router(sign_in_routes.build(pages, handlers.codes, sessions, handlers.store, settings))
    everybody.include_router(
        ask_routes.build(pages, handlers.asking, handlers.enclosing, handlers.codes, sessions, settings)
    )
    their_own = APIRouter(
        dependencies=[Depends(same_site), Depends(signed_in(sessions, settings))], include_in_schema=False
    )
    their_own.include_router(
        case_routes.build(pages, handlers.following, handlers.enclosing, settings.public_host)
    )
    book, submitting, looking_back = handlers.book, handlers.submitting, handlers.looking_back
    once = handlers.once
    return [
        # Routes are tried in their order, and programs ask the most.
        api.build(book, submitting, looking_back, handlers.own_webhooks, once),
        open311.build(book, submitting, looking_back, once, settings.public_url),
        everybody,
        their_own,
    ]
