"""Where tracking codes are leased, and what they are permuted with."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, AnyHttpUrl, Field, SecretStr
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


class MintingSettings(BaseSettings):
    """What a gateway that mints tracking codes is told: mixed into its own settings, under its own prefix."""

    model_config = SettingsConfigDict(use_attribute_docstrings=True)

    tracking_code_key: CodeKey = Field(validation_alias="TRACKING_CODE_KEY")
    """32 bytes in hex, the same for every gateway: permutes the leased numbers."""
    lease_size: int = Field(default=100_000, ge=100, le=10_000_000)
    """Tracking codes leased at a time; the next block is asked for when half are used."""
    case_store: CaseStoreSettings = Field(default_factory=CaseStoreSettings)
    """From `CASE_STORE_…`."""

    @property
    def code_key(self) -> bytes:
        """`tracking_code_key` as bytes."""
        return bytes.fromhex(self.tracking_code_key.get_secret_value())
