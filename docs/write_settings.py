"""Writes `docs/settings.md` from the settings classes themselves; a test compares."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from bus.settings import KafkaSettings
from case_store.settings import AccessSettings, CaseStoreSettings
from chassis.settings import CallSettings, DatabaseSettings, RedisSettings
from desk.settings import DeskSettings
from gateway_portal.settings import GatewayPortalSettings
from gateway_sms.settings import GatewaySmsSettings
from gateway_ussd.settings import GatewayUssdSettings
from gateway_voice.settings import AsteriskSettings, GatewayVoiceSettings, TranscribeSettings
from message_router.settings import RouterSettings
from objects.settings import ObjectsSettings
from payam.settings import CliSettings
from simulator.settings import SimulatorSettings

CLASSES: Final[dict[str, type[BaseSettings]]] = {
    "Kafka, for every service": KafkaSettings,
    "PostgreSQL, for the case store": DatabaseSettings,
    "Redis, for the gateways": RedisSettings,
    "Messages that are read out, for case-store and gateway-sms": CallSettings,
    "Files at rest, for who takes or gives them": ObjectsSettings,
    "gateway-sms": GatewaySmsSettings,
    "gateway-ussd": GatewayUssdSettings,
    "gateway-voice": GatewayVoiceSettings,
    "gateway-voice: the Asterisk whose calls it answers": AsteriskSettings,
    "gateway-voice: who turns recordings into text": TranscribeSettings,
    "router": RouterSettings,
    "case-store": CaseStoreSettings,
    "case-store: how the staff sign in": AccessSettings,
    "gateway-portal": GatewayPortalSettings,
    "desk": DeskSettings,
    "simulator": SimulatorSettings,
    "payam, the command": CliSettings,
}


def rendered() -> str:
    """The whole page."""
    lines = [
        "# Settings",
        "",
        "Every setting is an environment variable. Written by `make docs` from the classes; a test compares.",
    ]
    for title, settings in CLASSES.items():
        lines += ["", f"## {title}", "", "| variable | default | meaning |", "|---|---|---|", *rows(settings)]
    return "\n".join(lines) + "\n"


def rows(settings: type[BaseSettings]) -> Iterator[str]:
    """A row for each field that is not a group of settings of its own."""
    prefix = str(settings.model_config.get("env_prefix", ""))
    for name, field in settings.model_fields.items():
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseSettings):
            continue
        meaning = (field.description or "").replace("\n", " ").replace("|", "\\|")
        yield f"| `{variable(prefix, name, field)}` | {default(field)} | {meaning} |"


def variable(prefix: str, name: str, field: FieldInfo) -> str:
    """The environment variable that a field is read from."""
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        alias = alias.choices[0]
    return alias if isinstance(alias, str) else (prefix + name).upper()


def default(field: FieldInfo) -> str:
    """What holds when the variable is not set; a secret's default is not shown."""
    if field.default_factory is not None:
        return "computed"
    if field.default is PydanticUndefined:
        return "**required**"
    if field.default is None:
        return "–"
    value = "…" if isinstance(field.default, SecretStr) else field.default
    return f"`{value}`"


if __name__ == "__main__":
    (Path(__file__).parent / "settings.md").write_text(rendered(), encoding="utf-8")
