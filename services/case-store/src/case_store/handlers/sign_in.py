"""The way in: a password, a code where one is set up, and a session comes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import structlog

from case_store import metrics
from case_store.errors import NotFoundError, SecondFactorNeededError, UnauthenticatedError
from case_store.handlers.attempts import Attempts
from case_store.handlers.sessions import Sessions, own_id
from case_store.model import storable
from case_store.repository import audit, members
from case_store.repository.database import Database, Transaction
from case_store.staffing import RIGHTS_OF, Actor, Role, member
from envelope.addresses import latin_digits

REFUSED: Final = "the user name, the password or the code is not right"
_CODE_NEEDED: Final = "a code of the second factor is needed as well"
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has just begun."""

    token: str
    """Told this once."""
    expires_at: datetime
    staff: Mapping[str, Any]
    """Whose it is, with rights, units and desks."""


class SignIn:
    """By password here; single sign-on ends here too."""

    def __init__(self, database: Database, sessions: Sessions, attempts: Attempts) -> None:
        """Take the collaborators."""
        self._database = database
        self._sessions = sessions
        self._attempts = attempts

    async def with_password(self, username: str, password: str, code: str | None) -> SignedIn:
        """Begin a session; whatever is wrong is refused with the same words, after the same time.

        Raises:
            SecondFactorNeededError: the password is right, and a code is missing.
            UnauthenticatedError: anything else is wrong, or it was tried too often.
        """
        proof = await self._attempts.claim(username=spelt(username))
        if not await self._attempts.passwords.match(password, proof.get("password_hash")):
            raise self._refused(proof)
        step = None
        if proof["totp_confirmed_at"] is not None:
            if not code:
                await self._attempts.take_back(proof)
                metrics.SIGN_INS.labels("code_needed").inc()
                raise SecondFactorNeededError(_CODE_NEEDED)
            factor = self._attempts.second_factor
            step = factor.step_of(code, proof["totp_secret"], proof["id"], datetime.now(UTC))
            if step is None:
                raise self._refused(proof)
        rehashed = None
        if self._attempts.passwords.outdated(proof["password_hash"]):
            rehashed = await self._attempts.passwords.hash(password)
        async with self._database.transaction() as tx:
            still = await members.proof_of(tx, proof["id"])
            if still is None or not still["active"] or still["password_hash"] != proof["password_hash"]:
                raise self._refused(proof)  # changed while the hash was worked out
            if step is not None and not await members.advance_step(tx, proof["id"], step):
                raise self._refused(proof)
            if rehashed is not None:
                await members.change(tx, proof["id"], {"password_hash": rehashed})
            return await self.begin(tx, proof["id"], "password")

    async def begin(self, tx: Transaction, staff_id: UUID, by: str) -> SignedIn:
        """A session for somebody who has proved who they are, as the last statement of a transaction."""
        now = datetime.now(UTC)
        await members.note_attempts(tx, staff_id, 0, None)
        token, expires_at = await self._sessions.begin(tx, staff_id, now)
        whose = await whole(tx, staff_id)
        actor = member(staff_id, whose["name"], frozenset(), frozenset(), frozenset())
        await audit.record(tx, actor, "signed_in", f"staff:{staff_id}", now, {"by": by})
        metrics.SIGN_INS.labels("signed_in").inc()
        _log.info("staff_signed_in", by=by)
        return SignedIn(token, expires_at, whose)

    async def current(self, actor: Actor) -> Mapping[str, Any]:
        """Who is signed in."""
        async with self._database.transaction() as tx:
            return await whole(tx, own_id(actor))

    def _refused(self, proof: Mapping[str, Any]) -> UnauthenticatedError:
        self._attempts.failed(proof, "sign_in")
        metrics.SIGN_INS.labels("refused").inc()
        _log.info("sign_in_refused")
        return UnauthenticatedError(REFUSED)


async def whole(tx: Transaction, staff_id: UUID) -> Mapping[str, Any]:
    """Somebody with the rights that their roles bring; none until the password is changed."""
    found = await members.find(tx, staff_id)
    if found is None:
        message = "nobody of the staff has this id"
        raise NotFoundError(message)
    rights = {right for role in found["roles"] for right in RIGHTS_OF[Role(role)]}
    return {**found, "rights": [] if found["must_change_password"] else sorted(rights)}


def spelt(username: str) -> str:
    """A user name as it is kept, from any keyboard."""
    return latin_digits(storable(username)).strip().casefold()
