"""The registry: one line a form. `docs/adding-a-ussd-provider.md` says what a folder here must hold."""

from collections.abc import Mapping
from typing import Final

from gateway_ussd.providers import africastalking, comviva, huawei, inoti, madapi, smpp
from gateway_ussd.providers.port import Factory

PROVIDERS: Final[Mapping[str, Factory]] = {
    "africastalking": africastalking.from_settings,
    "huawei": huawei.from_settings,
    "comviva": comviva.from_settings,
    "madapi": madapi.from_settings,
    "inoti": inoti.from_settings,
    "smpp": smpp.from_settings,
}
