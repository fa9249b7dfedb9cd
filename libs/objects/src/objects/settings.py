"""Which keys seal files at rest; none by default."""

import binascii
import json
from base64 import b64decode
from functools import cached_property
from pathlib import Path
from typing import Self

from pydantic import SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from objects.keyring import KEY_BYTES, NAME, Keyring


class ObjectsSettings(BaseSettings):
    """The same for every service that takes or gives files."""

    model_config = SettingsConfigDict(
        env_prefix="OBJECTS_",
        env_ignore_empty=True,
        use_attribute_docstrings=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    keys: SecretStr = SecretStr("")
    """Seal files at rest: JSON of each key's name and 32 bytes in base64, or the path of a file with that."""
    key: str = ""
    """The name of the key that seals from now on; the others open what they sealed."""
    plain: bool = True
    """Give out files that were kept before there were keys; off once none is left."""

    @model_validator(mode="after")
    def _usable(self) -> Self:
        _ = self.keyring
        return self

    @cached_property
    def keyring(self) -> Keyring | None:
        """None where files are not sealed."""
        told = self.keys.get_secret_value().strip()
        if not told:
            if self.key:
                message = "OBJECTS_KEY names a key, and OBJECTS_KEYS has none"
                raise ValueError(message)
            return None
        keys = _read(told)
        if self.key not in keys:
            message = f"OBJECTS_KEY must name one of the keys: {', '.join(sorted(keys))}"
            raise ValueError(message)
        return Keyring(self.key, keys, plain=self.plain)


def _read(told: str) -> dict[str, bytes]:
    """Errors name keys, never what they are."""
    try:
        listed = json.loads(told if told.startswith("{") else Path(told).read_text("utf-8"))
    except OSError as error:
        message = f"the file of OBJECTS_KEYS cannot be read: {error.strerror}"
        raise ValueError(message) from None
    except ValueError:
        listed = None
    if not isinstance(listed, dict) or not listed:
        message = "OBJECTS_KEYS must be JSON of names and keys, or the path of a file with that"
        raise ValueError(message) from None
    return {name: _key(name, value) for name, value in listed.items()}


def _key(name: str, value: object) -> bytes:
    if not NAME.fullmatch(name):
        message = "a key's name has up to 32 small letters, digits, dots, dashes and underscores"
        raise ValueError(message)
    try:
        key = b64decode(value, validate=True) if isinstance(value, str) else b""
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        message = f"the key {name} must be {KEY_BYTES} bytes in base64"
        raise ValueError(message)
    return key
