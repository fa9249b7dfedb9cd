"""A person's cases: how they stand, what was said, more to say, a rating; and when we are at work."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4, uuid5

from envelope.addresses import Address, AddressKind
from envelope.models import Attachment, Declared
from envelope.tracking import parse
from gateway_portal.clients.case_store import CaseStore, File
from gateway_portal.errors import NotThereError, StoreAwayError, TooManyError
from gateway_portal.handlers.handing_in import HandingIn
from gateway_portal.limiter import Limiter
from gateway_portal.model import Said
from gateway_portal.schemas import CasePage, CitizenCase, Day, Entry, Standing
from persian.dates import tehran_date

RATINGS: Final = range(1, 6)
"""From «not at all» to «very much»."""
_A_MINUTE: Final = 10
"""Messages and ratings that one person sends."""
_DAYS_SHOWN: Final = 14
_PATIENCE: Final = 1.5
"""Seconds that a page which also says other things waits for the hours."""


class Following:
    """Only ever for the number that was proved."""

    def __init__(self, store: CaseStore, handing_in: HandingIn, limiter: Limiter | None = None) -> None:
        """Take the collaborators; `limiter` counts what each person sends."""
        self._store = store
        self._handing_in = handing_in
        self._limiter = limiter or Limiter(_A_MINUTE)

    async def cases(self, msisdn: str, cursor: str | None) -> CasePage:
        """A page of their cases.

        Raises:
            StoreAwayError: nobody can say just now; so for every method here but `standing` and `days`.
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
        await self._say(msisdn, case, Declared(topic=case.topic), form, text, files)

    async def rate(self, msisdn: str, case: CitizenCase, form: str, stars: int, words: str) -> None:
        """Say how helpful the answer was.

        Raises:
            NotAcceptedError: it could not be kept; nothing has happened.
        """
        await self._say(msisdn, case, Declared(rating=stars), form, words)

    async def standing(self) -> Standing | None:
        """Whether it is worked now; None where nobody can say in time."""
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self._store.standing()
        except (StoreAwayError, TimeoutError):
            return None

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
    ) -> None:
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
