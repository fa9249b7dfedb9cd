"""An engine's password lives in a file beside its data, so that both are kept or deleted together."""

import os
import secrets
from pathlib import Path


def password_in(folder: Path) -> str:
    """The password kept in this folder, made at the first call; mode 600."""
    file = folder / "password"
    try:
        return file.read_text("ascii").strip()
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(secrets.token_urlsafe(24))
    return file.read_text("ascii")
