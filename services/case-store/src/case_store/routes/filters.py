"""What a list of cases may be narrowed by, the same for the list and the export."""

from datetime import UTC, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import Depends, Query
from pydantic import AwareDatetime

from case_store.model import CaseState
from case_store.repository.filters import Filters
from case_store.routes.guard import Caller
from case_store.staffing import Actor
from envelope.models import Channel
from envelope.taxonomy import Kind, Section, Topic

Assignee = UUID | Literal["me", "none"]
_NOBODY: Final = UUID(int=0)


async def case_filters(  # noqa: PLR0913, PLR0917  (one parameter a filter)
    actor: Caller,
    state: Annotated[CaseState | None, Query(description="Where it stands.")] = None,
    desk: Annotated[str | None, Query(max_length=100, description="Whose queue.")] = None,
    topic: Annotated[Topic | None, Query(description="What it is about.")] = None,
    section: Annotated[Section | None, Query(description="The section of the topic.")] = None,
    kind: Annotated[Kind | None, Query(description="What the person wants.")] = None,
    channel: Annotated[Channel | None, Query(description="The door it was opened by.")] = None,
    contact: Annotated[UUID | None, Query(description="The person, by id.")] = None,
    province: Annotated[str | None, Query(max_length=100, description="By its Persian name.")] = None,
    assignee: Annotated[
        Assignee | None, Query(description="Who has it: an id, `me`, or `none` for nobody.")
    ] = None,
    undecided: Annotated[bool, Query(description="Somebody of ours has to act.")] = False,  # noqa: FBT002  (a flag of the API)
    overdue: Annotated[bool, Query(description="Its deadline has passed.")] = False,  # noqa: FBT002  (as above)
    to_call: Annotated[bool, Query(description="Its person is to be called now.")] = False,  # noqa: FBT002  (as above)
    created_after: Annotated[AwareDatetime | None, Query(description="Opened then or later.")] = None,
    created_before: Annotated[AwareDatetime | None, Query(description="Opened earlier.")] = None,
) -> Filters:
    """Each is optional; together they narrow."""
    return Filters(
        *(state, desk, topic, section, kind, channel, contact, created_after, created_before, province),
        assignee=_assignee(actor, assignee),
        unclaimed=assignee == "none",
        undecided=undecided,
        due_before=datetime.now(UTC) if overdue else None,
        to_call_at=datetime.now(UTC) if to_call else None,
    )


CaseFilters = Annotated[Filters, Depends(case_filters)]
"""A route's parameter: the filters of its query."""


def _assignee(actor: Actor, wanted: Assignee | None) -> UUID | None:
    """A service has nothing: its `me` finds nothing."""
    if wanted == "me":
        return actor.staff_id or _NOBODY
    return wanted if isinstance(wanted, UUID) else None
