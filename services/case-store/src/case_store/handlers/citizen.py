"""What people see of their own cases, asked by a gateway that has found out whose number it is.

The same words in every view: the person's messages, our answers, and steps that tell no one's name or reason.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog

from case_store.cursors import Position
from case_store.errors import NotFoundError
from case_store.handlers.cases import NO_CASE, code_of
from case_store.identity import masked, masked_number
from case_store.model import CaseState
from case_store.repository import citizen
from case_store.repository.attachments import Named
from case_store.repository.database import Database, Transaction
from case_store.schemas.citizen import PublicStep, Side
from envelope.models import CaseEventType, Channel, Intent
from objects.errors import ObjectMissingError
from objects.store import Objects, Opened

_NO_FILE: Final = "the case has no such file"
_MOST_CASES: Final = 1_000
_STEPS: Final[Mapping[str, PublicStep]] = {
    CaseEventType.OPENED: PublicStep.OPENED,
    CaseEventType.RECLASSIFIED: PublicStep.RECLASSIFIED,
    CaseEventType.REFERRED: PublicStep.REFERRED,
    CaseEventType.REPLIED: PublicStep.ANSWERED,
    CaseEventType.WAITING: PublicStep.WAITING,
    CaseEventType.CLOSED: PublicStep.CLOSED,
    CaseEventType.REOPENED: PublicStep.REOPENED,
    CaseEventType.OFFICIAL_REPLY_ISSUED: PublicStep.OFFICIAL_REPLY_ISSUED,
    CaseEventType.OFFICIAL_REPLY_REVOKED: PublicStep.OFFICIAL_REPLY_REVOKED,
}
"""What is not here stays inside."""
_log = structlog.get_logger()


class Citizens:
    """The questions of people about their own; whoever calls has made sure of the number."""

    def __init__(self, database: Database, objects: Objects, *, reopening: timedelta) -> None:
        """`reopening` is how long a word of theirs opens a closed case again."""
        self._database = database
        self._objects = objects
        self._reopening = reopening

    async def owner(self, typed_code: str) -> str:
        """The mobile number of a case's person.

        Raises:
            NotFoundError: no such case, or no mobile number of its person; the same words.
        """
        async with self._database.reading() as tx:
            found = await citizen.owner(tx, code_of(typed_code))
        if found is None:
            raise NotFoundError(NO_CASE)
        return found

    async def page(self, msisdn: str, after: Position | None, limit: int) -> list[dict[str, Any]]:
        """A person's cases, the latest activity first; none of somebody who never wrote."""
        async with self._database.reading() as tx:
            rows = await citizen.page(tx, msisdn, after, limit)
        return [self._shown(row) for row in rows]

    async def case(self, msisdn: str, typed_code: str) -> dict[str, Any]:
        """One of a person's cases whole, by its code or an alias.

        Raises:
            NotFoundError: no such case, or another person's; the same words.
        """
        async with self._database.reading() as tx:
            row = await _own(tx, msisdn, typed_code)
            [case] = await self._whole(tx, row["contact_id"], [row], {Intent.MESSAGE})
        return case

    async def file(self, msisdn: str, typed_code: str, sha256: str) -> tuple[Named, Opened]:
        """A file that the person sent in one of their cases.

        Raises:
            NotFoundError: no such case of theirs, or they sent no such file in it.
        """
        async with self._database.reading() as tx:
            row = await _own(tx, msisdn, typed_code)
            media_type = await citizen.brought(tx, row["contact_id"], row["id"], sha256)
        if media_type is None:
            raise NotFoundError(_NO_FILE)
        try:
            return Named(media_type, None), await self._objects.open(sha256)
        except ObjectMissingError:
            raise NotFoundError(_NO_FILE) from None

    async def export(self, msisdn: str) -> dict[str, Any]:
        """Everything of a person, in as many statements however much it is."""
        async with self._database.reading() as tx:
            contact_id = await citizen.person(tx, msisdn)
            if contact_id is None:
                return {"person": None, "cases": [], "ratings": [], "messages": [], "complete": True}
            about = await citizen.about(tx, contact_id)
            rows = await citizen.page(tx, msisdn, None, _MOST_CASES + 1)
            cases = await self._whole(tx, contact_id, rows[:_MOST_CASES], set(Intent))
            ratings = await citizen.rated(tx, contact_id, [row["id"] for row in rows])
            beside = _said(await citizen.beside_cases(tx, contact_id))
        _log.info("citizen_exported", cases=len(cases))
        complete = len(rows) <= _MOST_CASES and not any(map(_is_full, (beside, *_lists(cases))))
        return {
            "person": _covered(about, msisdn),
            "cases": cases,
            "ratings": ratings,
            "messages": sorted(beside, key=_order),
            "complete": complete,
        }

    async def _whole(
        self,
        tx: Transaction,
        contact_id: UUID,
        rows: Sequence[Mapping[str, Any]],
        intents: Collection[Intent],
    ) -> list[dict[str, Any]]:
        """These cases with what was said and what happened, one statement a kind."""
        ids = [row["id"] for row in rows]
        said = await citizen.said(tx, contact_id, ids, intents)
        answered = await citizen.answered(tx, contact_id, ids)
        official = await citizen.official(tx, ids)
        happened = await citizen.happened(tx, ids, _STEPS.keys())
        aliases = await citizen.aliases(tx, ids, {row["tracking_code"] for row in said})
        cases: list[dict[str, Any]] = [
            self._shown(row) | {"aliases": aliases.get(row["id"], []), "entries": [], "steps": []}
            for row in rows
        ]
        by_id = {row["id"]: case for row, case in zip(rows, cases, strict=True)}
        for entry in sorted((*_said(said), *_answers(answered), *_letters(official)), key=_order):
            by_id[entry["case_id"]]["entries"].append(entry)
        for step in happened:
            by_id[step["case_id"]]["steps"].append({"at": step["at"], "what": _STEPS[step["type"]]})
        return cases

    def _shown(self, row: Mapping[str, Any]) -> dict[str, Any]:
        state, closed_at = row["state"], row["closed_at"]
        return {
            **row,
            "awaits_person": state == CaseState.ANSWERED or (row["waits"] and state != CaseState.CLOSED),
            "reopen_until": closed_at + self._reopening if closed_at else None,
        }


async def _own(tx: Transaction, msisdn: str, typed_code: str) -> dict[str, Any]:
    found = await citizen.find(tx, msisdn, code_of(typed_code))
    if found is None:
        raise NotFoundError(NO_CASE)
    return found


def _said(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "side": Side.YOU, "official": None} for row in rows]


def _answers(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "side": Side.US, "attachments": [], "official": None} for row in rows]


def _letters(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Of a void one the text is kept back, as the public page does: it may never have been meant for them."""
    return [
        {
            **row,
            "side": Side.US,
            "channel": Channel.PORTAL,
            "text": "" if row["revoked"] else row["text"],
            "attachments": [],
            "official": {"code": row["verification_code"], "revoked": row["revoked"]},
        }
        for row in rows
    ]


def _order(entry: Mapping[str, Any]) -> tuple[datetime, bool, UUID]:
    """By time; a question and its answer taken down together have one time, and the question comes first."""
    return entry["at"], entry["side"] is not Side.YOU, entry["id"]


def _lists(cases: Iterable[Mapping[str, Any]]) -> Iterator[Sequence[Any]]:
    for case in cases:
        for side in Side:
            yield [entry for entry in case["entries"] if entry["side"] is side]
        yield case["steps"]


def _is_full(rows: Sequence[Any]) -> bool:
    """Whether a list has come to its bound: there may be more."""
    return len(rows) >= citizen.MOST_SAID


def _covered(about: Mapping[str, Any], msisdn: str) -> dict[str, Any]:
    """A phone changes hands: who holds it learns no number that they did not have."""
    return {
        **about,
        "national_id": masked(about["national_id"]) if about["national_id"] else None,
        "addresses": [
            {**one, "value": one["value"] if one["value"] == msisdn else masked_number(one["value"])}
            for one in about["addresses"]
        ],
    }
