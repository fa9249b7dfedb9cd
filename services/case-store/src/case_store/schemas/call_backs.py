"""Calling people, as the API takes and gives it: tasks, tries, and calls that a gateway makes for agents."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints, model_validator

from case_store.calling import CallBackState, CallResult, CallState, TryResult
from case_store.schemas.casework import Number
from case_store.schemas.given import Given
from case_store.schemas.requests import LONGEST_REPLY
from case_store.schemas.taken import Name, Taken, Text
from envelope.models import Attachment

Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
Remark = Annotated[Text, StringConstraints(max_length=500)]


class CallBackRequest(Taken):
    """Somebody is to be called."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"number": "02112345678"}]})

    number: Number | None = None
    """In any spelling; the one that is known if left out."""
    next_at: AwareDatetime | None = None
    """Not before then."""
    author: Name | None = None
    """For whom a service speaks."""


class TryRequest(Taken):
    """Somebody was called."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"result": "no_answer"}]})

    result: TryResult
    """What came of it."""
    seconds: Seconds | None = None
    """How long they spoke."""
    note: Remark | None = None
    """For colleagues."""
    next_at: AwareDatetime | None = None
    """When to try again; in a while if left out."""
    author: Name | None = None
    """For whom a service speaks."""


class DoneRequest(Taken):
    """What somebody was told on the telephone."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"answer": "امروز واریز شده است."}]})

    answer: Annotated[Text, StringConstraints(max_length=LONGEST_REPLY)]
    """It is kept as the answer, and not sent."""
    seconds: Seconds | None = None
    """How long they spoke, where no call of ours tells."""
    close: bool = False
    """With that the matter is done."""
    author: Name | None = None
    """For whom a service speaks."""


class GiveUpRequest(Taken):
    """It was tried often enough."""

    author: Name | None = None
    """For whom a service speaks."""


class CallRequest(Taken):
    """Call the person: the agent's own telephone rings first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})

    number: Number | None = None
    """In any spelling; the one that is known if left out."""


class CallBackGiven(Given):
    """A task: somebody is to be called, or was."""

    number: str | None
    """E.164; masked for who may not read identities; none while it waits for one."""
    state: CallBackState
    """Where it stands."""
    asked_by: str
    """`citizen`, or who of the staff wanted it."""
    asked_at: datetime
    """When they spoke."""
    failures: int
    """Tries without an answer since they last asked."""
    tries: int
    """After so many of them it may be given up."""
    next_at: datetime | None
    """It is not in the list before."""
    due_at: datetime | None
    """The deadline of the case's own clock, while that runs."""
    settled_by: str | None
    """Who ended it."""
    settled_at: datetime | None
    """When."""


class TryGiven(Given):
    """A try."""

    id: UUID
    """Ours."""
    call_id: UUID | None
    """The call that the gateway made, if it did."""
    result: TryResult
    """What came of it."""
    made_by: str
    """Who."""
    made_at: datetime
    """When."""
    seconds: float | None
    """How long they spoke."""
    note: str | None
    """For colleagues."""


class CallGiven(Given):
    """A call that the gateway makes, or made, for an agent."""

    id: UUID
    """Ours."""
    made_by: str
    """For whom."""
    number: str
    """E.164; masked for who may not read identities."""
    state: CallState
    """How far it has come."""
    result: CallResult | None
    """How it ended."""
    seconds: float | None
    """How long they spoke."""
    asked_at: datetime
    """When it was asked for."""
    ended_at: datetime | None
    """When it ended."""
    record: bool
    """It is recorded; the person is told."""
    recording: Attachment | None
    """What was recorded, once it is kept."""


class CallsRequest(Taken):
    """Calls to make now."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"limit": 8}]})

    limit: Annotated[int, Field(ge=1, le=100)] = 8
    """At most so many."""


class CallToMake(Given):
    """What a gateway needs to make a call."""

    id: UUID
    """Tell of it by this."""
    extension: str
    """The agent's telephone, which rings first."""
    number: str
    """E.164: whom to call when the agent has picked up."""
    line: str
    """Our number that the person sees."""
    record: bool
    """Record it, and tell the person so."""
    asked_at: datetime
    """When the agent asked."""


class CallsToMake(Given):
    """Leased for ten seconds; what nothing is said of by then is given out again."""

    calls: list[CallToMake]
    """The oldest first."""


class ProgressRequest(Taken):
    """How far a call has come."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"state": "ended", "result": "answered", "seconds": 93.5, "at": "2026-11-22T08:00:00Z"}
            ]
        }
    )

    state: Literal[CallState.RINGING_AGENT, CallState.RINGING_PERSON, CallState.TALKING, CallState.ENDED]
    """Forward only; what is told again or too late changes nothing."""
    result: (
        Literal[
            CallResult.ANSWERED,
            CallResult.NO_ANSWER,
            CallResult.BUSY,
            CallResult.WRONG_NUMBER,
            CallResult.AGENT_AWAY,
            CallResult.FAILED,
        ]
        | None
    ) = None
    """Of a call that ended, and only of one."""
    seconds: Seconds | None = None
    """How long they spoke."""
    at: AwareDatetime
    """When."""

    @model_validator(mode="after")
    def _ends_with_a_result(self) -> Self:
        if (self.state is CallState.ENDED) != (self.result is not None):
            message = "a call that ended has a result, and no other one"
            raise ValueError(message)
        return self
