"""Standard Webhooks: the headers by which a receiver knows that a webhook is ours, whole, and of now."""

import base64
import hmac
from collections.abc import Sequence
from typing import Final

_PREFIX: Final = "whsec_"


def signed(secrets: Sequence[str], event_id: str, at: int, body: bytes) -> dict[str, str]:
    """The three headers; one signature a secret, so that a receiver can change over from one to the next.

    Args:
        secrets: `whsec_` and base64, the newest first.
        event_id: The same each time that the event is told.
        at: Seconds since 1970, of this try.
        body: As it is sent, to the byte.
    """
    told = f"{event_id}.{at}.".encode() + body
    signatures = [base64.b64encode(hmac.digest(_key(secret), told, "sha256")).decode() for secret in secrets]
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
