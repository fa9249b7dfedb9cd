"""Whose key it is: sent in the header, or with a form in its field `api_key`; in an address it is refused."""

import hashlib
from typing import Annotated, Final

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from chassis.auth import Guard, declared
from gateway_portal.errors import FormRefusedError, ScopeError
from gateway_portal.handlers.partner_book import PartnerBook
from gateway_portal.model import Scope
from gateway_portal.routes.typed import typed

API_KEY: Final = "api_key"
_BEARER: Final = HTTPBearer(auto_error=False, description="A partner's key: `Authorization: Bearer …`")
_FORM: Final = "application/x-www-form-urlencoded"


async def not_in_address(request: Request) -> None:
    """A key in an address stands in every log on the way.

    Raises:
        FormRefusedError: it has come there.
    """
    if API_KEY in request.query_params:
        raise FormRefusedError(["key_in_address"])


async def filled_in(request: Request) -> dict[str, str]:
    """The fields of the form.

    Raises:
        FormRefusedError: it is no form.
        TooLongError: it is longer than any.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise FormRefusedError(["form"])
    return await typed(request)


FilledIn = Annotated[dict[str, str], Depends(filled_in)]
"""A route's parameter: what was filled in."""


def key_of_form(book: PartnerBook, *scopes: Scope) -> Guard:
    """Leaves the `Caller` on the request, and what hides a form's words, which only its key gives.

    Raises:
        KeyRefusedError: no key, or one that is not good.
        ScopeError: the key may not do this.
    """

    async def guard(
        request: Request,
        fields: FilledIn,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)] = None,
    ) -> None:
        key = credentials.credentials if credentials else fields.get(API_KEY, "")
        caller = book.whose(key)
        missing = [scope for scope in scopes if scope not in caller.scopes]
        if missing:
            raise ScopeError(missing[0])
        request.state.caller = caller
        request.state.hidden_by = hashlib.sha256(b"open311:" + key.encode()).digest()

    return declared(guard, f"a partner's key with {', '.join(scopes)}")
