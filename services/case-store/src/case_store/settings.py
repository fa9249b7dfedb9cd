"""What a deployment can set."""

from datetime import timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bus.settings import KafkaSettings
from case_store.model import Rules, Windows
from case_store.staffing import Lifetime, LockOut
from chassis.settings import CallSettings, DatabaseSettings, ServiceSettings
from objects.settings import ObjectsSettings

_KEY_BYTES: Final = 32


def _a_key(key: SecretStr) -> SecretStr:
    if len(bytes.fromhex(key.get_secret_value())) != _KEY_BYTES:
        message = "must be 32 bytes in hexadecimal"
        raise ValueError(message)
    return key


Key = Annotated[SecretStr, AfterValidator(_a_key)]


class AccessSettings(BaseSettings):
    """Who signs in, how, and for how long."""

    model_config = SettingsConfigDict(
        env_prefix="CASE_STORE_",
        use_attribute_docstrings=True,
        extra="ignore",
        hide_input_in_errors=True,
        populate_by_name=True,
        env_ignore_empty=True,
    )

    session_idle_minutes: float = Field(default=60, gt=0)
    """A staff session without a request for so long, in minutes, has ended."""
    session_hours: float = Field(default=12, gt=0, le=24)
    """A staff session ends so long, in hours, after the sign-in, whatever happens in it."""
    lockout_failures: int = Field(default=5, ge=1, le=100)
    """After so many wrong guesses in a row nobody gets into an account for a while."""
    lockout_seconds: float = Field(default=30, gt=0)
    """How long, in seconds, at first; each further wrong guess doubles it."""
    lockout_longest_minutes: float = Field(default=15, gt=0)
    """How long at most, in minutes; an administrator can unlock at once."""
    secrets_key: Key | None = None
    """32 bytes in hexadecimal that seal second factors at rest; derived from TRACKING_CODE_KEY if not set."""
    second_factor_issuer: str = "Payam 1420"
    """What a phone calls the account whose codes it shows."""
    sso_issuer: str | None = Field(default=None, pattern=r"^(https://|http://(127\.0\.0\.1|localhost)[:/])")
    """The OpenID Connect issuer that staff may sign in with; no single sign-on if not set."""
    sso_client_id: str = ""
    """How it knows us."""
    sso_client_secret: SecretStr = SecretStr("")
    """What proves it."""
    sso_by_username: bool = False
    """Link an account to whoever first comes with its user name; only if the issuer vouches for names."""
    desk_admin_user: str | None = Field(default=None, validation_alias="DESK_ADMIN_USER")
    """The first administrator's user name; made when there is no staff at all."""
    desk_admin_password: SecretStr | None = Field(
        default=None, min_length=10, validation_alias="DESK_ADMIN_PASSWORD"
    )
    """The first administrator's password; of no use later."""
    partner_api_key: SecretStr | None = Field(default=None, min_length=32, validation_alias="PARTNER_API_KEY")
    """A key, at least 32 characters, of the partner `development`; made at the first start, every scope."""

    @property
    def lifetime(self) -> Lifetime:
        """How long sessions last."""
        return Lifetime(timedelta(minutes=self.session_idle_minutes), timedelta(hours=self.session_hours))

    @property
    def lock_out(self) -> LockOut:
        """How guessing is slowed down."""
        return LockOut(
            self.lockout_failures,
            timedelta(seconds=self.lockout_seconds),
            timedelta(minutes=self.lockout_longest_minutes),
        )


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
    tracking_code_key: Key = Field(validation_alias="TRACKING_CODE_KEY")
    """32 bytes in hexadecimal, the same for everybody who mints tracking codes."""
    sms_line: str = "10001420"
    """The number that SMS leave from to people who did not come by SMS."""
    voice_line: str = Field(default="1420", min_length=1)
    """The number that people are called from who did not call us."""
    record_calls: bool = False
    """Record the calls that agents have made for them; the person is told so first."""
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
    access: AccessSettings = Field(default_factory=AccessSettings)
    """How the staff sign in."""
    objects_url: str = ".payam/objects"
    """Where files are kept: a folder (a path or `file:///…`), or `s3://bucket/prefix` with its `AWS_…`."""
    objects: ObjectsSettings = Field(default_factory=ObjectsSettings)
    """The keys that seal them, from `OBJECTS_…`."""
    file_megabytes: int = Field(default=10, ge=1, le=100)
    """How large a file of a case may be, in megabytes of 1,000,000 bytes."""
    calls: CallSettings = Field(default_factory=CallSettings)
    """When people may be rung, from `CALLS_…`."""
    database: DatabaseSettings = Field(default_factory=DatabaseSettings)
    """PostgreSQL, from `DATABASE_…`."""
    kafka: KafkaSettings = Field(default_factory=KafkaSettings)
    """The bus, from `KAFKA_…`."""

    @property
    def rules(self) -> Rules:
        """What the handlers follow."""
        windows = Windows(
            burst=timedelta(minutes=self.burst_minutes),
            continuation=timedelta(hours=self.continuation_hours),
            reopening=timedelta(days=self.reopen_days),
            short_text=self.short_text,
        )
        return Rules(
            windows,
            self.sms_line,
            self.voice_line,
            self.record_calls,
            timedelta(seconds=self.redrive_after_seconds),
            self.redrives,
            self.calls.hours,
        )

    @property
    def second_factor_key(self) -> bytes:
        """What seals second factors at rest."""
        key = self.access.secrets_key or self.tracking_code_key
        return bytes.fromhex(key.get_secret_value())

    @property
    def most_file_bytes(self) -> int:
        """How large a file may be, in bytes."""
        return self.file_megabytes * 1_000_000

    @property
    def code_key(self) -> bytes:
        """The key of tracking codes as bytes."""
        return bytes.fromhex(self.tracking_code_key.get_secret_value())
