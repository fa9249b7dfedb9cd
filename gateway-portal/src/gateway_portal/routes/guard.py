"""Who asks: an address for the limits, and a person for what is theirs."""

from typing import Annotated, Final

from fastapi import Depends, Request

from chassis.auth import Guard, declared
from gateway_portal.errors import SignedOutError
from gateway_portal.repository.sessions import Sessions
from gateway_portal.settings import GatewayPortalSettings
from gateway_portal.visitors import visitor

SESSION_COOKIE: Final = "payam_portal"


def whoever(sessions: Sessions, settings: GatewayPortalSettings) -> Guard:
    """Anybody; leaves `person` (E.164 or None) and `visitor` on the request."""

    async def guard(request: Request) -> None:
        peer = request.client.host if request.client else ""
        forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
        request.state.visitor = visitor(peer, forwarded, settings.trusted_proxies)
        request.state.person = await sessions.whose(request.cookies.get(SESSION_COOKIE))

    return declared(guard, "open: the portal's pages are for everybody")


def signed_in(sessions: Sessions, settings: GatewayPortalSettings) -> Guard:
    """Whoever has proved a number; leaves the same on the request.

    Raises:
        SignedOutError: no session, or Redis cannot tell.
    """
    anybody = whoever(sessions, settings)

    async def guard(request: Request) -> None:
        await anybody(request)
        if request.state.person is None:
            message = "no session"
            raise SignedOutError(message)

    return declared(guard, "session of a proved number in a cookie")


async def _person(request: Request) -> str:
    return str(request.state.person)


async def _visitor(request: Request) -> str:
    return str(request.state.visitor)


SignedIn = Annotated[str, Depends(_person)]
"""A route's parameter behind `signed_in`: the number, E.164."""
Visitor = Annotated[str, Depends(_visitor)]
"""A route's parameter: the address that limits count by."""
