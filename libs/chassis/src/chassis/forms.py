"""Forms of our pages: sent from a page of ours, or not at all."""

from typing import Final
from urllib.parse import urlsplit

from fastapi import Request

from envelope.errors import PayamError

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class CrossSiteError(PayamError):
    """Another site's page sent this form."""


async def same_site(request: Request) -> None:
    """A form must come from a page of ours: told by the browser, which no page can forge.

    Raises:
        CrossSiteError: it does not, or the browser does not say.
    """
    if request.method in _SAFE:
        return
    told = request.headers.get("sec-fetch-site")
    if told is None:
        told = "same-origin" if _own(request) else "cross-site"
    if told != "same-origin":
        message = "this form was not sent from a page of ours"
        raise CrossSiteError(message)


def inside(address: str | None, otherwise: str = "/") -> str:
    """An address to go on to, if it is a path of ours and not another site's."""
    if (
        address
        and address.startswith("/")
        and not address.startswith(("//", "/\\"))
        and address.isprintable()
    ):
        return address
    return otherwise


def _own(request: Request) -> bool:
    origin = request.headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc == request.headers.get("host")
