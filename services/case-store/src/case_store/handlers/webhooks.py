"""Webhooks: endpoints and their log, claims and results, put together once for the app and for the tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from case_store.handlers.endpoints import Endpoints
from case_store.handlers.signing_secrets import SigningSecrets
from case_store.handlers.telling import Telling
from case_store.repository.database import Database
from chassis.parts import Part, Periodic

_HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Webhooks:
    """The pieces; `parts` live as long as the service."""

    endpoints: Endpoints
    telling: Telling
    parts: Sequence[Part]


def build_webhooks(database: Database, key: bytes) -> Webhooks:
    """`key` seals the secrets at rest."""
    secrets = SigningSecrets(key)
    telling = Telling(database, secrets)
    return Webhooks(Endpoints(database, secrets), telling, (Periodic("webhooks", _HOUR, telling.forget),))
