"""Where tracking codes are leased, and what they are permuted with."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, AnyHttpUrl, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_HEX_KEY: Final = re.compile(r"[0-9a-fA-F]{64}")


class CaseStoreSettings(BaseSettings):
    """Where tracking codes are leased."""

    model_config = SettingsConfigDict(
        env_prefix="CASE_STORE_", use_attribute_docstrings=True, extra="ignore", hide_input_in_errors=True
    )

    url: AnyHttpUrl = AnyHttpUrl("http://127.0.0.1:8040")
    """Base of its API."""
    token: SecretStr
    """A service token."""


def _is_a_key(value: SecretStr) -> SecretStr:
    if not _HEX_KEY.fullmatch(value.get_secret_value()):
        message = "must be 64 hexadecimal digits"
        raise ValueError(message)
    return value


CodeKey = Annotated[SecretStr, AfterValidator(_is_a_key)]
"""32 bytes in hex, the same for every gateway: permutes the leased numbers."""
