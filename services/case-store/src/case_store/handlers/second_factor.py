"""Codes that change every thirty seconds (TOTP): made, kept encrypted, checked, each good once."""

import hmac
from datetime import datetime
from typing import Final
from uuid import UUID

import pyotp
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from envelope.addresses import latin_digits

_STEP_SECONDS: Final = 30
_WINDOW: Final = (0, -1, 1)
"""A phone's clock may be a step off."""


class SecondFactor:
    """No I/O: what it makes and reads is kept by others."""

    def __init__(self, key: bytes, issuer: str) -> None:
        """`key` seals the secrets at rest; `issuer` is shown in the phone's app."""
        self._key = OctKey.import_key(hmac.digest(key, b"case-store second factor", "sha256"))
        self._issuer = issuer

    def make(self, username: str) -> tuple[str, str]:
        """A new secret, and the address that a phone reads from a QR code."""
        secret = pyotp.random_base32()
        return secret, pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=self._issuer)

    def seal(self, secret: str, staff_id: UUID) -> bytes:
        """As it is kept: encrypted, and bound to its owner."""
        header = {"alg": "dir", "enc": "A256GCM", "kid": str(staff_id)}
        return jwe.encrypt_compact(header, secret.encode(), self._key).encode()

    def unseal(self, sealed: bytes, staff_id: UUID) -> str | None:
        """The secret again; None if it is another's, or was sealed with another key."""
        try:
            opened = jwe.decrypt_compact(sealed, self._key, algorithms=["dir", "A256GCM"])
        except JoseError:
            return None
        if opened.headers().get("kid") != str(staff_id) or opened.plaintext is None:
            return None
        return opened.plaintext.decode()

    def step_of(self, code: str, sealed: bytes, staff_id: UUID, now: datetime) -> int | None:
        """The time step that a code belongs to, if it is one of the three of now; digits of any script."""
        secret = self.unseal(sealed, staff_id)
        typed = latin_digits(code.replace(" ", "")).encode()
        if secret is None:
            return None
        totp, current = pyotp.TOTP(secret), int(now.timestamp()) // _STEP_SECONDS
        right = [
            current + off
            for off in _WINDOW
            if hmac.compare_digest(totp.generate_otp(current + off).encode(), typed)
        ]
        return right[0] if right else None
