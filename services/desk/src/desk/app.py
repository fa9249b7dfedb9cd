"""Builds the desk: the only module that does."""

from fastapi import FastAPI

from chassis.pages import install_pages, static_folder
from chassis.service import build_service
from desk.clients import CaseStore
from desk.organisation import Organisation
from desk.pages import Pages
from desk.routes import build_routers
from desk.routes.failures import install_failures
from desk.sessions import Sessions
from desk.settings import DeskSettings


def create_app(settings: DeskSettings | None = None, *, store: CaseStore | None = None) -> FastAPI:
    """The desk, ready to be served; it keeps nothing of its own."""
    settings = settings or DeskSettings()
    store = store or CaseStore(settings)
    sessions = Sessions(store, settings.staff_kept_seconds)
    pages = Pages(settings)
    app = build_service(
        name="desk",
        description="The desk in the browser where staff answer.",
        parts=[store],
        routers=build_routers(pages, sessions, Organisation()),
        works_without={store.name},
    )
    install_failures(app, pages)
    install_pages(app, static=static_folder("desk"))
    return app
