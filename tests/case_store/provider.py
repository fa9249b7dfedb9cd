"""A small OpenID Connect provider on a port of its own: code flow, PKCE, RS256, and ways to get it wrong."""

import asyncio
import secrets
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Annotated
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import uvicorn
from fastapi import FastAPI, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from payam.ports import free_port

CLIENT_ID, CLIENT_SECRET = "payam-desk", "a-secret-between-us"


def new_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig", "alg": "RS256"})


@dataclass
class Provider:
    """What it signs can be bent before it is signed."""

    issuer: str
    subject: str = "person-1"
    username: str = "z.karimi"
    keys: list[RSAKey] = field(default_factory=lambda: [new_key()])
    bent: dict[str, object] = field(default_factory=dict)
    """Claims to put in; None leaves one out."""
    header: dict[str, str] = field(default_factory=dict)
    signs_with: RSAKey | None = None
    away: bool = False
    waiting: dict[str, dict[str, str]] = field(default_factory=dict)

    def id_token(self, nonce: str) -> str:
        key, now = self.signs_with or self.keys[-1], int(time.time())
        claims: dict[str, object] = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "preferred_username": self.username,
        }
        claims = {name: value for name, value in (claims | self.bent).items() if value is not None}
        header = {"alg": "RS256", "kid": str(key.kid)} | self.header
        return jwt.encode(header, claims, key, [header["alg"]])

    async def browse(self, authorization_url: str) -> tuple[str, str]:
        """As a person's browser does: go there, sign in, come back → state and code."""
        async with httpx.AsyncClient(trust_env=False) as browser:
            answer = await browser.get(authorization_url)
        assert answer.status_code == 307, answer.text
        back = {
            name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()
        }
        return back["state"], back["code"]


def build(provider: Provider) -> FastAPI:
    app = FastAPI()

    @app.middleware("http")
    async def whether_it_is_there(request: Request, go_on):
        return JSONResponse({}, 503) if provider.away else await go_on(request)

    @app.get("/.well-known/openid-configuration")
    async def describe():
        return {
            "issuer": provider.issuer,
            "authorization_endpoint": f"{provider.issuer}/authorize",
            "token_endpoint": f"{provider.issuer}/token",
            "jwks_uri": f"{provider.issuer}/keys",
        }

    @app.get("/keys")
    async def keys():
        return KeySet(list(provider.keys)).as_dict(private=False)

    @app.get("/authorize")
    async def authorize(request: Request):
        asked = dict(request.query_params)
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        provider.waiting[code] = asked
        return RedirectResponse(
            f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
        )

    @app.post("/token")
    async def token(
        request: Request,
        code: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
        code_verifier: Annotated[str, Form()],
        grant_type: Annotated[str, Form()],
    ):
        who = b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        asked = provider.waiting.pop(code, None)
        challenge = urlsafe_b64encode(sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
        good = (
            asked is not None
            and who == f"{CLIENT_ID}:{CLIENT_SECRET}"
            and grant_type == "authorization_code"
            and asked["redirect_uri"] == redirect_uri
            and asked["code_challenge"] == challenge
        )
        if not good or asked is None:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return {
            "access_token": secrets.token_urlsafe(16),
            "token_type": "Bearer",
            "id_token": provider.id_token(asked["nonce"]),
        }

    return app


@asynccontextmanager
async def running() -> AsyncIterator[Provider]:
    """A provider that answers."""
    port = free_port()
    provider = Provider(f"http://127.0.0.1:{port}")
    server = uvicorn.Server(uvicorn.Config(build(provider), port=port, log_level="error"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  (the server says it nowhere else)
        await asyncio.sleep(0.01)
    try:
        yield provider
    finally:
        server.should_exit = True
        await serving
