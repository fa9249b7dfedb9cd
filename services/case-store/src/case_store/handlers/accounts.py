"""What everybody does to their own account: the password, the second factor."""

from datetime import UTC, datetime
from typing import Final

from case_store.errors import ForbiddenError, StateError
from case_store.handlers.attempts import Attempts
from case_store.handlers.passwords import demand_strength
from case_store.handlers.sessions import Sessions, hash_of, own_id
from case_store.repository import audit, members, sessions
from case_store.repository.database import Database
from case_store.staffing import Actor

_CHANGE_FIRST: Final = "change your password first"


class Accounts:
    """Each of these is written down."""

    def __init__(self, database: Database, running: Sessions, attempts: Attempts) -> None:
        """Take the collaborators."""
        self._database = database
        self._sessions = running
        self._attempts = attempts

    async def change_password(self, actor: Actor, token: str, current: str, new: str) -> None:
        """Take a new password; every other session of theirs ends.

        Raises:
            ForbiddenError: the current one is wrong, or it was tried too often.
            WeakPasswordError: the new one is too easily guessed.
        """
        staff_id, now = own_id(actor), datetime.now(UTC)
        async with self._database.transaction() as tx:
            proof = await members.proof_of(tx, staff_id)
        demand_strength(new, proof["username"] if proof else "")
        await self._attempts.demand(staff_id, "password_change", password=current)
        kept = await self._attempts.passwords.hash(new)
        async with self._database.transaction() as tx:
            await members.change(tx, staff_id, {"password_hash": kept, "must_change_password": False})
            await sessions.end_all(tx, staff_id, now, but=hash_of(token))
            await audit.record(tx, actor, "password_changed", f"staff:{staff_id}", now, {})
        self._sessions.distrust_member(staff_id)

    async def begin_second_factor(self, actor: Actor) -> tuple[str, str]:
        """A new secret, told this once, and its address for a phone; it counts when it is confirmed.

        Raises:
            StateError: there is one already; it must be removed first.
        """
        staff_id = own_id(actor)
        async with self._database.transaction() as tx:
            proof = await members.proof_of(tx, staff_id)
            if proof is None or proof["must_change_password"]:
                raise ForbiddenError(_CHANGE_FIRST)
            if proof["totp_confirmed_at"] is not None:
                message = "there is a second factor; remove it first"
                raise StateError(message)
            secret, address = self._attempts.second_factor.make(proof["username"])
            sealed = self._attempts.second_factor.seal(secret, staff_id)
            await members.change(tx, staff_id, {"totp_secret": sealed, "totp_last_step": None})
        return secret, address

    async def confirm_second_factor(self, actor: Actor, code: str) -> None:
        """The phone shows the right code: from now on it is asked for.

        Raises:
            ForbiddenError: it does not.
            StateError: none was begun, or it is confirmed already.
        """
        staff_id, now = own_id(actor), datetime.now(UTC)
        async with self._database.transaction() as tx:
            proof = await members.proof_of(tx, staff_id)
            if proof is None or proof["totp_secret"] is None or proof["totp_confirmed_at"] is not None:
                message = "no second factor waits to be confirmed"
                raise StateError(message)
            step = self._attempts.second_factor.step_of(code, proof["totp_secret"], staff_id, now)
            if step is None:
                message = "the code is not right; look at the phone's clock"
                raise ForbiddenError(message)
            await members.advance_step(tx, staff_id, step)
            await members.change(tx, staff_id, {"totp_confirmed_at": now})
            await audit.record(tx, actor, "second_factor_added", f"staff:{staff_id}", now, {})

    async def remove_second_factor(self, actor: Actor, code: str) -> None:
        """No code is asked for any more.

        Raises:
            ForbiddenError: the code is wrong, was used before, or was tried too often.
        """
        staff_id, now = own_id(actor), datetime.now(UTC)
        await self._attempts.demand(staff_id, "second_factor_removal", code=code)
        async with self._database.transaction() as tx:
            await members.change(tx, staff_id, dict(NO_SECOND_FACTOR))
            await audit.record(tx, actor, "second_factor_removed", f"staff:{staff_id}", now, {})


NO_SECOND_FACTOR: Final = (("totp_secret", None), ("totp_confirmed_at", None), ("totp_last_step", None))
"""The fields of somebody without one."""
