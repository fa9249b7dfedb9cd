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
    PAGE_ID,
    PhoneCard,
    PhoneNumber,
    PickedUp,
    ShownMessage,
    ShownMessages,
    TypedMessage,
    UssdAction,
    UssdScreen,
)

__all__ = [
    "LONGEST_USSD",
    "PAGE_ID",
    "Basket",
    "Branch",
    "Branches",
    "FaultModes",
    "InjectedId",
    "InjectedMo",
    "PhoneCard",
    "PhoneNumber",
    "PhoneSearch",
    "PickedUp",
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
