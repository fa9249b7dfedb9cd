"""The desk in a browser's reach: a real store on a real PostgreSQL behind it, an office with work to do."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar
from uuid import uuid4

import httpx
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page
from pydantic import SecretStr
from sqlalchemy import URL

from case_store.migrate import migrate
from case_store.model import Rules
from case_store.repository.database import Database
from case_store.routes import STATUSES, build_router
from case_store.routes.guard import identifier
from case_store.routes.idempotency import install_idempotency
from case_store.staffing import Role
from chassis.service import build_service
from desk.app import create_app
from desk.settings import SESSION_COOKIE, DeskSettings
from envelope.tracking import mint
from tests.case_store.conftest import KEY, Store, admin, routed, text_of
from tests.simulator.live import serving

TOKEN = "a-token-for-tests-only"
PEOPLE: Mapping[str, tuple[str, tuple[Role, ...], tuple[str, ...]]] = {
    "agent": ("مریم احمدی", (Role.AGENT,), ("retirement", "insurance")),
    "colleague": ("رضا کریمی", (Role.AGENT,), ("retirement", "insurance")),
    "expert": ("سارا مرادی", (Role.EXPERT,), ("retirement", "insurance")),
    "liaison": ("حسین رضایی", (Role.LIAISON,), ("pensions_office",)),
    "supervisor": (
        "زهرا کاظمی",
        (Role.SUPERVISOR, Role.AGENT),
        ("retirement", "insurance", "treatment", "general"),
    ),
    "administrator": ("علی نوری", (Role.ADMINISTRATOR, Role.AUDITOR), ("general",)),
}
Result = TypeVar("Result")


@dataclass
class Office:
    """Where the desk is, who works there, and a way to what stands behind it."""

    url: str
    api: str
    database_url: str
    tokens: dict[str, str]
    desk: FastAPI

    def do(self, work: Callable[[Store], Awaitable[Result]]) -> Result:
        """Run something on the store from outside, as another process would."""
        found: list[Result] = []

        async def run() -> None:
            database = Database(self.database_url, pool_size=4)
            await database.start()
            try:
                found.append(await work(Store(database, Rules())))
            finally:
                await database.stop()

        # A thread of its own: the browser's loop runs in this one.
        failed: list[BaseException] = []

        def guarded() -> None:
            try:
                asyncio.run(run())
            except BaseException as error:  # noqa: BLE001  (told below, in the test's own thread)
                failed.append(error)

        thread = threading.Thread(target=guarded)
        thread.start()
        thread.join()
        if failed:
            raise failed[0]
        return found[0]

    def call(self, who: str, method: str, path: str, **body: object) -> httpx.Response:
        """The store's API with somebody's token."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        answer = httpx.request(method, f"{self.api}/api/v1{path}", headers=headers, json=body or None)
        return answer.raise_for_status()

    def case(self, text: str = "سلام، حقوق این ماه من واریز نشده است", **more: object) -> str:
        """Somebody writes; the code of their case."""
        code = mint(uuid4().int % 10**8, KEY)
        more.setdefault("sender", f"+98912{uuid4().int % 10**7:07}")
        self.do(lambda store: store.file(routed(text, code=code, **more)))  # type: ignore[arg-type]
        return code

    def context(
        self, browser: Browser, who: str | None, size: tuple[int, int] = (1440, 900), **more: object
    ) -> BrowserContext:
        """A browser of somebody's own, signed in."""
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="fa-IR",
            **more,  # type: ignore[arg-type]
        )
        if who:
            context.add_cookies([{"name": SESSION_COOKIE, "value": self.tokens[who], "url": self.url}])
        return context

    def page(self, browser: Browser, who: str | None, path: str = "/", **more: object) -> Page:
        """A page of somebody's, its complaints gathered in `page.complaints`."""
        page = self.context(browser, who, **more).new_page()  # type: ignore[arg-type]
        page.complaints = []  # type: ignore[attr-defined]
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))  # type: ignore[attr-defined]
        page.on(
            "console",
            lambda told: told.type == "error" and page.complaints.append(told.text),  # type: ignore[attr-defined]
        )
        page.goto(self.url + path)
        return page


@contextmanager
def office(postgres: URL) -> Iterator[Office]:
    """Store and desk on free ports, on a database of their own, with people and nothing to do yet."""
    name = f"office_{uuid4().hex}"
    address = text_of(postgres.set(database=name))
    in_thread(admin(postgres, f"CREATE DATABASE {name}"))
    in_thread(migrate(address))
    store = Store(Database(address, pool_size=10), Rules())
    parts = [store.database, *store.time.parts, *store.access.parts, *store.work.parts]
    parts += [*store.consulting.parts, *store.knowledge.parts]
    app = build_service(
        name="case-store",
        description="Under the desk.",
        parts=parts,
        routers=[build_router(store.handlers, SecretStr(TOKEN))],
        problems=STATUSES,
    )
    who = identifier(SecretStr(TOKEN), store.access.sessions)
    install_idempotency(app, store.access.idempotency, who)
    with serving(app) as api:
        settings = DeskSettings(case_store_url=api, staff_kept_seconds=1)
        desk = create_app(settings)
        with serving(desk) as url:
            built = Office(url, api, address, {}, desk)
            built.tokens = built.do(employ)
            yield built


def in_thread(work: Awaitable[object]) -> None:
    """Await something where no loop may run."""
    thread = threading.Thread(target=lambda: asyncio.run(work))  # type: ignore[arg-type]
    thread.start()
    thread.join()


async def employ(store: Store) -> dict[str, str]:
    """Everybody of the office, and the token of a session each."""
    return {
        who: (await store.a_member(roles, units, name=name))[1]
        for who, (name, roles, units) in PEOPLE.items()
    }
