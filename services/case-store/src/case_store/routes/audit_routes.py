"""The audit trail: read it, and ask whether it is whole."""

from typing import Annotated

from fastapi import APIRouter, Query

from case_store.cursors import from_cursor
from case_store.handlers.audit import Audit
from case_store.repository.audit import Link
from case_store.routes.guard import Caller, demand
from case_store.routes.parameters import Cursor, Limit, cut
from case_store.schemas.access import EntryGiven, EntryPage, VerificationGiven
from case_store.staffing import Right

Named = Annotated[str | None, Query(max_length=200)]
Place = Annotated[
    str | None,
    Query(pattern=r"^\d{1,18}:[0-9a-f]{64}$", description="`<seq>:<seal>` of an earlier answer."),
]


def build(audit: Audit) -> APIRouter:
    """The routes under `/audit`."""
    router = APIRouter(prefix="/audit", tags=["audit"], dependencies=[demand(Right.READ_AUDIT)])

    @router.get("", summary="Read the audit trail, the newest first")
    async def read(
        caller: Caller,
        actor: Named = None,
        subject: Named = None,
        action: Named = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> EntryPage:
        """Narrowed by who (a name or a staff id), by what it was done to, by what was done."""
        wanted = {"actor": actor, "subject": subject, "action": action}
        rows = await audit.page(caller, wanted, from_cursor(cursor) if cursor else None, limit + 1)
        page, next_cursor = cut(rows, limit, "at")
        entries = [EntryGiven.model_validate(row) for row in page]
        return EntryPage(entries=entries, next_cursor=next_cursor)

    @router.get("/verification", summary="Is the chain whole?")
    async def verify(
        caller: Caller,
        after: Place = None,
        known: Place = None,
        limit: Annotated[int | None, Query(ge=1, description="Entries to look at; all if left out.")] = None,
    ) -> VerificationGiven:
        """From the beginning, or in steps: `after` the place where the answer before ended.

        `known` is a place kept outside; that the end was cut off shows by nothing else.
        """
        start, kept = (_link(place) for place in (after, known))
        found = await audit.verification(caller, start=start, limit=limit, known=kept)
        told = {
            name: getattr(found, name) for name in ("whole", "entries", "first_broken", "reason", "total")
        }
        return VerificationGiven(**told, seq=found.last.seq, seal=found.last.seal.hex())

    return router


def _link(place: str | None) -> Link | None:
    if place is None:
        return None
    seq, seal = place.split(":")
    return Link(int(seq), bytes.fromhex(seal))
