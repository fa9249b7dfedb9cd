"""Single sign-on by OpenID Connect: the browser goes to the provider and comes back with a code."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from case_store import metrics
from case_store.clients import Identity, OpenIdProvider
from case_store.errors import NotFoundError, UnauthenticatedError
from case_store.handlers.sessions import hash_of
from case_store.handlers.sign_in import SignedIn, SignIn, spelt
from case_store.model import storable
from case_store.repository import members, sso
from case_store.repository.database import Database, Transaction
from case_store.repository.sso import Login

_WITHIN: Final = timedelta(minutes=10)
_BYTES: Final = 32
_REFUSED: Final = "single sign-on did not say who you are; begin again"


class SingleSignOn:
    """Nobody is employed by it: the provider says who somebody is, and the store whether they work here."""

    def __init__(
        self, database: Database, sign_in: SignIn, provider: OpenIdProvider | None, *, by_username: bool
    ) -> None:
        """Without a provider it is not there; `by_username` links an account at the first sign-in."""
        self._database = database
        self._sign_in = sign_in
        self._provider = provider
        self._by_username = by_username

    async def begin(self, redirect_uri: str) -> tuple[str, str]:
        """Where the browser goes, and the state that it brings back; the caller ties it to the browser."""
        provider = self._there()
        state, nonce, verifier = (secrets.token_urlsafe(_BYTES) for _ in range(3))
        address = await provider.authorization_url(state, nonce, verifier, redirect_uri)
        login = Login(nonce, verifier, redirect_uri, datetime.now(UTC) + _WITHIN)
        async with self._database.transaction() as tx:
            await sso.begin(tx, hash_of(state), login)
        return address, state

    async def finish(self, state: str, code: str, redirect_uri: str) -> SignedIn:
        """Begin a session for whoever came back.

        Raises:
            UnauthenticatedError: the state was used, is old or not ours; the provider refuses; or they do not
                work here.
        """
        provider, now = self._there(), datetime.now(UTC)
        async with self._database.transaction() as tx:
            login = await sso.take(tx, hash_of(state))
        if login is None or login.expires_at < now or login.redirect_uri != redirect_uri:
            raise _refused()
        identity = await provider.identity(code, login.nonce, login.verifier, redirect_uri)
        async with self._database.transaction() as tx:
            found = await self._known(tx, identity)
            if found is None or not found["active"]:
                raise _refused()
            return await self._sign_in.begin(tx, found["id"], "single_sign_on")

    async def forget(self) -> None:
        """Let go of what nobody came back from; called now and then."""
        async with self._database.transaction() as tx:
            await sso.forget(tx, datetime.now(UTC))

    async def _known(self, tx: Transaction, identity: Identity) -> Mapping[str, Any] | None:
        subject = storable(identity.subject)
        found = await members.proof_by_subject(tx, subject)
        if found is not None or not self._by_username or not identity.username:
            return found
        named = await members.proof_for(tx, spelt(identity.username))
        if named is None or named["sso_subject"] is not None:
            return None
        await members.change(tx, named["id"], {"sso_subject": subject})
        return named

    def _there(self) -> OpenIdProvider:
        if self._provider is None:
            message = "single sign-on is not set up"
            raise NotFoundError(message)
        return self._provider


def _refused() -> UnauthenticatedError:
    metrics.SIGN_INS.labels("refused").inc()
    return UnauthenticatedError(_REFUSED)
