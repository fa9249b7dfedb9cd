"""Which partner asks: its key, looked up in the book, with the scope that the route wants."""

from typing import Annotated

from fastapi import Depends, Request

from chassis.auth import Guard, declared
from gateway_portal.errors import ScopeError
from gateway_portal.handlers.partner_book import PartnerBook
from gateway_portal.model import Caller, Scope
from gateway_portal.repository.once import Once


def partner_key(book: PartnerBook, *scopes: Scope) -> Guard:
    """Leaves the `Caller` on the request.

    Raises:
        KeyRefusedError: no key, or one that is not good.
        ScopeError: the key may not do this.
    """

    async def guard(request: Request) -> None:
        request.state.caller = caller = book.whose(_sent(request))
        missing = [scope for scope in scopes if scope not in caller.scopes]
        if missing:
            raise ScopeError(missing[0])

    guarded = declared(guard, f"a partner's key with {', '.join(scopes) or 'any scope'}")
    guarded.scopes = scopes  # type: ignore[attr-defined]  # for the description of the API
    return guarded


def counted(book: PartnerBook, once: Once) -> Guard:
    """Counts the request, whatever becomes of it; what is handed in is counted with its idempotency key.

    Raises:
        KeyRefusedError: no key, or one that is not good.
        QuotaError: more than were agreed for a minute.
    """

    async def guard(request: Request) -> None:
        request.state.caller = caller = book.whose(_sent(request))
        await once.count(caller)

    return declared(guard, "a partner's key, counted")


async def _caller(request: Request) -> Caller:
    found: Caller = request.state.caller
    return found


Partner = Annotated[Caller, Depends(_caller)]
"""A route's parameter behind `partner_key`: who asks."""


def _sent(request: Request) -> str:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""
