"""What partners handed in, as they may see it; taking it back; the sandbox, where nothing reaches a desk."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog

from case_store.cursors import Position
from case_store.errors import NotFoundError, StateError
from case_store.handlers.action import acting, demand_version
from case_store.handlers.cases import NO_CASE, code_of
from case_store.handlers.clocks import Clocks
from case_store.identity import covered
from case_store.lifecycle import Verb, after
from case_store.model import CaseState
from case_store.repository import changes, submissions, webhooks
from case_store.repository.database import Database, Transaction
from case_store.schemas.submissions import SubmissionState
from case_store.staffing import Right, service
from envelope.models import CaseEventType
from envelope.taxonomy import SECTION_OF, Topic

_TAKEN_BACK: Final = "سرویسی که این پیام را ثبت کرده بود، آن را پس گرفت."
_ANSWER_AFTER: Final = timedelta(seconds=5)
_ANSWER: Final = "این پاسخِ آزمایشیِ سامانه است و به درخواست هیچ شخصی مربوط نمی‌شود."
_SANDBOX_BATCH: Final = 200
_STATES: Final[Mapping[CaseState, SubmissionState]] = {
    **dict.fromkeys(
        (CaseState.NEW, CaseState.TRIAGE, CaseState.OPEN, CaseState.REFERRED), SubmissionState.OPEN
    ),
    CaseState.ANSWERED: SubmissionState.ANSWERED,
    CaseState.CLOSED: SubmissionState.CLOSED,
}
_log = structlog.get_logger()


class Submissions:
    """The questions of partners about their own; the gateway has checked the key."""

    def __init__(self, database: Database, clocks: Clocks) -> None:
        """`clocks` stop when something is taken back."""
        self._database = database
        self._clocks = clocks

    async def page(
        self, partner_id: str, *, sandbox: bool, reference: str | None, after: Position | None, limit: int
    ) -> list[dict[str, Any]]:
        """A partner's own, the newest first; `id` and `submitted_at` are its place."""
        now = datetime.now(UTC)
        async with self._database.reading() as tx:
            rows = await submissions.page(
                tx, partner_id, sandbox=sandbox, reference=reference, after=after, limit=limit
            )
        return [{**_shown(row, now), "id": row["message_id"]} for row in rows]

    async def case(self, partner_id: str, typed_code: str, *, sandbox: bool) -> Mapping[str, Any]:
        """One of a partner's own whole; what it reads here, a person whom it alone reaches has.

        Raises:
            NotFoundError: no such submission of theirs in this world; the same words.
        """
        async with self._database.reading() as tx:
            row = await _own(tx, partner_id, typed_code, sandbox=sandbox)
            now = datetime.now(UTC)
            answers = await _answers(tx, row, now)
        if any(answer.get("untold") for answer in answers):
            async with self._database.transaction() as tx:
                await delivered(tx, partner_id, row["case_id"], now, until=answers[-1]["at"])
        return {**_shown(row, now), "answers": answers}

    async def withdraw(
        self, partner_id: str, typed_code: str, version: int | None, *, sandbox: bool
    ) -> Mapping[str, Any]:
        """Take one back: its case is closed, and nobody is written to. What was taken back already stays so.

        Raises:
            NotFoundError: no such submission of theirs in this world.
            StateError: it joined another case, somebody else has written to its case, or it was answered,
                closed or passed on meanwhile.
            VersionMismatchError: the case is not the one that the partner read.
        """
        if sandbox:
            return await self._withdraw_sandbox(partner_id, typed_code, version)
        async with self._database.reading() as tx:
            before = await _own(tx, partner_id, typed_code, sandbox=False)
        if not before["owned"]:
            message = "it joined a case that was there before, which is not the partner's to take back"
            raise StateError(message)
        actor = service(f"partner:{partner_id}")
        async with acting(self._database, actor, before["case_code"], Right.ANSWER) as action:
            row = await submissions.find(action.tx, partner_id, code_of(typed_code), sandbox=False)
            if row is None or _state(row) is SubmissionState.WITHDRAWN:
                return {**_shown(row or before, action.now), "answers": []}
            await action.demand_version(version)
            case = action.case
            if case.state in {CaseState.ANSWERED, CaseState.CLOSED}:
                message = "it was answered or closed already"
                raise StateError(message)
            if await submissions.others_wrote(action.tx, case.id, partner_id):
                message = "the person has written to this case by another way; it is not the partner's alone"
                raise StateError(message)
            case.state, case.closed_at = after(Verb.CLOSE, case.state), action.now
            case.activity(action.now)
            await self._clocks.answered(action.tx, case, action.now)
            await submissions.withdraw(action.tx, case.id, partner_id, action.now)
            action.happened(CaseEventType.CLOSED, note=_TAKEN_BACK, withdrawn=True)
        _log.info("submission_withdrawn", case_id=str(case.id), partner=partner_id)
        return await self.case(partner_id, typed_code, sandbox=False)

    async def try_out(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Keep what came by a sandbox key; a further copy changes nothing.

        Raises:
            NotFoundError: the same message id is another partner's.
        """
        now, partner_id = datetime.now(UTC), given["partner_id"]
        async with self._database.transaction() as tx:
            if await submissions.try_out(tx, given, given["submitted_at"] + _ANSWER_AFTER):
                await _tell(tx, given, SubmissionState.OPEN, given["submitted_at"])
            row = await submissions.copy_of(tx, partner_id, given["message_id"])
        if row is None:
            raise NotFoundError(NO_CASE)
        return _shown(row, now)

    async def move_sandbox(self) -> None:
        """Answer what is due in the sandbox, and tell its partners."""
        while await self._move_some() == _SANDBOX_BATCH:
            pass

    async def _move_some(self) -> int:
        async with self._database.transaction() as tx:
            due = await submissions.due(tx, datetime.now(UTC), _SANDBOX_BATCH)
            for row in due:
                await _tell(tx, row, SubmissionState.ANSWERED, row["submitted_at"] + _ANSWER_AFTER)
        return len(due)

    async def _withdraw_sandbox(
        self, partner_id: str, typed_code: str, version: int | None
    ) -> Mapping[str, Any]:
        async with self._database.transaction() as tx:
            await submissions.hold_sandbox(tx, partner_id, code_of(typed_code))
            row, now = await _own(tx, partner_id, typed_code, sandbox=True), datetime.now(UTC)
            shown = _shown(row, now)
            if shown["state"] is SubmissionState.WITHDRAWN:
                return {**shown, "answers": []}
            demand_version(shown["version"], version)
            if shown["state"] is SubmissionState.ANSWERED:
                message = "it was answered or closed already"
                raise StateError(message)
            await submissions.withdraw_sandbox(tx, row["message_id"], now)
            await _tell(tx, row, SubmissionState.WITHDRAWN, now)
            return {**_shown({**row, "withdrawn_at": now}, now), "answers": []}


async def delivered(
    tx: Transaction, partner_id: str, case_id: UUID, now: datetime, *, until: datetime
) -> None:
    """A partner has what was answered till then: delivered, to the persons whom it alone reaches."""
    moved = await submissions.told(tx, partner_id, case_id, now, until)
    if moved:
        await changes.tell_of_deliveries(tx, moved)
        _log.info("partner_told", partner=partner_id, messages=len(moved))


async def _own(tx: Transaction, partner_id: str, typed_code: str, *, sandbox: bool) -> dict[str, Any]:
    found = await submissions.find(tx, partner_id, code_of(typed_code), sandbox=sandbox)
    if found is None:
        raise NotFoundError(NO_CASE)
    return found


async def _answers(tx: Transaction, row: Mapping[str, Any], now: datetime) -> list[dict[str, Any]]:
    if row["sandbox"] is not None:
        if _shown(row, now)["state"] is not SubmissionState.ANSWERED:
            return []
        return [{"at": row["submitted_at"] + _ANSWER_AFTER, "text": _ANSWER, "official": None}]
    if not row["owned"]:
        return []
    codes = {row["tracking_code"], row["case_code"]}
    return [
        {
            **answer,
            # Whoever reads it there is not the person: what they need of an id they have.
            "text": covered(answer["text"], codes),
            "official": answer["code"] and {"code": answer["code"], "revoked": answer["revoked"]},
        }
        for answer in await submissions.answers(tx, row["case_id"])
    ]


def _shown(row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """As the partner may see it; of a person's case that it joined, nothing but where that stands."""
    if row["sandbox"] is not None:
        return _tried_out(row, now)
    topic = Topic(row["topic"])
    shown = {**row, "section": SECTION_OF[topic], "state": _state(row)}
    if not row["owned"]:
        shown |= {"due_at": None, "closed_at": None, "last_activity_at": row["submitted_at"]}
    return shown


def _state(row: Mapping[str, Any]) -> SubmissionState:
    state = CaseState(row["state"])
    if state is CaseState.CLOSED and row["closed_at"] == row["withdrawn_at"]:
        return SubmissionState.WITHDRAWN
    if state is not CaseState.CLOSED and row["waits"]:
        return SubmissionState.WAITING
    return _STATES[state]


def _tried_out(row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The life of a case in the sandbox follows from when it began."""
    answered_at, withdrawn_at = row["submitted_at"] + _ANSWER_AFTER, row["withdrawn_at"]
    if withdrawn_at is not None:
        state, last = SubmissionState.WITHDRAWN, withdrawn_at
    elif now >= answered_at:
        state, last = SubmissionState.ANSWERED, answered_at
    else:
        state, last = SubmissionState.OPEN, row["submitted_at"]
    topic = Topic(row["sandbox"]["topic"])
    return {
        **row,
        "case_code": row["tracking_code"],
        "state": state,
        "topic": topic,
        "kind": row["sandbox"]["kind"],
        "section": SECTION_OF[topic],
        "last_activity_at": last,
        "version": 1 if state is SubmissionState.OPEN else 2,
        "due_at": answered_at if state is SubmissionState.OPEN else None,
        "closed_at": withdrawn_at,
    }


async def _tell(tx: Transaction, row: Mapping[str, Any], state: SubmissionState, at: datetime) -> None:
    """The webhooks of the sandbox, told as real ones are."""
    told = {name: row[name] for name in ("partner_id", "tracking_code", "reference")}
    await webhooks.tell_sandbox(tx, **told, state=state, at=at)
