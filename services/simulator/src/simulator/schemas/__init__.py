"""Our own JSON: what `/control`, the phone's page and the services of others say and are told."""

from simulator.schemas.control import (
    FaultModes,
    InjectedId,
    InjectedMo,
    PhoneSearch,
    SeenMt,
    SeenMts,
    SendingSearch,
    Totals,
)
from simulator.schemas.outside import Basket, Branch, Branches
from simulator.schemas.phone import (
    LONGEST_USSD,
    PhoneCard,
    PhoneNumber,
    ShownMessage,
    ShownMessages,
    TypedMessage,
    UssdAction,
    UssdScreen,
)

__all__ = [
    "LONGEST_USSD",
    "Basket",
    "Branch",
    "Branches",
    "FaultModes",
    "InjectedId",
    "InjectedMo",
    "PhoneCard",
    "PhoneNumber",
    "PhoneSearch",
    "SeenMt",
    "SeenMts",
    "SendingSearch",
    "ShownMessage",
    "ShownMessages",
    "Totals",
    "TypedMessage",
    "UssdAction",
    "UssdScreen",
]
