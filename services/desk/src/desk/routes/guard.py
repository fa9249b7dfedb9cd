"""Who may ask: a page of ours for every form, and a session for every page but the login."""

from typing import Annotated, Final

from fastapi import Depends, Request

from chassis.auth import Guard, declared
from desk.errors import PasswordDueError
from desk.organisation import Organisation, Places
from desk.sessions import Desk, Sessions
from desk.settings import SESSION_COOKIE

_BEFORE_A_NEW_PASSWORD: Final = frozenset({"/profile/password", "/logout", "/preferences"})


def signed_in(sessions: Sessions, organisation: Organisation) -> Guard:
    """Leaves `desk` and `places` on the request.

    Raises:
        SignedOutError: no session.
        PasswordDueError: a new password comes first.
    """

    async def guard(request: Request) -> None:
        desk = await sessions.desk(request.cookies.get(SESSION_COOKIE))
        request.state.desk = desk
        if desk.staff.must_change_password and request.url.path not in _BEFORE_A_NEW_PASSWORD:
            message = "a new password comes first"
            raise PasswordDueError(message)
        # Before a password of their own the store tells them nothing, nor does that page need it.
        due = desk.staff.must_change_password
        request.state.places = Places() if due else await organisation.places(desk.store)

    return declared(guard, "staff session in a cookie")


async def signed_in_desk(request: Request) -> Desk:
    """Whoever the guard found."""
    desk: Desk = request.state.desk
    return desk


SignedIn = Annotated[Desk, Depends(signed_in_desk)]
"""A route's parameter: `desk.staff` is who asks, `desk.store` the store as they see it."""


async def typed(request: Request) -> dict[str, str]:
    """The text fields of a form, as typed; NUL, which no database holds, left out."""
    form = await request.form()
    return {name: value.replace("\0", "") for name, value in form.multi_items() if isinstance(value, str)}


Typed = Annotated[dict[str, str], Depends(typed)]
"""A route's parameter: what was typed into the form."""
