"""Official replies: issued with a verification code, confirmed to whoever holds it, revoked for cause."""

import re
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

import structlog

from case_store.approval import is_offered
from case_store.errors import NotFoundError, StateError
from case_store.handlers.action import acting
from case_store.handlers.cases import NO_CASE, code_of
from case_store.handlers.covering import seen_words
from case_store.handlers.standard_answers import NO_ANSWER, StandardAnswers
from case_store.identity import national_ids
from case_store.model import storable
from case_store.repository import lookups, official, standard_answers
from case_store.repository.database import Database, Transaction
from case_store.staffing import Actor, Right
from case_store.verification import LENGTH, mint, parse_verification
from envelope.addresses import parse_msisdn
from envelope.models import CaseEventType
from persian.dates import tehran_date
from persian.search import found_in, search_key

_NO_REPLY: Final = "no official reply has this id"
_DIGITS: Final = re.compile(r"(?<!\d)\+?\d(?:[\u200c \-]?\d){7,14}(?!\d)")
_SOLID: Final = re.compile(r"\+?\d{8,15}")
_HIDDEN: Final = "•••"
_NEVER_MINTED: Final = "0" * LENGTH
"""Looked up in place of what cannot be a code, so that the time taken tells nothing."""
_log = structlog.get_logger()


class OfficialReplies:
    """Written answers that carry official weight."""

    def __init__(self, database: Database, answers: StandardAnswers) -> None:
        """Take the database, and who counts the uses of standard answers."""
        self._database = database
        self._answers = answers

    async def issue(
        self, actor: Actor, code: str, text: str | None, answer: tuple[UUID, int] | None, version: int | None
    ) -> dict[str, Any]:
        """Issue one on a case: with a text of its own, or the text of a standard answer that is valid today.

        Raises:
            NotFoundError: no such case within reach, or no such version.
            StateError: the version is not one that is offered today.
        """
        reply_id = uuid4()
        async with acting(self._database, actor, code, Right.ISSUE_OFFICIAL, version=version) as action:
            if answer is not None:
                given = await self._approved(action.tx, *answer, action.now)
                await self._answers.used(action.tx, *answer, action.case, action.by, action.now)
                text = text or given
            fields = {
                "id": reply_id,
                "case_id": action.case.id,
                "verification_code": mint(),
                "text": storable(text or ""),
                "answer_id": answer[0] if answer else None,
                "answer_number": answer[1] if answer else None,
                "issued_by": action.by,
                "issued_at": action.now,
            }
            await official.add(action.tx, fields)
            action.happened(CaseEventType.OFFICIAL_REPLY_ISSUED, official_reply_id=reply_id)
        _log.info("official_reply_issued", case_id=str(fields["case_id"]))
        return await self._shown(reply_id)

    async def revoke(self, actor: Actor, reply_id: UUID, reason: str) -> dict[str, Any]:
        """Declare one void; its code is answered with that from now on.

        Raises:
            NotFoundError: no such reply on a case within reach.
            StateError: it is void already.
        """
        actor.demand(Right.ISSUE_OFFICIAL)
        tracking_code = (await self._shown(reply_id))["tracking_code"]
        async with acting(self._database, actor, tracking_code, Right.ISSUE_OFFICIAL) as action:
            # Read again: only now is the case held.
            reply = await official.find(action.tx, reply_id)
            if reply is None or reply["revoked_at"] is not None:
                message = "this official reply is revoked"
                raise StateError(message)
            await official.revoke(action.tx, reply_id, action.by, action.now, storable(reason))
            action.happened(CaseEventType.OFFICIAL_REPLY_REVOKED, note=reason, official_reply_id=reply_id)
        _log.info("official_reply_revoked", case_id=str(reply["case_id"]))
        return await self._shown(reply_id)

    async def of_case(self, actor: Actor, typed_code: str) -> list[dict[str, Any]]:
        """A case's, the newest first."""
        actor.demand(Right.READ)
        async with self._database.transaction() as tx:
            found = await lookups.by_code(tx, actor, code_of(typed_code))
            if not found:
                raise NotFoundError(NO_CASE)
            rows = await official.of_case(tx, found[0]["id"])
        return [seen_words(actor, {**row, "tracking_code": found[0]["tracking_code"]}) for row in rows]

    async def verify(self, actor: Actor, typed: str) -> dict[str, Any] | None:
        """What stands behind a code, for anybody who holds it; None if nothing does.

        The person's name, phone numbers and national ids are covered: the page that shows it is public.
        """
        actor.demand(Right.READ)
        code = parse_verification(typed) or _NEVER_MINTED
        async with self._database.transaction() as tx:
            found = await official.behind(tx, code)
        _log.info("official_reply_looked_up", known=found is not None)
        return None if found is None else {**found, "text": public(found["text"], found["name"])}

    async def _approved(self, tx: Transaction, answer_id: UUID, number: int, now: datetime) -> str:
        found = await standard_answers.find_version(tx, answer_id, number)
        if found is None:
            raise NotFoundError(NO_ANSWER)
        if not is_offered(found, tehran_date(now)):
            message = "this version of the answer is not approved or not valid today"
            raise StateError(message)
        return str(found["text"])

    async def _shown(self, reply_id: UUID) -> dict[str, Any]:
        async with self._database.transaction() as tx:
            found = await official.find(tx, reply_id)
        if found is None:
            raise NotFoundError(_NO_REPLY)
        return found


def public(text: str, name: str | None) -> str:
    """A text with the person's name and everybody's numbers covered."""
    named = [(token,) for token in search_key(name or "").split()]
    for start, end in reversed(found_in(text, named, open_end=False)):
        text = f"{text[:start]}{_HIDDEN}{text[end:]}"
    for start, end in reversed(national_ids(text)):
        text = f"{text[:start]}{_HIDDEN}{text[end:]}"
    return _DIGITS.sub(_hidden, text)


def _hidden(found: re.Match[str]) -> str:
    """A phone number becomes dots, also with another number right behind it; an amount stays what it is."""
    if parse_msisdn(found[0]) is not None:
        return _HIDDEN
    return _SOLID.sub(lambda one: one[0] if parse_msisdn(one[0]) is None else _HIDDEN, found[0])
