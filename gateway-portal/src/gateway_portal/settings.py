"""What a deployment can set; the README's table repeats it and a test compares."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from bus.settings import SpoolingSettings
from chassis.settings import RedisSettings, ServiceSettings
from minting.settings import CodeKey, MintingSettings
from objects.settings import ObjectsSettings


class GatewayPortalSettings(SpoolingSettings, MintingSettings, ServiceSettings):
    """The portal's own, from `GATEWAY_PORTAL_…`."""

    model_config = SettingsConfigDict(
        env_prefix="GATEWAY_PORTAL_",
        use_attribute_docstrings=True,
        extra="ignore",
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    port: int = Field(default=8000, ge=1, le=65_535)
    """The port to listen on."""
    public_url: str = ""
    """Where people reach the portal (`https://…`): its cookie then goes over TLS alone."""
    line: str = "portal"
    """What messages of the portal carry as our address."""
    sms_line: str = "10001420"
    """Our number that one-time codes are sent from."""
    secret: CodeKey = Field(validation_alias="GATEWAY_PORTAL_SECRET")
    """32 bytes in hex: seals what a page carries from one step to the next, and hides one-time codes."""
    call_timeout_seconds: float = Field(default=5, gt=0)
    """Longest wait for the case store before the page says that it is away, in seconds."""
    attempts_per_minute: int = Field(default=20, ge=1)
    """Letters that one address may have checked in a minute; counted by each replica for itself."""
    code_seconds: int = Field(default=180, ge=30, le=900)
    """How long a one-time code is good."""
    session_minutes: int = Field(default=30, ge=5, le=1_440)
    """How long a sign-in lasts without a click."""
    largest_file_mb: int = Field(default=8, ge=1, le=50)
    """Largest file that a person may send along, in megabytes."""
    objects_url: str = ".payam/objects"
    """Where files are kept, the same as the case store's: a folder, `file://…` or `s3://…`."""
    webhook_networks: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = ()
    """Private networks that webhooks may go to all the same, by comma; on a developer's machine loopback."""
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = ()
    """Networks of the proxies in front, by comma: only from them is `X-Forwarded-For` believed."""
    spool_dir: Path = Path(".payam/spool/gateway-portal")
    """Local disk for what Kafka could not take and for leased tracking codes; one a replica."""

    objects: ObjectsSettings = Field(default_factory=ObjectsSettings)
    """From `OBJECTS_…`."""
    redis: RedisSettings = Field(default_factory=RedisSettings)
    """From `REDIS_…`."""

    @field_validator("trusted_proxies", "webhook_networks", mode="before")
    @classmethod
    def _by_comma(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @property
    def secure(self) -> bool:
        """Whether the portal is reached over TLS."""
        return self.public_url.startswith("https://")

    @property
    def public_host(self) -> str:
        """As people read it on paper; nothing where it was not told."""
        return urlsplit(self.public_url).netloc

    @property
    def key(self) -> bytes:
        """`secret` as bytes."""
        return bytes.fromhex(self.secret.get_secret_value())
