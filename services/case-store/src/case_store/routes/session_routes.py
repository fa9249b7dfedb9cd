"""Signing in and out, and what everybody does to their own account."""

from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Depends, Response

from case_store.errors import SecondFactorNeededError
from case_store.handlers.accounts import Accounts
from case_store.handlers.sessions import Sessions, hash_of
from case_store.handlers.sign_in import SignedIn, SignIn
from case_store.handlers.single_sign_on import SingleSignOn
from case_store.routes.guard import Caller, Token
from case_store.schemas.access import (
    CodeRequest,
    EndedSessions,
    PasswordChange,
    RunningSession,
    RunningSessions,
    SecondFactorGiven,
    SessionGiven,
    SignedInGiven,
    SignInRequest,
    SsoBegin,
    SsoBegun,
    SsoFinish,
)
from chassis.auth import open_to_all
from chassis.problems import Problem

CODE_NEEDED: Final = "/problems/second-factor-needed"
_SECRET: Final = {"Cache-Control": "no-store"}


def way_in(sign_in: SignIn, single_sign_on: SingleSignOn) -> APIRouter:
    """The routes that nobody can have a token for yet."""
    open_routes = [Depends(open_to_all("the way in: it asks for a password, or for the provider's word"))]
    router = APIRouter(prefix="/sessions", tags=["sessions"], dependencies=open_routes)

    @router.post("", status_code=HTTPStatus.CREATED, summary="Sign in")
    async def begin(body: SignInRequest, response: Response) -> SignedInGiven:
        """Whatever is wrong is answered 401 with the same words, after the same time."""
        response.headers.update(_SECRET)
        try:
            return _given(await sign_in.with_password(body.username, body.password, body.code))
        except SecondFactorNeededError as error:
            bearer = {"WWW-Authenticate": "Bearer"}
            raise Problem(401, "A code is needed", str(error), type=CODE_NEEDED, headers=bearer) from None

    @router.post("/sso/begin", summary="Begin single sign-on")
    async def begin_sso(body: SsoBegin, response: Response) -> SsoBegun:
        """404 where it is not set up. The state is good once, for ten minutes."""
        response.headers.update(_SECRET)
        address, state = await single_sign_on.begin(body.redirect_uri)
        return SsoBegun(authorization_url=address, state=state)

    @router.post("/sso", status_code=HTTPStatus.CREATED, summary="Finish single sign-on")
    async def finish_sso(body: SsoFinish, response: Response) -> SignedInGiven:
        """With what the browser brought back from the provider."""
        response.headers.update(_SECRET)
        return _given(await single_sign_on.finish(body.state, body.code, body.redirect_uri))

    return router


def build(sessions: Sessions, sign_in: SignIn, accounts: Accounts) -> APIRouter:
    """The routes for whoever is signed in; none of them asks for a right."""
    router = APIRouter(prefix="/sessions", tags=["sessions"])

    @router.get("", summary="Where am I signed in?")
    async def list_sessions(actor: Caller, token: Token) -> RunningSessions:
        """The caller's own sessions, the newest first."""
        rows = await sessions.running(actor)
        given = [
            RunningSession(
                id=row["token_hash"][:8].hex(), current=row["token_hash"] == hash_of(token), **_times(row)
            )
            for row in rows
        ]
        return RunningSessions(sessions=given)

    @router.delete("/others", summary="Sign out everywhere else")
    async def end_others(actor: Caller, token: Token) -> EndedSessions:
        """All of the caller's sessions but this one."""
        return EndedSessions(ended=await sessions.end_others(actor, token))

    @router.get("/current", summary="Who am I?")
    async def current(actor: Caller, token: Token) -> SessionGiven:
        """The caller, with rights, units and desks."""
        staff = await sign_in.current(actor)
        return SessionGiven.model_validate({"staff": staff, "expires_at": await sessions.expires_at(token)})

    @router.delete("/current", status_code=HTTPStatus.NO_CONTENT, summary="Sign out")
    async def end(actor: Caller, token: Token) -> None:
        """The token opens nothing from now on."""
        await sessions.end(actor, token)

    @router.post("/current/password", status_code=HTTPStatus.NO_CONTENT, summary="Change my password")
    async def change_password(actor: Caller, token: Token, body: PasswordChange) -> None:
        """Every other session of the caller ends. 403 if the current one is wrong."""
        await accounts.change_password(actor, token, body.current, body.new)

    @router.post("/current/second-factor", summary="Begin a second factor")
    async def begin_factor(actor: Caller, response: Response) -> SecondFactorGiven:
        """The secret is told this once; it counts when a code confirms it."""
        response.headers.update(_SECRET)
        secret, uri = await accounts.begin_second_factor(actor)
        return SecondFactorGiven(secret=secret, uri=uri)

    @router.put("/current/second-factor", status_code=HTTPStatus.NO_CONTENT, summary="Confirm it")
    async def confirm_factor(actor: Caller, body: CodeRequest) -> None:
        """With a code from the phone."""
        await accounts.confirm_second_factor(actor, body.code)

    @router.delete("/current/second-factor", status_code=HTTPStatus.NO_CONTENT, summary="Remove it")
    async def remove_factor(actor: Caller, body: CodeRequest) -> None:
        """With a code from the phone, one that was not used yet."""
        await accounts.remove_second_factor(actor, body.code)

    return router


def _given(signed_in: SignedIn) -> SignedInGiven:
    return SignedInGiven.model_validate(signed_in)


def _times(row: dict[str, object]) -> dict[str, object]:
    return {name: row[name] for name in ("created_at", "seen_at", "expires_at")}
