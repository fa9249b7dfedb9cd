"""The settings that every service has, and the small pieces that some share."""

from datetime import time
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from persian.hours import DAYTIME, CallHours


class ServiceSettings(BaseSettings):
    """What every service can be told; a service derives its own with its prefix and port."""

    model_config = SettingsConfigDict(
        use_attribute_docstrings=True, extra="ignore", hide_input_in_errors=True
    )

    host: str = "127.0.0.1"
    """The address to listen on."""
    port: int = Field(default=8000, ge=1, le=65_535)
    """The port to listen on."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least that is logged."""
    log_format: Literal["json", "console"] = "json"
    """`json` for machines, `console` for a person at a terminal."""
    stop_within_seconds: float = Field(default=20.0, gt=0)
    """How long requests in flight may take when the service stops."""


class DatabaseSettings(BaseSettings):
    """PostgreSQL, for the services that keep state in it."""

    model_config = SettingsConfigDict(env_prefix="DATABASE_", use_attribute_docstrings=True, extra="ignore")

    url: SecretStr = SecretStr("postgresql+asyncpg://payam@127.0.0.1:5432/payam")
    """SQLAlchemy's form with asyncpg; `postgres://` and `postgresql://` are taken as well."""
    pool_size: int = Field(default=10, ge=1, le=200)
    """Connections kept."""


class RedisSettings(BaseSettings):
    """Redis, for the services that share short-lived state through it."""

    model_config = SettingsConfigDict(env_prefix="REDIS_", use_attribute_docstrings=True, extra="ignore")

    url: SecretStr = SecretStr("redis://127.0.0.1:6379/0")
    """`redis://` or `rediss://`."""
    timeout_seconds: float = Field(default=1.0, gt=0)
    """Longest wait for an answer before going on without it."""


class CallSettings(BaseSettings):
    """When messages may be read out over the telephone: for who writes them and who hands them over."""

    model_config = SettingsConfigDict(env_prefix="CALLS_", use_attribute_docstrings=True, extra="ignore")

    begin: time = DAYTIME.begin
    """No telephone rings before it; the time of the day in Tehran."""
    end: time = DAYTIME.end
    """Nor from then on; the same as the beginning is the whole day."""

    @property
    def hours(self) -> CallHours:
        """Both together."""
        return CallHours(self.begin, self.end)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _ = self.hours
        return self
