"""What the operator's command can be told from outside; everything has a default that suits one machine."""

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class CliSettings(BaseSettings):
    """Settings of `payam`, from the environment."""

    model_config = SettingsConfigDict(
        env_prefix="PAYAM_",
        use_attribute_docstrings=True,
        extra="ignore",
        hide_input_in_errors=True,
        env_ignore_empty=True,
    )

    state_dir: Path = Path(".payam")
    """Where engines keep their data, services their spools, and the development secrets lie."""
    kafka_port: int | None = Field(default=None, ge=1, le=65_535)
    """The port of the embedded broker; a free one if not set."""
    postgres_port: int | None = Field(default=None, ge=1, le=65_535)
    """The port of the embedded PostgreSQL; a free one if not set."""
    redis_port: int | None = Field(default=None, ge=1, le=65_535)
    """The port of the embedded Redis; a free one if not set."""
    ready_timeout_seconds: float = Field(default=120.0, gt=0)
    """How long `payam up` waits for everything to be ready, in seconds, before it says what is missing."""
    drain_timeout_seconds: float = Field(default=30.0, gt=0)
    """How long a service may take to end in good order, in seconds, before it is killed."""

    kafka_bootstrap_servers: str | None = Field(default=None, validation_alias="KAFKA_BOOTSTRAP_SERVERS")
    """A Kafka of your own, `host:port`, several by comma; the embedded broker if not set."""
    database_url: SecretStr | None = Field(default=None, validation_alias="DATABASE_URL")
    """A PostgreSQL of your own, `postgresql+asyncpg://…`; the embedded one if not set."""
    redis_url: SecretStr | None = Field(default=None, validation_alias="REDIS_URL")
    """A Redis or Valkey of your own, `redis://…`; the embedded one if not set."""
    kavenegar_base_url: str | None = Field(default=None, validation_alias="KAVENEGAR_BASE_URL")
    """Where Kavenegar's API is; the simulator if not set."""
    kavenegar_api_key: SecretStr | None = Field(default=None, validation_alias="KAVENEGAR_API_KEY")
    """Our key to Kavenegar; made at the first start if not set."""
    case_store_token: SecretStr | None = Field(default=None, validation_alias="CASE_STORE_TOKEN")
    """The service token of the case store; made at the first start if not set."""
    case_store_url: str = Field(
        default="http://127.0.0.1:8040",
        validation_alias=AliasChoices("CASE_STORE_URL", "PAYAM_CASE_STORE_URL"),
    )
    """Where the case store's API is, for `payam dlq` and `payam case`."""

    def engine_port(self, name: str) -> int | None:
        """The port that an embedded engine was given, by its name."""
        return {"kafka": self.kafka_port, "postgres": self.postgres_port, "redis": self.redis_port}[name]

    def given(self, name: str) -> str | None:
        """The URL of an engine that we need not start, by its name."""
        urls = {
            "kafka": self.kafka_bootstrap_servers,
            "postgres": self.database_url and self.database_url.get_secret_value(),
            "redis": self.redis_url and self.redis_url.get_secret_value(),
        }
        return urls[name] or None
