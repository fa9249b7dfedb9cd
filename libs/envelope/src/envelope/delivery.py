"""Delivery only moves forward: the order of the states and which of them are final."""

from collections.abc import Mapping
from typing import Final

from envelope.models import DeliveryState

RANK: Final[Mapping[DeliveryState, int]] = {
    DeliveryState.PENDING: 0,
    DeliveryState.UNKNOWN: 1,
    DeliveryState.QUEUED: 2,
    DeliveryState.SENT: 3,
    DeliveryState.UNDELIVERED: 9,
    DeliveryState.FAILED: 9,
    DeliveryState.CANCELLED: 9,
    DeliveryState.BLOCKED: 9,
    DeliveryState.REJECTED: 9,
    DeliveryState.EXPIRED: 9,
    DeliveryState.DELIVERED: 9,
}
_FINAL_RANK: Final = 9

FINAL: Final = frozenset(state for state, rank in RANK.items() if rank == _FINAL_RANK)


def supersedes(new: DeliveryState, current: DeliveryState) -> bool:
    """Whether `new` is news: later in order, and `current` not final."""
    return RANK[new] > RANK[current]
