"""The provider of single sign-on, as OpenID Connect describes it: an address to go to, and who came back."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import SecretStr

from case_store.errors import ProviderUnavailableError, UnauthenticatedError

_TIMEOUT_SECONDS: Final = 10.0
_DESCRIBED_FOR_SECONDS: Final = 3600.0
_ALGORITHMS: Final = ["RS256", "PS256", "ES256"]
"""Signed with the provider's private key; never `none`, never with a secret that we share."""
_LEEWAY_SECONDS: Final = 60
_SCOPE: Final = "openid profile"


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider knows."""

    subject: str
    """Theirs for ever."""
    username: str | None
    """What they are called now."""


@dataclass(frozen=True, slots=True)
class _Described:
    """What the provider says of itself, and its keys."""

    document: Mapping[str, Any]
    keys: KeySet
    until: float


class OpenIdProvider:
    """One issuer and our registration there."""

    def __init__(self, issuer: str, client_id: str, client_secret: SecretStr) -> None:
        """Nothing is asked yet."""
        self._issuer = issuer.rstrip("/")
        self._client_id = client_id
        self._client_secret = client_secret
        self._described: _Described | None = None

    async def authorization_url(self, state: str, nonce: str, verifier: str, redirect_uri: str) -> str:
        """Where the browser goes to sign in."""
        described = await self._describe()
        address: str = prepare_grant_uri(
            described.document["authorization_endpoint"],
            self._client_id,
            "code",
            redirect_uri=redirect_uri,
            scope=_SCOPE,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return address

    async def identity(self, code: str, nonce: str, verifier: str, redirect_uri: str) -> Identity:
        """Whom a code stands for, as the provider has signed it.

        Raises:
            UnauthenticatedError: the provider refuses the code, or what it signed is not for us, now, here.
            ProviderUnavailableError: it does not answer.
        """
        described = await self._describe()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        answer = await self._ask("POST", described.document["token_endpoint"], form)
        claims = await self._claims(answer, nonce)
        username = claims.get("preferred_username")
        return Identity(str(claims["sub"]), username if isinstance(username, str) else None)

    async def _claims(self, answer: Mapping[str, Any], nonce: str) -> CodeIDToken:
        token = str(answer.get("id_token", ""))
        try:
            try:
                signed = jwt.decode(token, (await self._describe()).keys, _ALGORITHMS)
            except (JoseError, ValueError):
                self._described = None  # the provider may have new keys; look once
                signed = jwt.decode(token, (await self._describe()).keys, _ALGORITHMS)
            claims = CodeIDToken(
                signed.claims,
                signed.header,
                options={
                    "iss": {"essential": True, "value": self._issuer_as_told()},
                    "aud": {"essential": True, "value": self._client_id},
                },
                params={
                    "nonce": nonce,
                    "client_id": self._client_id,
                    "access_token": answer.get("access_token"),
                },
            )
            claims.validate(now=int(time.time()), leeway=_LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            message = f"what the provider signed is not good: {type(error).__name__}"
            raise UnauthenticatedError(message) from None
        return claims

    def _issuer_as_told(self) -> str:
        described = self._described
        return str(described.document["issuer"]) if described else self._issuer

    async def _describe(self) -> _Described:
        known = self._described
        if known is not None and time.monotonic() < known.until:
            return known
        document = await self._ask("GET", f"{self._issuer}/.well-known/openid-configuration")
        if str(document.get("issuer", "")).rstrip("/") != self._issuer:
            message = "the provider calls itself by another name"
            raise ProviderUnavailableError(message)
        try:
            keys = KeySet.import_key_set(await self._ask("GET", document["jwks_uri"]))  # type: ignore[arg-type]
        except (JoseError, KeyError, ValueError, TypeError):
            message = "the provider shows no keys"
            raise ProviderUnavailableError(message) from None
        self._described = _Described(document, keys, time.monotonic() + _DESCRIBED_FOR_SECONDS)
        return self._described

    async def _ask(self, method: str, address: str, form: Mapping[str, str] | None = None) -> dict[str, Any]:
        """JSON from the provider; our registration goes with a form alone."""
        auth = (self._client_id, self._client_secret.get_secret_value()) if form is not None else None
        try:
            # A connection of its own: sign-ins are few, none is left to be closed. No redirect is followed.
            async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False) as http:
                answer = await http.request(method, address, data=form, auth=auth)
            body = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            message = f"the provider does not answer: {type(error).__name__}"
            raise ProviderUnavailableError(message) from None
        if form is not None and answer.is_client_error:
            message = "the provider refuses the code"
            raise UnauthenticatedError(message)
        if not answer.is_success or not isinstance(body, dict):
            message = f"the provider answers {answer.status_code}"
            raise ProviderUnavailableError(message)
        return body
