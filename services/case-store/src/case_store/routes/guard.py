"""Who calls: the service token or a staff session, found once for every route under `/api/v1`."""

import hmac
from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import Depends, Request, Security, params
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import SecretStr

from case_store.errors import ForbiddenError
from case_store.handlers.sessions import Sessions
from case_store.staffing import Actor, Right, service
from chassis.auth import Guard, declared

_BEARER: Final = HTTPBearer(
    auto_error=False,
    description="The service token, or the token of a staff session: `Authorization: Bearer …`",
)
Identify = Callable[[str], Awaitable[Actor]]
"""A token → whose it is; `UnauthenticatedError` if nobody's."""


def identifier(token: SecretStr, sessions: Sessions) -> Identify:
    """Knows the service by its token, and everybody else by their session."""
    expected = token.get_secret_value().encode()

    async def identify(given: str) -> Actor:
        if hmac.compare_digest(given.encode(), expected):
            return service()
        return await sessions.who(given)

    return identify


def authenticated(identify: Identify) -> Guard:
    """Leaves the `Actor` on the request; 401 without one."""

    async def guard(
        request: Request,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)] = None,
    ) -> None:
        token = credentials.credentials if credentials else ""
        request.state.actor, request.state.token = await identify(token), token

    return declared(guard, "service token or staff session")


async def caller(request: Request) -> Actor:
    """Whoever the guard found."""
    actor: Actor = request.state.actor
    return actor


async def token_of(request: Request) -> str:
    """The token that the guard took."""
    token: str = request.state.token
    return token


Caller = Annotated[Actor, Depends(caller)]
"""A route's parameter: who calls."""
Token = Annotated[str, Depends(token_of)]
"""A route's parameter: the caller's own token, for what is done to the session itself."""


async def settled(actor: Caller) -> None:
    """Whoever must change their password first may do nothing else: they have no right at all."""
    if not actor.rights:
        message = "change your password first"
        raise ForbiddenError(message)


def demand(right: Right) -> params.Depends:
    """A router's dependency: everything in it needs this right."""

    async def check(actor: Caller) -> None:
        actor.demand(right)

    return params.Depends(check)
