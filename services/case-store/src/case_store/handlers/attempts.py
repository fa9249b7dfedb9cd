"""Guesses are counted before they are looked at, so that a hundred at once are no better than one."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from case_store.errors import ForbiddenError
from case_store.handlers.passwords import Passwords
from case_store.handlers.second_factor import SecondFactor
from case_store.handlers.witness import Witness
from case_store.repository import members
from case_store.repository.database import Database, Transaction
from case_store.staffing import LockOut, member

_WRONG: Final = "the password or the code is not right, or it was tried too often"


class Attempts:
    """One guess at somebody's password and code."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        second_factor: SecondFactor,
        lock_out: LockOut,
        witness: Witness,
    ) -> None:
        """Take the collaborators."""
        self._database = database
        self.passwords = passwords
        self.second_factor = second_factor
        self._lock_out = lock_out
        self._witness = witness

    async def claim(self, *, username: str | None = None, staff_id: UUID | None = None) -> Mapping[str, Any]:
        """Count a guess at somebody → what it is held against; empty if nobody gets in there now."""
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            proof = (
                await members.proof_of(tx, staff_id)
                if staff_id is not None
                else await members.proof_for(tx, username or "")
            )
            if proof is None or not proof["active"]:
                return {}
            if proof["locked_until"] is not None and proof["locked_until"] > now:
                return {}
            await self._note(tx, proof["id"], proof["failed_logins"] + 1, now)
        return proof

    async def take_back(self, proof: Mapping[str, Any]) -> None:
        """It was neither a wrong guess nor a right one: all is as before, but for others' guesses."""
        async with self._database.transaction() as tx:
            now = await members.proof_of(tx, proof["id"])
            if now is None:
                return
            failed = max(now["failed_logins"] - 1, 0)
            if failed <= proof["failed_logins"]:
                await members.note_attempts(tx, proof["id"], failed, None)
            else:
                await self._note(tx, proof["id"], failed, datetime.now(UTC))

    def failed(self, proof: Mapping[str, Any], what: str) -> None:
        """Write down a wrong guess; unknown names and pauses leave no entry, or they would flood it."""
        if proof:
            actor = member(proof["id"], proof["name"], frozenset(), frozenset(), frozenset())
            self._witness.noticed(actor, f"{what}_failed", f"staff:{proof['id']}")

    async def demand(self, staff_id: UUID, what: str, *, password: str = "", code: str = "") -> None:
        """Go on only if the one who is signed in proves again who they are, by password or by code.

        Raises:
            ForbiddenError: it is wrong, or was tried too often.
        """
        proof = await self.claim(staff_id=staff_id)
        right = False
        if code and proof and proof["totp_secret"]:
            right = await self._used(proof, code)
        elif not code:
            right = await self.passwords.match(password, proof.get("password_hash"))
        if not right:
            self.failed(proof, what)
            raise ForbiddenError(_WRONG)
        async with self._database.transaction() as tx:
            await members.note_attempts(tx, staff_id, 0, None)

    async def _used(self, proof: Mapping[str, Any], code: str) -> bool:
        now = datetime.now(UTC)
        step = self.second_factor.step_of(code, proof["totp_secret"], proof["id"], now)
        if step is None:
            return False
        async with self._database.transaction() as tx:
            return await members.advance_step(tx, proof["id"], step)

    async def _note(self, tx: Transaction, staff_id: UUID, failed: int, now: datetime) -> None:
        pause = self._lock_out.pause_after(failed)
        await members.note_attempts(tx, staff_id, failed, now + pause if pause else None)
