"""Sign-ins under way at the provider: each state is good once, for a few minutes."""

from datetime import datetime
from typing import Final, NamedTuple

from case_store.repository.database import Transaction

_BEGIN: Final = """
    INSERT INTO sso_login (state_hash, nonce, verifier, redirect_uri, expires_at) VALUES ($1, $2, $3, $4, $5)
"""
_TAKE: Final = """
    DELETE FROM sso_login WHERE state_hash = $1 RETURNING nonce, verifier, redirect_uri, expires_at
"""


class Login(NamedTuple):
    """What a sign-in was begun with."""

    nonce: str
    verifier: str
    redirect_uri: str
    expires_at: datetime


async def begin(tx: Transaction, state_hash: bytes, login: Login) -> None:
    """Keep it until the person comes back."""
    await tx.raw.execute(_BEGIN, state_hash, *login)


async def take(tx: Transaction, state_hash: bytes) -> Login | None:
    """It once, and never again."""
    row = await tx.raw.fetchrow(_TAKE, state_hash)
    return Login(*row) if row else None


async def forget(tx: Transaction, now: datetime) -> None:
    """Let go of those that nobody came back from."""
    await tx.raw.execute("DELETE FROM sso_login WHERE expires_at < $1", now)
