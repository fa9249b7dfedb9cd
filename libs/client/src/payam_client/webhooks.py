"""Whether a webhook is from Payam: Standard Webhooks, compared in constant time."""

import base64
import binascii
import hmac
import time
from collections.abc import Callable, Mapping
from typing import Final

from pydantic import ValidationError

from payam_client.errors import SignatureError
from payam_client.models import Event

_PREFIX: Final = "whsec_"
_VERSION: Final = "v1"
_LONGEST_TIME: Final = 12


class Webhook:
    """Knows the secrets of one webhook; while they are renewed there are two."""

    def __init__(
        self, *secrets: str, tolerance: float = 300.0, clock: Callable[[], float] = time.time
    ) -> None:
        """`secrets` as `whsec_…`; `tolerance`: seconds that a webhook may be old, or ahead.

        Raises:
            ValueError: a secret that is none.
        """
        if not secrets:
            message = "a webhook has a secret"
            raise ValueError(message)
        self._keys = tuple(_key(secret) for secret in secrets)
        self._tolerance = tolerance
        self._clock = clock

    def verify(self, body: bytes, headers: Mapping[str, str]) -> Event:
        """The event, if it is from Payam; `body` as it came, to the byte.

        Raises:
            SignatureError: it is not, is too old, or cannot be read.
        """
        told = {name.lower(): value for name, value in headers.items()}
        identity, sent_at = told.get("webhook-id", ""), told.get("webhook-timestamp", "")
        self._check_time(sent_at)
        signed = b".".join((identity.encode(), sent_at.encode(), body))
        expected = [hmac.digest(key, signed, "sha256") for key in self._keys]
        # Each is compared with each, so that the time taken tells nothing.
        matches = [
            hmac.compare_digest(given, own)
            for given in _given(told.get("webhook-signature", ""))
            for own in expected
        ]
        if not any(matches):
            message = "no signature matches"
            raise SignatureError(message)
        try:
            return Event.model_validate_json(body)
        except ValidationError:
            message = "the body is no event"
            raise SignatureError(message) from None

    def _check_time(self, sent_at: str) -> None:
        if not (sent_at.isascii() and sent_at.isdigit() and len(sent_at) <= _LONGEST_TIME):
            message = "there is no time"
            raise SignatureError(message)
        if abs(self._clock() - int(sent_at)) > self._tolerance:
            message = "it is too old, or the clocks differ"
            raise SignatureError(message)


def _key(secret: str) -> bytes:
    if not secret.startswith(_PREFIX):
        message = f"a secret begins with {_PREFIX}"
        raise ValueError(message)
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        message = "the secret is no Base64"
        raise ValueError(message) from None


def _given(header: str) -> list[bytes]:
    found = []
    for one in header.split(" "):
        version, _, signature = one.partition(",")
        if version == _VERSION:
            try:
                found.append(base64.b64decode(signature, validate=True))
            except (binascii.Error, ValueError):
                continue
    return found
