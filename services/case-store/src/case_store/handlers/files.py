"""Files of a case: taken, sniffed, kept by the hash of their bytes, given back to who reaches the case."""

import asyncio
from collections.abc import Mapping
from typing import IO, Any
from uuid import UUID

import structlog

from case_store.errors import NotFoundError
from case_store.handlers.action import acting
from case_store.handlers.cases import NO_CASE, code_of
from case_store.handlers.covering import seen_words
from case_store.handlers.witness import Witness
from case_store.model import named, storable
from case_store.repository import attachments, reach
from case_store.repository.attachments import Named, NewFile
from case_store.repository.database import Database, Transaction
from case_store.staffing import Actor, Right
from envelope.models import CaseEventType
from objects.errors import ObjectMissingError
from objects.inspection import inspect
from objects.kinds import clean_name
from objects.store import Objects, Opened, key_of

_log = structlog.get_logger()


class Files:
    """The verbs behind the API."""

    def __init__(self, database: Database, objects: Objects, witness: Witness, *, most_bytes: int) -> None:
        """Take the collaborators and how large a file may be, in bytes."""
        self._database = database
        self._objects = objects
        self._witness = witness
        self.most_bytes = most_bytes

    async def demand_case(self, actor: Actor, code: str) -> None:
        """Go on only to a case that the actor may add files to, before anything is received.

        Raises:
            ForbiddenError: the right is not theirs.
            NotFoundError: no such case within reach.
        """
        actor.demand(_right(actor))
        async with self._database.transaction() as tx:
            await _case(tx, actor, code)

    async def add(self, actor: Actor, code: str, claimed_name: str, content: IO[bytes]) -> Mapping[str, Any]:
        """Keep a file with a case; the same bytes in the same case are the same file.

        Raises:
            FileTooLargeError, FileRefusedError: it is not taken.
            ObjectsUnavailableError: it could not be kept; the case is as it was.
        """
        file = await asyncio.to_thread(inspect, content, self.most_bytes)
        await self._objects.put(file.sha256, content)
        async with acting(self._database, actor, code, _right(actor)) as action:
            case = action.case
            row = NewFile(
                id=named(f"attachment|{case.id}|{file.sha256}"),
                case_id=case.id,
                sha256=file.sha256,
                uri=key_of(file.sha256),
                media_type=file.media.type,
                size=file.size,
                name=storable(clean_name(claimed_name, file.media)),
                added_by=storable(action.by),
                created_at=action.now,
            )
            if await attachments.add(action.tx, row):
                told, size = file.media.type, file.size
                action.happened(
                    CaseEventType.FILE_ADDED, note=row.name, sha256=file.sha256, size=size, media_type=told
                )
            added = await attachments.find(action.tx, row.id)
        _log.info("file_added", case_id=str(case.id), size=file.size, media_type=file.media.type)
        return added

    async def open(self, actor: Actor, code: str, sha256: str) -> tuple[Named, Opened]:
        """A file of a case within reach, added by staff or brought by a message.

        Raises:
            NotFoundError: no such case within reach, or it has no such file.
        """
        actor.demand(Right.READ)
        async with self._database.transaction() as tx:
            found = await attachments.of_case(tx, await _case(tx, actor, code), sha256)
        if found is None:
            message = "the case has no such file"
            raise NotFoundError(message)
        try:
            opened = await self._objects.open(sha256)
        except ObjectMissingError as error:
            raise NotFoundError(str(error)) from None
        self._witness.saw(actor, code_of(code), "file_seen")
        return Named(**seen_words(actor, found._asdict())), opened


async def _case(tx: Transaction, actor: Actor, code: str) -> UUID:
    case_id = await reach.case_behind(tx, actor, code_of(code))
    if case_id is None:
        raise NotFoundError(NO_CASE)
    return case_id


def _right(actor: Actor) -> Right:
    """Who answers people adds files, and who answers referrals."""
    return Right.ANSWER if actor.may(Right.ANSWER) else Right.SETTLE
