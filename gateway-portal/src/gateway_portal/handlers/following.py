"""A person's cases: how they stand, what was said, more to say, a rating; and what everybody is told."""

import asyncio
import time
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID, uuid4, uuid5

from envelope.addresses import Address, AddressKind
from envelope.models import Attachment, Declared
from envelope.tracking import parse
from gateway_portal.clients.case_store import CaseStore, File
from gateway_portal.errors import NotThereError, RedisAwayError, StoreAwayError, TooManyError
from gateway_portal.handlers.handing_in import HandingIn
from gateway_portal.limiter import Limiter
from gateway_portal.model import Said
from gateway_portal.repository.under_way import UnderWay
from gateway_portal.schemas import Announcement, CasePage, CitizenCase, Day, Entry, Side, Standing
from persian.dates import tehran_date

RATINGS: Final = range(1, 6)
"""From «not at all» to «very much»."""
_A_MINUTE: Final = 10
"""Messages and ratings that one person sends."""
_DAYS_SHOWN: Final = 14
_PATIENCE: Final = 1.5
"""Seconds that a page which also says other things waits for the hours, or for announcements."""
_ALIKE: Final = timedelta(minutes=5)
"""So near each other, the same words are the same message: a form sent twice has two times."""
T = TypeVar("T")


class Following:
    """Only ever for the number that was proved."""

    def __init__(
        self, store: CaseStore, handing_in: HandingIn, under_way: UnderWay, limiter: Limiter | None = None
    ) -> None:
        """Take the collaborators; `limiter` counts what each person sends."""
        self._store = store
        self._handing_in = handing_in
        self._under_way = under_way
        self._limiter = limiter or Limiter(_A_MINUTE)

    async def cases(self, msisdn: str, cursor: str | None) -> CasePage:
        """A page of their cases.

        Raises:
            StoreAwayError: nobody can say just now; so for every method here that does not give None.
            NotThereError: no such page.
        """
        return await self._store.cases(msisdn, cursor)

    async def case(self, msisdn: str, typed: str) -> CitizenCase:
        """Their case by its code, however it is written.

        Raises:
            NotThereError: no such case, or not theirs.
        """
        code = parse(typed)
        case = await self._store.case(msisdn, code) if code else None
        if case is None:
            message = "no such case of this person"
            raise NotThereError(message)
        return case

    async def letter(self, msisdn: str, typed: str, verification_code: str) -> tuple[CitizenCase, Entry]:
        """An official reply in their case.

        Raises:
            NotThereError: there is none.
        """
        case = await self.case(msisdn, typed)
        entry = case.letter(verification_code)
        if entry is None:
            message = "no such letter in this case"
            raise NotThereError(message)
        return case, entry

    async def file(self, msisdn: str, typed: str, sha256: str) -> File:
        """A file of the conversation.

        Raises:
            NotThereError: there is none.
        """
        code = parse(typed)
        file = await self._store.file(msisdn, code, sha256) if code else None
        if file is None:
            message = "no such file in this case"
            raise NotThereError(message)
        return file

    async def export(self, msisdn: str) -> bytes:
        """Everything of theirs, as JSON."""
        return await self._store.export(msisdn)

    def let_through(self, msisdn: str) -> None:
        """Count something that this person sends.

        Raises:
            TooManyError: they have to wait.
        """
        if seconds := self._limiter.wait(msisdn, time.monotonic()):
            raise TooManyError(seconds)

    async def add(
        self, msisdn: str, case: CitizenCase, form: str, text: str, files: Sequence[Attachment] = ()
    ) -> None:
        """Say more in a case; an answered or closed one is opened by it.

        Raises:
            NotAcceptedError: it could not be kept; nothing has happened.
        """
        # With a topic it is a message, also where the text alone would be a command: «لغو», «5».
        said = await self._say(msisdn, case, Declared(topic=case.topic), form, text, files)
        with suppress(RedisAwayError):
            await self._under_way.put(msisdn, case.tracking_code, said)

    async def on_its_way(self, msisdn: str, case: CitizenCase) -> list[Entry]:
        """What they have just added here and the store has not got yet, the oldest first."""
        try:
            waiting = await self._under_way.of(msisdn, case.tracking_code)
            arrived = [said_id for said_id, entry in waiting.items() if _has(case, entry)]
            if arrived:
                await self._under_way.forget(msisdn, case.tracking_code, arrived)
        except RedisAwayError:
            return []
        entries = (entry for said_id, entry in waiting.items() if said_id not in arrived)
        return sorted(entries, key=lambda entry: entry.at)

    async def rate(self, msisdn: str, case: CitizenCase, form: str, stars: int, words: str) -> None:
        """Say how helpful the answer was.

        Raises:
            NotAcceptedError: it could not be kept; nothing has happened.
        """
        await self._say(msisdn, case, Declared(rating=stars), form, words)

    async def standing(self) -> Standing | None:
        """Whether it is worked now; None where nobody can say in time."""
        return await _in_time(self._store.standing())

    async def announcements(self) -> Sequence[Announcement] | None:
        """What everybody is told now, the important first; None where nobody can say in time."""
        return await _in_time(self._store.announcements())

    async def days(self) -> Sequence[Day] | None:
        """The two weeks that come; None where nobody can say."""
        today = today_in_tehran()
        try:
            return await self._store.days(today, today + timedelta(days=_DAYS_SHOWN - 1))
        except StoreAwayError:
            return None

    async def _say(
        self,
        msisdn: str,
        case: CitizenCase,
        declared: Declared,
        form: str,
        text: str,
        files: Sequence[Attachment] = (),
    ) -> Said:
        hashes = (file.sha256 for file in files)
        said = Said(
            id=_id_of(form, msisdn, case.tracking_code, str(declared.rating), text, *hashes),
            sender=Address(kind=AddressKind.MSISDN, value=msisdn),
            text=text,
            at=datetime.now(UTC),
            declared=declared,
            refers_to=case.tracking_code,
            attachments=files,
        )
        await self._handing_in.hand_in(said)
        return said


async def _in_time(asked: Awaitable[T]) -> T | None:
    """What the store says, if it does so soon."""
    try:
        async with asyncio.timeout(_PATIENCE):
            return await asked
    except (StoreAwayError, TimeoutError):
        return None


def _has(case: CitizenCase, said: Entry) -> bool:
    """Whether what was said stands in the case by now."""
    hashes = {file.sha256 for file in said.attachments}
    return any(
        entry.side is Side.YOU
        and entry.text == said.text
        and hashes == {file.sha256 for file in entry.attachments}
        and abs(entry.at - said.at) < _ALIKE
        for entry in case.entries
    )


def today_in_tehran() -> date:
    """The day that people there write."""
    return tehran_date(datetime.now(UTC))


def _id_of(form: str, *said: str) -> str:
    """The form's id and what it says: sent twice it is one message, altered and sent again it is another."""
    try:
        told = UUID(form)
    except ValueError:
        told = uuid4()
    return str(uuid5(told, "\n".join(said)))
