"""Development secrets: made at the first start, then the same for ever, in a file for its owner alone."""

import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from payam.errors import StateDirectoryError
from payam.state import write_private

FILE = "secrets.env"

MAKERS: Mapping[str, Callable[[], str]] = {
    "KAVENEGAR_WEBHOOK_SECRET": lambda: secrets.token_urlsafe(24),
    "KAVENEGAR_API_KEY": lambda: secrets.token_hex(32),
    "CASE_STORE_TOKEN": lambda: secrets.token_urlsafe(32),
    "PARTNER_API_KEY": lambda: secrets.token_urlsafe(32),
    "DESK_ADMIN_USER": lambda: "admin",
    "DESK_ADMIN_PASSWORD": lambda: secrets.token_urlsafe(12),
    "TRACKING_CODE_KEY": lambda: secrets.token_hex(32),
    "GATEWAY_PORTAL_SECRET": lambda: secrets.token_hex(32),
    "GATEWAY_VOICE_PUSH_SECRET": lambda: secrets.token_hex(32),
}
"""Every secret, and how it is made."""


def credentials(state_dir: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Every secret by its name: the environment's if set there, else the one made at the first start."""
    kept = _read(state_dir / FILE)
    missing = {name: make() for name, make in MAKERS.items() if name not in kept}
    if missing:
        kept |= missing
        write_private(state_dir / FILE, "".join(f"{name}={kept[name]}\n" for name in MAKERS))
    return {name: environment.get(name) or kept[name] for name in MAKERS}


def _read(file: Path) -> dict[str, str]:
    try:
        lines = file.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise StateDirectoryError(
            what=f"{file} cannot be read: {error.strerror}.",
            mend="Mend its owner; its mode should be 600.",
        ) from None
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs if value.strip()}
