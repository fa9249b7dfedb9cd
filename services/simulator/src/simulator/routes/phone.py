"""The phone in the browser: one page, its files, and the four calls that the page makes."""

from collections.abc import Mapping
from hashlib import blake2b
from http import HTTPStatus
from importlib.resources import files
from typing import Annotated, Final, NamedTuple

from fastapi import APIRouter, Depends, Header, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from jinja2 import Environment, PackageLoader

from chassis.auth import open_to_all
from chassis.problems import Problem
from simulator.handlers.phone import PhoneDesk
from simulator.numbers import MAGIC_NUMBERS
from simulator.samples import SAMPLES
from simulator.schemas import PhoneCard, PhoneNumber, ShownMessage, TypedMessage
from simulator.settings import SimulatorSettings

_TYPES: Final[Mapping[str, str]] = {
    "phone.css": "text/css; charset=utf-8",
    "phone.js": "text/javascript; charset=utf-8",
    "parts.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "vazirmatn.woff2": "font/woff2",
}
_GUARDS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_PERSIAN_DIGITS: Final = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_FOR_EVER: Final = "public, max-age=31536000, immutable"


class _Static(NamedTuple):
    bodies: Mapping[str, bytes]
    version: str
    """Of all together, since the files name each other by relative path."""


def build_router(desk: PhoneDesk, settings: SimulatorSettings) -> APIRouter:
    """The page at `/`, its files under `/static`, its calls under `/phones`."""
    guard = Depends(open_to_all("a toy phone of a simulated world"))
    router = APIRouter(tags=["phone"], dependencies=[guard], include_in_schema=False)
    static = _static()
    page = _page(static.version, settings)

    @router.get("/")
    async def show_page() -> HTMLResponse:
        return HTMLResponse(page, headers={**_GUARDS, "Cache-Control": "no-cache"})

    @router.get("/static/{version}/{name}")
    async def show_file(version: str, name: str) -> Response:
        if name not in static.bodies:
            raise Problem(HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND.phrase)
        headers = {**_GUARDS, "Cache-Control": _FOR_EVER if version == static.version else "no-cache"}
        return Response(static.bodies[name], media_type=_TYPES[name], headers=headers)

    @router.post("/phones")
    async def open_phone(typed: PhoneNumber) -> PhoneCard:
        return desk.open(typed.number)

    @router.post("/phones/{handle}/messages", status_code=HTTPStatus.ACCEPTED)
    async def type_message(handle: str, typed: TypedMessage) -> ShownMessage:
        return ShownMessage.model_validate(desk.type(handle, typed.id, typed.text))

    @router.get("/phones/{handle}/events")
    async def watch(handle: str, last_event_id: Annotated[str, Header()] = "") -> StreamingResponse:
        return StreamingResponse(
            desk.watch(handle, last_event_id),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    return router


def _static() -> _Static:
    folder = files("simulator").joinpath("static")
    bodies = {name: folder.joinpath(name).read_bytes() for name in _TYPES}
    return _Static(bodies, blake2b(b"".join(bodies.values()), digest_size=6).hexdigest())


def _page(version: str, settings: SimulatorSettings) -> str:
    templates = Environment(loader=PackageLoader("simulator"), autoescape=True, trim_blocks=True)
    templates.filters["persian"] = lambda digits: digits.translate(_PERSIAN_DIGITS)
    return templates.get_template("phone.html").render(
        version=version,
        line=settings.lines[0],
        magic_numbers=MAGIC_NUMBERS if settings.magic_numbers else (),
        samples=SAMPLES,
    )
