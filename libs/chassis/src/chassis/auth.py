"""Every route declares who may call it, with one of these; a test finds the one that forgot."""

import hmac
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import Path, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import SecretStr

from chassis.problems import Problem

Guard = Callable[..., Awaitable[None]]
_bearer = HTTPBearer(auto_error=False, description="A service token: `Authorization: Bearer …`")


def bearer_token(*expected: SecretStr) -> Guard:
    """Whoever holds one of the tokens; 401 for everybody else."""

    async def guard(
        credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)] = None,
    ) -> None:
        given = credentials.credentials if credentials else ""
        # Every token is compared, so that the time taken tells nothing.
        matches = [_same(given, token) for token in expected]
        if not any(matches):
            raise Problem(
                HTTPStatus.UNAUTHORIZED,
                "A valid token is needed",
                "Send it as `Authorization: Bearer …`.",
                headers={"WWW-Authenticate": "Bearer"},
            )

    return declared(guard, "bearer token")


def path_secret(expected: SecretStr) -> Guard:
    """Whoever knows the `{secret}` of the path; for everybody else the route is not there."""

    async def guard(secret: Annotated[str, Path(min_length=1)]) -> None:
        if not _same(secret, expected):
            raise Problem(HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND.phrase)

    return declared(guard, "secret in the path")


def open_to_all(reason: str) -> Guard:
    """Anybody, on purpose; the reason stands in the code."""

    async def guard() -> None:
        return

    return declared(guard, f"open: {reason}")


def declared_auth(call: object) -> str | None:
    """What a dependency declares, if it is one of these."""
    return getattr(call, "declared_auth", None)


def declared(guard: Guard, words: str) -> Guard:
    """Mark a guard, so that the test that walks all routes knows it for one."""
    guard.declared_auth = words  # type: ignore[attr-defined]  # a mark for the test that walks all routes
    return guard


def _same(given: str, expected: SecretStr) -> bool:
    return hmac.compare_digest(given.encode(), expected.get_secret_value().encode())
