"""What every service that menus ask looks like from here."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Protocol

from gateway_ussd.errors import LookupAwayError

LONGEST_ANSWER: Final = 1_048_576
"""Bytes of an answer."""


class Asked(NamedTuple):
    """One question."""

    arguments: Mapping[str, str]
    """By the names of the menu."""
    msisdn: str
    """Who asks."""
    language: str
    """`fa` or `en`: in which words the answer is wanted."""


class Source(Protocol):
    """One kind of lookup."""

    name: str
    fresh_seconds: float
    """How long an answer is good."""
    stale_seconds: float
    """How long it will do when the service is away."""
    shared: bool
    """Whether other replicas may have the answer too; not what belongs to one person."""

    def key(self, asked: Asked) -> str:
        """Questions of one key have one answer."""
        ...

    async def fetch(self, asked: Asked) -> Mapping[str, Any]:
        """Ask; empty where there is nothing to be found.

        Raises:
            LookupAwayError: no answer, or none that can be used.
        """
        ...

    def pick(self, found: Mapping[str, Any], asked: Asked) -> Mapping[str, Any]:
        """Of an answer to many questions, what this one is about."""
        ...


def refused(name: str, reason: str) -> LookupAwayError:
    """Names the lookup and the reason, never what was asked."""
    return LookupAwayError(f"{name}: {reason}")
