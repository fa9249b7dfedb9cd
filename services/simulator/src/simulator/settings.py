"""What can be told to the simulator; the defaults suit a development machine."""

from ipaddress import ip_address
from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings

Seconds = Annotated[float, Field(ge=0)]


class SimulatorSettings(ServiceSettings):
    """The simulated world: whom it pushes to, how fast it is, how much it remembers."""

    model_config = SettingsConfigDict(env_prefix="SIMULATOR_", populate_by_name=True)

    port: int = Field(default=8002, ge=1, le=65_535)
    """The port of the phone's page and of Kavenegar's API."""
    stop_within_seconds: float = Field(default=2.0, gt=0)
    """How long open pages may hold up a stop; their streams never end by themselves."""
    api_key: SecretStr = Field(validation_alias="KAVENEGAR_API_KEY", min_length=1)
    """The key that Kavenegar's API takes; every other one is refused with 403."""
    webhook_secret: SecretStr = Field(validation_alias="KAVENEGAR_WEBHOOK_SECRET", min_length=1)
    """The secret in the path of the webhooks that are pushed to."""
    gateway_url: HttpUrl = HttpUrl("http://127.0.0.1:8010")
    """Where gateway-sms listens."""
    control_token: SecretStr | None = None
    """Bearer token of `/control`; needed when the simulator listens beyond this machine."""
    lines: tuple[str, ...] = ("10001420",)
    """Our lines; the first is the default sender."""
    magic_numbers: bool = True
    """Whether numbers behave by their last digits; off, every message is simply delivered."""
    to_telecom_seconds: Seconds = 0.2
    """From the queue to the telecom."""
    to_final_seconds: Seconds = 1.0
    """From the queue to the final state."""
    ring_seconds: float = Field(default=20.0, gt=0)
    """How long a telephone rings while its page is open; nobody there to see it, it is picked up at once."""
    slow_seconds: Seconds = 4.0
    """How long a slow answer takes."""
    silent_seconds: Seconds = 40.0
    """How long the answer stays out after a message was taken in silence."""
    push_retry_seconds: Seconds = 5.0
    """Between two tries of a push; Kavenegar's own is said to be 120."""
    push_attempts: int = Field(default=30, ge=1)
    """Tries of a push before it is given up."""
    push_timeout_seconds: float = Field(default=10.0, gt=0)
    """Longest wait for a webhook's answer."""
    push_lanes: int = Field(default=8, ge=1, le=64)
    """Pushes at the same time; one number's pushes keep their order in one lane."""
    push_dlrs: bool = True
    """Whether delivery states are pushed; off, they are only found by asking."""
    outbox_kept: int = Field(default=50_000, ge=1)
    """Messages towards phones that are remembered, and so how far back a localid is known."""
    inbox_kept: int = Field(default=20_000, ge=1)
    """Messages from phones that are remembered."""
    phones_kept: int = Field(default=2_000, ge=1)
    """Phones whose conversation is remembered."""
    phone_messages_kept: int = Field(default=200, ge=1)
    """Messages of one phone that are remembered."""
    waiting_kept: int = Field(default=200_000, ge=1)
    """Pushes and changes of state that may wait; beyond it a push is lost."""
    credit: int = Field(default=1_000_000_000, ge=0)
    """The account's credit at the start, in Rials."""
    persian_part_rials: int = Field(default=1_000, ge=0)
    """Price of a part with Persian in it."""
    latin_part_rials: int = Field(default=2_500, ge=0)
    """Price of a part without."""
    call_rials: int = Field(default=3_000, ge=0)
    """Price of a text that is read out."""
    ip_registered: bool = True
    """Whether `select`, `selectoutbox` and `latestoutbox` are allowed; off, they answer 407."""
    ussd_url: HttpUrl = HttpUrl("http://127.0.0.1:8020")
    """Where gateway-ussd listens; an operator calls it at `/ussd/{form}`."""
    ussd_code: str = Field(default="*4*1420#", pattern=r"^\*[0-9]+(\*[0-9]+)*#$")
    """Our service code; whoever dials another hears from the network that there is none."""
    ussd_operator: str = "africastalking"
    """Whose form a code takes that was dialled without choosing one."""
    ussd_user: str = ""
    """What operators show our gateway, and Huawei and the SMSC ask of it; nothing if empty."""
    ussd_password: SecretStr = SecretStr("")
    """Beside it."""
    ussd_api_key: SecretStr = SecretStr("")
    """MADAPI's `x-api-key`."""
    ussd_answer_seconds: float = Field(default=10.0, gt=0)
    """How long the network waits for our gateway's screen."""
    ussd_idle_seconds: float = Field(default=180.0, gt=0)
    """How long the network waits for the person; then it ends the dialogue."""
    voice_url: HttpUrl = HttpUrl("http://127.0.0.1:8030")
    """Where gateway-voice listens; a PBX pushes voice notes of phones to its `/recordings`."""
    voice_secret: SecretStr = Field(default=SecretStr(""), validation_alias="GATEWAY_VOICE_PUSH_SECRET")
    """What the PBX signs with; without one phones leave no voice notes."""
    voice_line: str = "1420"
    """The number that was called."""
    smpp_port: int = Field(default=0, ge=0, le=65_535)
    """Where the SMSC listens for our gateway; 0, there is none."""
    smpp_dialect: Literal["plain", "mica", "sixdee"] = "plain"
    """How the SMSC tells a session."""
    outside_token: SecretStr | None = None
    """Bearer token of `/outside`, the services of other organisations; that of `/control` if not set."""
    templates: dict[str, str] = Field(default={"payam-otp": "کد ورود شما به سامانه ۱۴۲۰: %token"})
    """The approved templates of `verify/lookup`."""

    @model_validator(mode="after")
    def _guarded_beyond_loopback(self) -> Self:
        if self.control_token is None and not _is_loopback(self.host):
            message = "SIMULATOR_CONTROL_TOKEN is needed when SIMULATOR_HOST is not a loopback address"
            raise ValueError(message)
        return self


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
