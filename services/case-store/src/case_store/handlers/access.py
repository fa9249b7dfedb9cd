"""Who comes in and what they may: the handlers of access, put together once for the app and for the tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from case_store.clients import OpenIdProvider
from case_store.handlers.accounts import Accounts
from case_store.handlers.attempts import Attempts
from case_store.handlers.audit import Audit
from case_store.handlers.founding import Founding
from case_store.handlers.idempotency import Idempotency
from case_store.handlers.members import Members
from case_store.handlers.organisation import Organisation
from case_store.handlers.partners import Partners
from case_store.handlers.passwords import Passwords
from case_store.handlers.second_factor import SecondFactor
from case_store.handlers.sessions import Sessions
from case_store.handlers.sign_in import SignIn
from case_store.handlers.single_sign_on import SingleSignOn
from case_store.handlers.witness import Witness
from case_store.repository.database import Database
from case_store.settings import AccessSettings
from chassis.parts import Part, Periodic

_HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Access:
    """The pieces; `parts` live as long as the service."""

    sessions: Sessions
    sign_in: SignIn
    single_sign_on: SingleSignOn
    accounts: Accounts
    members: Members
    organisation: Organisation
    partners: Partners
    audit: Audit
    witness: Witness
    idempotency: Idempotency
    parts: Sequence[Part]


def build_access(
    database: Database, settings: AccessSettings, key: bytes, *, every_seconds: float = 15
) -> Access:
    """`key` seals second factors at rest; `every_seconds` is how often an empty database is looked for."""
    passwords, witness = Passwords(), Witness(database)
    sessions = Sessions(database, settings.lifetime)
    second_factor = SecondFactor(key, settings.second_factor_issuer)
    attempts = Attempts(database, passwords, second_factor, settings.lock_out, witness)
    sign_in = SignIn(database, sessions, attempts)
    provider = (
        OpenIdProvider(settings.sso_issuer, settings.sso_client_id, settings.sso_client_secret)
        if settings.sso_issuer
        else None
    )
    single_sign_on = SingleSignOn(database, sign_in, provider, by_username=settings.sso_by_username)
    members, organisation = Members(database, passwords, sessions), Organisation(database)
    partners = Partners(database)
    founding = Founding(
        organisation,
        members,
        partners,
        admin=(settings.desk_admin_user, settings.desk_admin_password),
        partner_key=settings.partner_api_key,
    )
    idempotency = Idempotency(database)
    return Access(
        sessions=sessions,
        sign_in=sign_in,
        single_sign_on=single_sign_on,
        accounts=Accounts(database, sessions, attempts),
        members=members,
        organisation=organisation,
        partners=partners,
        audit=Audit(database, witness),
        witness=witness,
        idempotency=idempotency,
        parts=(
            witness,
            Periodic("organisation", every_seconds, founding.run),
            Periodic("sessions", _HOUR, sessions.forget),
            Periodic("single-sign-on", _HOUR, single_sign_on.forget),
            Periodic("idempotency-keys", _HOUR, idempotency.forget),
        ),
    )
