"""What our pages have in common: locked-down headers, files kept for ever by their version, templates.

`static_url("shared/vazirmatn.css")` in a template gives `/static/<version>/shared/vazirmatn.css`. The version
is one hash over all files, so that scripts and styles may name each other by relative paths.
"""

from collections.abc import Callable, Mapping
from functools import cache
from hashlib import blake2b
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

from fastapi import APIRouter, Depends, FastAPI, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.auth import open_to_all
from chassis.problems import Problem
from envelope.tracking import spaced
from persian import dates
from persian.digits import counted, persian_digits

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
    "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing inline, nothing from elsewhere, in nobody's frame."""
FOR_EVER: Final = "public, max-age=31536000, immutable"
_GUARDS: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
_SHARED: Final = Path(str(files("chassis"))) / "static"
_FILTERS: Final[Mapping[str, Callable[..., str]]] = {
    "digits": persian_digits,
    "counted": counted,
    "grouped": spaced,
    "jalali": dates.jalali,
    "jalali_long": dates.jalali_long,
    "gregorian": dates.gregorian,
    "clock_time": dates.clock_time,
    "span": dates.span,
}


class Static(NamedTuple):
    """A service's files and the shared ones, as they were at start."""

    bodies: Mapping[str, bytes]
    """By path below the prefix; the shared ones under `shared/`."""
    version: str
    """Of all together."""


@cache
def static_files(folder: Path) -> Static:
    """Read a folder once; a file of a kind that we do not serve shows at start as a `KeyError`."""
    bodies = {f"shared/{name}": body for name, body in _read(_SHARED).items()} | _read(folder)
    told = blake2b(digest_size=6)
    for name, body in sorted(bodies.items()):
        told.update(name.encode() + _TYPES[Path(name).suffix].encode() + body)
    return Static(bodies, told.hexdigest())


def static_folder(package: str) -> Path:
    """Where a package keeps its files."""
    return Path(str(files(package))) / "static"


def static_url(path: str, *, static: Path, prefix: str = "/static") -> str:
    """The address of a file, which changes when any file does.

    Raises:
        KeyError: there is no such file.
    """
    tree = static_files(static)
    if path not in tree.bodies:
        raise KeyError(path)
    return f"{prefix}/{tree.version}/{path}"


def templates(
    package: str, filters: Mapping[str, Callable[..., object]] | None = None, *, prefix: str = "/static"
) -> Environment:
    """The templates of a package: escaped, nothing undefined, Persian filters, and `static_url(path)`."""
    environment = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # they do not change under a running service
    )
    environment.filters.update({**_FILTERS, **(filters or {})})
    folder = static_folder(package)
    environment.globals["static_url"] = lambda path: static_url(path, static=folder, prefix=prefix)
    return environment


def install_pages(app: FastAPI, *, static: Path, prefix: str = "/static", policy: str = POLICY) -> None:
    """Serve the files below `prefix` and guard every answer; a route may set any of these headers itself."""
    tree = static_files(static)
    router = APIRouter(dependencies=[Depends(open_to_all("files of ours, the same for everybody"))])

    @router.api_route(prefix + "/{version}/{path:path}", methods=["GET", "HEAD"], include_in_schema=False)
    async def show_file(version: str, path: str) -> Response:
        if path not in tree.bodies:
            raise Problem(HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND.phrase)
        headers = {"Cache-Control": FOR_EVER if version == tree.version else "no-cache"}
        return Response(tree.bodies[path], media_type=_TYPES[Path(path).suffix], headers=headers)

    app.router.routes.extend(router.routes)
    # FastAPI's own documentation brings its scripts from elsewhere.
    documentation = frozenset(filter(None, (app.docs_url, app.redoc_url)))
    app.add_middleware(_Guarded, policy=policy, without_policy=documentation)


class _Guarded:
    """Adds the headers that an answer does not carry already."""

    def __init__(self, app: ASGIApp, policy: str, without_policy: frozenset[str]) -> None:
        self._app = app
        self._guards = _raw({**_GUARDS, "Content-Security-Policy": policy})
        self._without_policy = without_policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        guards = _raw(_GUARDS) if scope.get("path") in self._without_policy else self._guards

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = message.get("headers", ())
                known = {name for name, _ in there}
                message["headers"] = [*there, *(each for each in guards if each[0] not in known)]
            await send(message)

        await self._app(scope, receive, guarded)


def _raw(headers: Mapping[str, str]) -> tuple[tuple[bytes, bytes], ...]:
    """As ASGI has them."""
    return tuple((name.lower().encode(), value.encode()) for name, value in headers.items())


def _read(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
