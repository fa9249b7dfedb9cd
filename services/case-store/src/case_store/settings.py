"""What a deployment can set."""

from datetime import timedelta
from typing import Final

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from bus.settings import KafkaSettings
from case_store.model import Rules, Windows
from chassis.settings import DatabaseSettings, ServiceSettings

_KEY_BYTES: Final = 32


class CaseStoreSettings(ServiceSettings):
    """The case store's own, from `CASE_STORE_…`; the engines' and the shared key's from their own names."""

    model_config = SettingsConfigDict(
        env_prefix="CASE_STORE_",
        use_attribute_docstrings=True,
        extra="ignore",
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    port: int = Field(default=8040, ge=1, le=65_535)
    """The port to listen on."""
    token: SecretStr = Field(min_length=16)
    """The service token, with every right; at least 16 characters."""
    tracking_code_key: SecretStr = Field(validation_alias="TRACKING_CODE_KEY")
    """32 bytes in hexadecimal, the same for everybody who mints tracking codes."""
    sms_line: str = "10001420"
    """The number that SMS leave from to people who did not come by SMS."""
    batch_size: int = Field(default=500, ge=1, le=5_000)
    """Messages filed in one transaction at most."""
    burst_minutes: float = Field(default=60, ge=0)
    """So long after the last word, in minutes, a message of the same section is taken as the same breath."""
    continuation_hours: float = Field(default=72, ge=0)
    """So long, in hours, an open case is continued by a message without its code."""
    reopen_days: int = Field(default=14, ge=0)
    """So long, in days, a closed case is opened again by a reply; later a new case is linked to it."""
    short_text: int = Field(default=20, ge=0)
    """A message of at most so many letters says too little to be a matter of its own."""
    outbox_batch: int = Field(default=1_000, ge=1, le=10_000)
    """Rows published in one go at most."""
    outbox_poll_seconds: float = Field(default=1.0, gt=0, le=60)
    """How often the outbox is looked at when nothing wakes it, in seconds."""
    redrive_after_seconds: float = Field(default=300, gt=0)
    """A message out of which nothing was heard for so long, in seconds, is sent again; doubled each time."""
    redrives: int = Field(default=5, ge=0, le=20)
    """How often it is sent again before it is given up and shown as stuck."""
    sweep_seconds: float = Field(default=15, gt=0)
    """How often the sweeper looks, in seconds."""
    database: DatabaseSettings = Field(default_factory=DatabaseSettings)
    """PostgreSQL, from `DATABASE_…`."""
    kafka: KafkaSettings = Field(default_factory=KafkaSettings)
    """The bus, from `KAFKA_…`."""

    @field_validator("tracking_code_key")
    @classmethod
    def _is_a_key(cls, key: SecretStr) -> SecretStr:
        if len(bytes.fromhex(key.get_secret_value())) != _KEY_BYTES:
            message = "must be 32 bytes in hexadecimal"
            raise ValueError(message)
        return key

    @property
    def rules(self) -> Rules:
        """What the handlers follow."""
        windows = Windows(
            burst=timedelta(minutes=self.burst_minutes),
            continuation=timedelta(hours=self.continuation_hours),
            reopening=timedelta(days=self.reopen_days),
            short_text=self.short_text,
        )
        return Rules(windows, self.sms_line, timedelta(seconds=self.redrive_after_seconds), self.redrives)

    @property
    def code_key(self) -> bytes:
        """The key of tracking codes as bytes."""
        return bytes.fromhex(self.tracking_code_key.get_secret_value())
