"""What gateway-voice can be told; the README's table repeats what is changed most."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Final

from pydantic import AnyHttpUrl, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bus.settings import SpoolingSettings
from chassis.settings import ServiceSettings
from minting.settings import MintingSettings

_EVERYWHERE: Final = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))


class AsteriskSettings(BaseSettings):
    """The Asterisk that gives us its calls over ARI, and how a caller is led."""

    model_config = SettingsConfigDict(
        env_prefix="ASTERISK_",
        env_ignore_empty=True,
        use_attribute_docstrings=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    url: AnyHttpUrl | None = None
    """Base of its ARI (`http://127.0.0.1:8088/ari`); without one no calls are answered."""
    user: str = "payam"
    """As in its ari.conf."""
    password: SecretStr = SecretStr("")
    """As in its ari.conf."""
    app: str = "payam"
    """Our name in its dialplan: `Stasis(payam)`."""
    timeout_seconds: float = Field(default=5.0, gt=0)
    """Longest wait for its answer to one order."""
    queue_context: str = "queue"
    """Where in its dialplan a call goes on in staffed hours, at the number that was called."""
    sounds: str = "payam"
    """Folder of the prompts among its sounds, or an absolute path there: `{sounds}/{language}/{prompt}`."""
    longest_message_seconds: int = Field(default=180, ge=10, le=7_200)
    """Longest message that a caller can leave."""
    silence_seconds: int = Field(default=10, ge=2, le=120)
    """Silence that ends a message."""
    shortest_message_seconds: float = Field(default=1.0, ge=0)
    """What is shorter was no message: nobody can say a word in it."""
    key_seconds: float = Field(default=6.0, gt=0)
    """How long a caller has for the next key."""
    longest_call_seconds: float = Field(default=1_200, gt=0)
    """A call that takes longer is ended; what was said is kept."""
    look_every_seconds: float = Field(default=60, gt=0)
    """Pause between two looks for recordings that Asterisk still holds."""


class GatewayVoiceSettings(SpoolingSettings, MintingSettings, ServiceSettings):
    """The gateway itself."""

    model_config = SettingsConfigDict(
        env_prefix="GATEWAY_VOICE_", use_attribute_docstrings=True, extra="ignore", hide_input_in_errors=True
    )

    port: int = Field(default=8030, ge=1, le=65_535)
    """The port to listen on."""
    line: str = "1420"
    """Our number, where a mailbox does not say which one was called."""
    spool_dir: Path = Path(".payam/spool/gateway-voice")
    """Local disk for recordings on their way, what Kafka could not take, and leased codes; one a replica."""
    objects_url: str = ".payam/objects"
    """Where recordings are kept for good, the same as the case store's: a folder, `file://…` or `s3://…`."""
    push_secret: SecretStr = SecretStr("")
    """PBXs that push sign with it (HMAC-SHA256); without one nothing can be pushed."""
    push_networks: tuple[IPv4Network | IPv6Network, ...] = _EVERYWHERE
    """Where pushes may come from, as JSON: `["10.1.0.0/16"]`; for everybody else the route is not there."""
    push_window_seconds: float = Field(default=300, gt=0, le=3_600)
    """How old or how far ahead a signature's time may be."""
    pushes_at_once: int = Field(default=8, ge=1, le=100)
    """Pushes under way above which the next one is told to come again."""
    largest_recording_mb: int = Field(default=120, ge=1, le=1_000)
    """Largest recording that may be pushed, in megabytes; two hours of a telephone are 115."""
    voicemail_dir: Path | None = None
    """Asterisk's own mailboxes (`/var/spool/asterisk/voicemail`): messages are taken, and deleted there."""
    voicemail_every_seconds: float = Field(default=10, gt=0)
    """Pause between two looks into the mailboxes."""
    inspect_at_once: int = Field(default=2, ge=1, le=32)
    """Recordings that are listened to at the same time, each in a process of its own."""
    inspect_seconds: float = Field(default=600, gt=0)
    """Longest that listening to a recording and making its copy may take; a minute for two hours of it."""
    inspect_memory_mb: int = Field(default=1_024, ge=256)
    """Address space of such a process, in megabytes."""
    longest_sound_seconds: float = Field(default=4 * 3_600, gt=0)
    """A recording that proves to be longer is kept as it came, without a copy."""
    remembered_days: float = Field(default=30, gt=0)
    """How long a recording's id is known, so that the same one again has the same code."""

    asterisk: AsteriskSettings = Field(default_factory=AsteriskSettings)
    """From `ASTERISK_…`."""
