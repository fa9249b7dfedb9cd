"""The registry: one line a provider. `docs/adding-a-provider.md` says what a folder here must hold."""

from collections.abc import Callable, Mapping
from typing import Final

from gateway_sms.providers import kavenegar
from gateway_sms.providers.port import Provider
from gateway_sms.settings import GatewaySmsSettings

PROVIDERS: Final[Mapping[str, Callable[[GatewaySmsSettings], Provider]]] = {
    "kavenegar": kavenegar.from_settings,
}
