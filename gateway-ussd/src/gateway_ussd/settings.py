"""What gateway-ussd can be told; the README's table repeats it and a test compares."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Final

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from bus.settings import KafkaSettings, SpoolingSettings
from chassis.settings import RedisSettings, ServiceSettings
from minting.settings import MintingSettings

_Seconds = Annotated[float, Field(gt=0)]
_HTTP_FORMS: Final = ("africastalking", "huawei", "comviva", "madapi", "inoti")
_LOOPBACK: Final = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))


class ProviderSettings(BaseModel):
    """One operator's or aggregator's connection."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, hide_input_in_errors=True
    )

    form: str
    """The form it speaks; one of `providers.PROVIDERS`."""
    networks: tuple[IPv4Network | IPv6Network, ...] = _LOOPBACK
    """Where its requests may come from."""
    latin_only: bool = False
    """Its phones do not show UCS-2: Finglish in GSM-7."""
    tps: float = Field(default=1_000, gt=0)
    """Screens a second that it may ask for; above that a polite screen."""
    user: str = ""
    """Huawei: spId; Comviva: userid."""
    password: SecretStr = SecretStr("")
    """Huawei, Comviva, SMPP."""
    their_user: str = ""
    """Huawei: the spRevId that it shows us."""
    their_password: SecretStr = SecretStr("")
    """Huawei: of `spRevpassword`."""
    api_key: SecretStr = SecretStr("")
    """MADAPI: `x-api-key`, both ways."""
    service_id: str = ""
    """Huawei: serviceId."""
    service_code: str = "*4*1420#"
    """What people dial on it; what they dial behind that is the way into the menus."""
    base_url: AnyHttpUrl | None = None
    """Huawei: where `sendUssd` is."""
    manager_url: AnyHttpUrl | None = None
    """Huawei: where `startUSSDNotification` is; not asked for where nothing is set."""
    endpoint: AnyHttpUrl | None = None
    """Huawei: our own address, as it is to call it."""
    stays_subscribed: bool = False
    """Huawei: leave the notification on when we stop; for several replicas behind one endpoint."""
    host: str = "127.0.0.1"
    """SMPP: the SMSC."""
    port: int = Field(default=2775, ge=1, le=65_535)
    """SMPP: its port."""
    system_id: str = ""
    """SMPP."""
    system_type: str = ""
    """SMPP."""
    dialect: str = "plain"
    """SMPP: how this SMSC tells a session; one of `providers.smpp.DIALECTS`."""
    timeout_seconds: _Seconds = 3.0
    """Longest wait for its answer to a call of ours."""


class LookupSettings(BaseModel):
    """A service of another organisation that a menu asks."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, hide_input_in_errors=True
    )

    url: str
    """With `{argument}` where an argument goes: `https://basket.example/{national_id}`."""
    token: SecretStr = SecretStr("")
    """Sent as `Authorization: Bearer …` where there is one."""
    fresh_seconds: _Seconds = 60
    """How long an answer is good."""
    stale_seconds: _Seconds = 3_600
    """How long it will do when the service is away."""


class GatewayUssdSettings(SpoolingSettings, MintingSettings, ServiceSettings):
    """The gateway itself."""

    model_config = SettingsConfigDict(
        env_prefix="GATEWAY_USSD_", use_attribute_docstrings=True, extra="ignore", hide_input_in_errors=True
    )

    port: int = Field(default=8020, ge=1, le=65_535)
    """The port to listen on."""
    line: str = "*4*1420#"
    """Our service code."""
    sms_line: str = "10001420"
    """Our number that answers which came too late for a screen are texted from."""
    providers: dict[str, ProviderSettings] = Field(
        default_factory=lambda: {form: ProviderSettings(form=form) for form in _HTTP_FORMS}
    )
    """The connections by name, as JSON: `{"irancell": {"form": "huawei", …}}`; called at `/ussd/{name}`."""
    lookups: dict[str, LookupSettings] = Field(default_factory=dict)
    """Services that menus ask, by name, as JSON: `{"basket": {"url": "…/{national_id}"}}`."""
    menus: Path | None = None
    """Folder of the menus; the shipped ones where it is not set. Read anew when a file changes."""
    budget_seconds: float = Field(default=2.0, ge=0.2, le=30)
    """From the operator's request to our answer, whatever is slow behind it."""
    session_seconds: _Seconds = 300
    """How long a session without its end is kept."""
    resume_seconds: float = Field(default=180, ge=0)
    """How long a dropped session can be gone on with by dialling again."""
    steps_a_minute: float = Field(default=60, gt=0)
    """Steps that one number may take."""
    texts_a_second: float = Field(default=20, gt=0)
    """SMS that may follow screens which came too late; above that people read what to do instead."""
    in_flight: int = Field(default=500, ge=10)
    """Steps under way above which the next one gets a polite screen."""
    longest_body: int = Field(default=65_536, ge=1_024, le=1_048_576)
    """Bytes of a request's body."""
    spool_dir: Path = Path(".payam/spool/gateway-ussd")
    """Local disk for what Kafka could not take and for leased tracking codes; one a replica."""

    redis: RedisSettings = Field(default_factory=RedisSettings)
    """From `REDIS_…`."""

    @property
    def hasty_kafka(self) -> KafkaSettings:
        """Kafka, left to the spool in time for the screen: a person does not wait for three seconds."""
        longest = min(self.kafka.publish_timeout_seconds, self.budget_seconds / 3)
        return self.kafka.model_copy(update={"publish_timeout_seconds": longest})

    @property
    def kept_seconds(self) -> float:
        """How long a session stays in Redis."""
        return max(self.session_seconds, self.resume_seconds)

    @property
    def latin_only(self) -> dict[str, bool]:
        """By provider."""
        return {name: each.latin_only for name, each in self.providers.items()}

    @property
    def tps(self) -> dict[str, float]:
        """By provider."""
        return {name: each.tps for name, each in self.providers.items()}

    @property
    def networks(self) -> dict[str, tuple[IPv4Network | IPv6Network, ...]]:
        """By provider."""
        return {name: each.networks for name, each in self.providers.items()}
