"""The README says of settings what the settings say."""

from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

import gateway_sms
from gateway_sms.settings import GatewaySmsSettings, KavenegarSettings
from minting.settings import CaseStoreSettings

README = Path(gateway_sms.__file__).parents[2] / "README.md"
ROWS = [line for line in README.read_text().splitlines() if line.startswith("| `")]


def row_of(settings: type[BaseSettings], field: str) -> str:
    info = settings.model_fields[field]
    name = str(info.validation_alias or f"{settings.model_config.get('env_prefix', '')}{field}").upper()
    default = info.default
    if default is PydanticUndefined:
        shown = ""
    else:
        shown = f"`{','.join(default) if isinstance(default, tuple) else default}` "
    return f"| `{name}` | {shown}| {info.description} |"


KNOWN = {
    row_of(settings, field)
    for settings in (GatewaySmsSettings, KavenegarSettings, CaseStoreSettings)
    for field in settings.model_fields
}


@pytest.mark.parametrize("row", ROWS)
def test_a_setting_is_told_as_it_is(row: str) -> None:
    assert row in KNOWN


def test_what_must_be_set_is_told() -> None:
    must = {row for row in KNOWN if "` | | " in row and "_…" not in row}
    assert must <= set(ROWS)


def test_the_readme_is_short() -> None:
    assert len(README.read_text().splitlines()) <= 60
