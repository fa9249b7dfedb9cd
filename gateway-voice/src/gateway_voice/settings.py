"""What gateway-voice can be told; the README's table repeats what is changed most."""

from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, AnyHttpUrl, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bus.settings import SpoolingSettings
from chassis.settings import ServiceSettings
from minting.settings import MintingSettings
from objects.settings import ObjectsSettings

_OUR_OWN: Final[tuple[IPv4Network | IPv6Network, ...]] = (
    *map(IPv4Network, ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")),
    *map(IPv6Network, ("::1/128", "fc00::/7")),
)
"""Loopback and private networks."""


def _names(*known: str) -> Callable[[str], str]:
    """Nothing in braces but these: an unknown one would be found out by the first agent."""

    def check(template: str) -> str:
        rest = template
        for each in known:
            rest = rest.replace(f"{{{each}}}", "")
        if "{" in rest or "}" in rest or rest == template:
            message = "needs " + " or ".join(f"{{{each}}}" for each in known) + ", and no other braces"
            raise ValueError(message)
        return template

    return check


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
    agent_endpoint: Annotated[str, AfterValidator(_names("extension"))] = "PJSIP/{extension}"
    """What is rung for an agent's `{extension}`."""
    trunk_endpoint: Annotated[str, AfterValidator(_names("number", "national"))] = "PJSIP/{national}@operator"
    """What is rung for a person: `{number}` is +989…, `{national}` 09…."""
    formats: str = ""
    """What sound an agent's telephone is asked for (`alaw`); empty leaves it to the endpoint's own."""
    ask_every_seconds: float = Field(default=1, gt=0)
    """Pause between two questions for calls that agents ask for."""
    agent_ring_seconds: int = Field(default=25, ge=1, le=120)
    """How long an agent's telephone rings."""
    person_ring_seconds: int = Field(default=45, ge=1, le=180)
    """How long a person's telephone rings."""
    longest_talk_seconds: int = Field(default=7_200, ge=60)
    """After so long a call that an agent asked for is ended."""
    asked_at_once: int = Field(default=30, ge=1, le=500)
    """Calls of agents under way above which no more are begun."""


class TranscribeSettings(BaseSettings):
    """Who turns recordings into text, as a hint for the desk; nobody, without an address or a model."""

    model_config = SettingsConfigDict(
        env_prefix="GATEWAY_VOICE_TRANSCRIBE_",
        env_ignore_empty=True,
        use_attribute_docstrings=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    url: AnyHttpUrl | None = None
    """A server that answers as OpenAI's does, its whole route: `http://whisper:8000/v1/audio/transcriptions`."""
    key: SecretStr = SecretStr("")
    """Its key, if it wants one."""
    model: str = ""
    """Its name at that server, `whisper-1` if not set; without an address, the folder of a vosk model."""
    language: str = Field(default="fa", pattern="^([a-z]{2,3})?$")
    """What people speak; empty: the machine is to find out, which over a telephone it does badly."""
    timeout_seconds: float = Field(default=300, gt=0)
    """Longest wait for one recording."""
    at_once: int = Field(default=1, ge=1, le=32)
    """Recordings transcribed at the same time."""
    largest_mb: float = Field(default=25, gt=0)
    """A larger copy, in megabytes, is not transcribed; 25 is what OpenAI takes, and nearly three hours."""
    memory_mb: int = Field(default=4_096, ge=256)
    """Address space of the process of a model on this machine, in megabytes."""
    give_up_hours: float = Field(default=24, gt=0)
    """How long a recording is tried before it stays without a transcript."""


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
    push_networks: tuple[IPv4Network | IPv6Network, ...] = _OUR_OWN
    """Who may connect to push, as JSON: `["10.1.0.0/16"]`; for everybody else the route is not there."""
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

    objects: ObjectsSettings = Field(default_factory=ObjectsSettings)
    """From `OBJECTS_…`."""
    asterisk: AsteriskSettings = Field(default_factory=AsteriskSettings)
    """From `ASTERISK_…`."""
    transcribe: TranscribeSettings = Field(default_factory=TranscribeSettings)
    """From `GATEWAY_VOICE_TRANSCRIBE_…`."""
