"""Doubles of the operators, each in its own form: they call our gateway, and the SMSC lets it bind."""

from collections.abc import Callable, Mapping
from typing import Final

from simulator.operators.africastalking import AfricasTalking
from simulator.operators.comviva import Comviva
from simulator.operators.huawei import Huawei
from simulator.operators.inoti import Inoti
from simulator.operators.line import Line
from simulator.operators.madapi import Madapi
from simulator.operators.port import Operator
from simulator.operators.smpp import Smsc
from simulator.settings import SimulatorSettings

OVER_HTTP: Final[Mapping[str, Callable[[SimulatorSettings, Line], Operator]]] = {
    "africastalking": AfricasTalking,
    "comviva": Comviva,
    "inoti": Inoti,
    "madapi": Madapi,
}
"""Those that answer at once."""
TITLES: Final[Mapping[str, str]] = {
    "africastalking": "Africa’s Talking",
    "huawei": "Huawei SDP",
    "comviva": "Comviva Flares",
    "madapi": "MTN MADAPI",
    "inoti": "iNoti",
    "smpp": "SMPP",
}
"""What the dialler calls them, in its order."""

__all__ = ["OVER_HTTP", "TITLES", "Huawei", "Line", "Operator", "Smsc"]
