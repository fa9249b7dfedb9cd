"""What gateway-sms can be told; the README's table repeats it and a test compares."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import AnyHttpUrl, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bus.settings import SpoolingSettings
from chassis.settings import CallSettings, RedisSettings, ServiceSettings
from minting.settings import MintingSettings

_Seconds = Annotated[float, Field(gt=0)]


class KavenegarSettings(BaseSettings):
    """The account at Kavenegar."""

    model_config = SettingsConfigDict(
        env_prefix="KAVENEGAR_", use_attribute_docstrings=True, extra="ignore", hide_input_in_errors=True
    )

    api_key: SecretStr
    """Goes in the path of every call."""
    webhook_secret: SecretStr = Field(min_length=16)
    """The `{secret}` in the webhook URLs that the panel is given."""
    base_url: AnyHttpUrl = AnyHttpUrl("https://api.kavenegar.com")
    """Where the API is; the simulator's address in development."""
    timeout_seconds: _Seconds = 15.0
    """Longest wait for an answer."""
    connect_timeout_seconds: _Seconds = 5.0
    """Longest wait for a connection."""
    connections: int = Field(default=8, ge=1, le=100)
    """Connections kept open at most."""


class GatewaySmsSettings(SpoolingSettings, MintingSettings, ServiceSettings):
    """The gateway itself."""

    model_config = SettingsConfigDict(
        env_prefix="GATEWAY_SMS_", use_attribute_docstrings=True, extra="ignore", hide_input_in_errors=True
    )

    port: int = Field(default=8010, ge=1, le=65_535)
    """The port to listen on."""
    provider: str = "kavenegar"
    """Which provider carries our messages; one of `providers.PROVIDERS`."""
    lines: Annotated[tuple[str, ...], NoDecode] = ("10001420",)
    """Our numbers whose inboxes are reconciled, by comma."""
    spool_dir: Path = Path(".payam/spool/gateway-sms")
    """Local disk for what Kafka could not take and for leased tracking codes; one a replica."""
    longest_body: int = Field(default=65_536, ge=1_024, le=1_048_576)
    """Bytes of a webhook's body."""

    tps: float = Field(default=100, ge=1, le=10_000)
    """Messages a second that the contract with the provider allows, for all replicas together."""
    tps_recovery_seconds: _Seconds = 60
    """After the provider asked to slow down: how long until a halved rate has come back."""
    bulk_share: float = Field(default=0.25, gt=0, le=1)
    """The part of one second's messages that a bulk call takes at most: no reply waits long for it."""
    breaker_failures: int = Field(default=5, ge=1)
    """Unanswered calls in a row that open the circuit."""
    breaker_first_wait_seconds: _Seconds = 5
    """How long it stays open at first; twice as long each time."""
    breaker_longest_wait_seconds: _Seconds = 60
    """The most that it stays open."""
    alarm_wait_seconds: _Seconds = 60
    """How long it stays open after a code that needs a person."""
    resend_pause_seconds: float = Field(default=1, ge=0)
    """After an unanswered call: the pause before asking what became of it."""

    flush_every_seconds: _Seconds = 1
    """How often ids of messages in are written to Redis."""
    poll_every_seconds: _Seconds = 30
    """How often it is looked whether a state is to be asked for."""
    poll_first_seconds: _Seconds = 300
    """Age of a message at which its state is first asked for; then at twice the age each time."""
    poll_longest_seconds: _Seconds = 3_600
    """The most between two questions about one message."""
    poll_window: timedelta = timedelta(hours=48)
    """How long the provider remembers a message; after that its state is unknown."""
    inbox_every_seconds: _Seconds = 60
    """How often the provider's inbox is compared with what came by webhook."""
    inbox_window: timedelta = Field(default=timedelta(hours=2), gt=timedelta(0), le=timedelta(days=2))
    """How far back each comparison looks."""
    inbox_grace_seconds: float = Field(default=10, ge=0)
    """A message younger than this may still be on its way by webhook."""

    price_persian_rial: int = Field(default=1_500, ge=0)
    """Of one UCS-2 part."""
    price_latin_rial: int = Field(default=3_200, ge=0)
    """Of one GSM-7 part."""

    calls: CallSettings = Field(default_factory=CallSettings)
    """From `CALLS_…`: when telephones may ring."""
    redis: RedisSettings = Field(default_factory=RedisSettings)
    """From `REDIS_…`."""
    kavenegar: KavenegarSettings = Field(default_factory=KavenegarSettings)
    """From `KAVENEGAR_…`."""

    @field_validator("lines", mode="before")
    @classmethod
    def _by_comma(cls, value: object) -> object:
        return (
            tuple(part.strip() for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )
