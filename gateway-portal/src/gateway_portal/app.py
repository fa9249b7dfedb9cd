"""Builds the public pages: the only module that does."""

from fastapi import FastAPI

from chassis.pages import install_pages, static_folder
from chassis.service import build_service
from gateway_portal.clients import CaseStore
from gateway_portal.handlers import Verifying
from gateway_portal.limiter import Limiter
from gateway_portal.routes import build_router
from gateway_portal.settings import GatewayPortalSettings


def create_app(settings: GatewayPortalSettings | None = None, *, store: CaseStore | None = None) -> FastAPI:
    """The portal, ready to be served; it keeps nothing of its own."""
    settings = settings or GatewayPortalSettings()
    store = store or CaseStore(settings)
    verifying = Verifying(store, Limiter(settings.attempts_per_minute))
    app = build_service(
        name="gateway-portal",
        description="The public pages.",
        parts=[store],
        routers=[build_router(verifying, settings)],
        works_without={store.name},
    )
    install_pages(app, static=static_folder("gateway_portal"))
    return app
