"""What a deployment can set."""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from chassis.settings import ServiceSettings


class GatewayPortalSettings(ServiceSettings):
    """The portal's own, from `GATEWAY_PORTAL_…`; the case store's from the names that all share."""

    model_config = SettingsConfigDict(
        env_prefix="GATEWAY_PORTAL_",
        use_attribute_docstrings=True,
        extra="ignore",
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    port: int = Field(default=8000, ge=1, le=65_535)
    """The port to listen on."""
    case_store_url: str = Field(default="http://127.0.0.1:8040", validation_alias="CASE_STORE_URL")
    """The case store's address."""
    case_store_token: SecretStr = Field(validation_alias="CASE_STORE_TOKEN")
    """A service token."""
    call_timeout_seconds: float = Field(default=5, gt=0)
    """Longest wait for the case store before the page says that it is away, in seconds."""
    attempts_per_minute: int = Field(default=20, ge=1)
    """Codes that one address may have checked in a minute; counted by each replica for itself."""
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = ()
    """Networks of the proxies in front, by comma: only from them is `X-Forwarded-For` believed."""

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _by_comma(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value
