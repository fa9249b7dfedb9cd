"""Secrets that sign webhooks: made as Standard Webhooks say, kept sealed, opened only to be used."""

import base64
import hmac
import secrets
from typing import Final
from uuid import UUID

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

_BYTES: Final = 32


class SigningSecrets:
    """No I/O: what it makes and seals is kept by others."""

    def __init__(self, key: bytes) -> None:
        """`key` seals them at rest."""
        self._key = OctKey.import_key(hmac.digest(key, b"case-store webhook secrets", "sha256"))

    def make(self) -> str:
        """A new one, `whsec_` and 32 bytes in base64."""
        return "whsec_" + base64.b64encode(secrets.token_bytes(_BYTES)).decode()

    def seal(self, secret: str, webhook_id: UUID) -> bytes:
        """As it is kept: encrypted, and bound to its endpoint."""
        header = {"alg": "dir", "enc": "A256GCM", "kid": str(webhook_id)}
        return jwe.encrypt_compact(header, secret.encode(), self._key).encode()

    def unseal(self, sealed: bytes, webhook_id: UUID) -> str | None:
        """The secret again; None if it is another endpoint's, or was sealed with another key."""
        try:
            opened = jwe.decrypt_compact(sealed, self._key, algorithms=["dir", "A256GCM"])
        except (JoseError, ValueError):
            return None
        if opened.headers().get("kid") != str(webhook_id) or opened.plaintext is None:
            return None
        return opened.plaintext.decode()
