"""What a partner handed in, as it stands: asked of the store, and known here until the store has it."""

from datetime import UTC, datetime, timedelta

from gateway_portal.clients.partners import PartnerStore
from gateway_portal.errors import NotThereError, OnItsWayError, StoreAwayError
from gateway_portal.model import Caller
from gateway_portal.repository.once import KEPT_SECONDS, Once
from gateway_portal.schemas.partners import PartnerCase, SubmissionPage


class LookingBack:
    """The way back to everything that other services handed in, whichever face they use."""

    def __init__(self, store: PartnerStore, once: Once) -> None:
        """Take the collaborators."""
        self._store = store
        self._once = once

    async def page(
        self,
        caller: Caller,
        *,
        limit: int = 50,
        cursor: str | None = None,
        reference: str | None = None,
        until: datetime | None = None,
    ) -> SubmissionPage:
        """What a partner handed in, the newest first, as far as the store has it; from `until` back.

        Raises:
            NotThereError: the cursor is none of the store's.
            StoreAwayError: nobody can say just now.
        """
        return await self._store.submissions(caller, limit, cursor, reference, until)

    async def case(self, caller: Caller, code: str) -> PartnerCase:
        """How a submission stands; `received` as long as the store has not got it.

        Raises:
            NotThereError: an unknown code, another partner's, or one of the other world (sandbox or live).
            StoreAwayError: nobody can say just now.
        """
        try:
            case = await self._store.case(caller, code)
        except (NotThereError, StoreAwayError):
            # Once the store has shown it, it is forgotten here: nothing goes back to `received`.
            known = await self._once.recall(caller, code)
            if known is None:
                raise
            return PartnerCase.model_validate_json(known)
        if datetime.now(UTC) - case.submitted_at < timedelta(seconds=KEPT_SECONDS):
            await self._once.forget(caller, code)
        return case

    async def withdraw(self, caller: Caller, code: str, version: int | None) -> PartnerCase:
        """Take a submission back; with `version` only as it was read.

        Raises:
            NotThereError: as above.
            OnItsWayError: the store has not got it yet.
            PastWithdrawalError: answered or closed already, or joined to a person's own case.
            ChangedError: it is no longer of this version.
            StoreAwayError: nobody can do it just now.
        """
        try:
            return await self._store.withdraw(caller, code, version)
        except NotThereError:
            if await self._once.recall(caller, code) is None:
                raise
            message = "it is on its way and can be taken back in a moment"
            raise OnItsWayError(message) from None
