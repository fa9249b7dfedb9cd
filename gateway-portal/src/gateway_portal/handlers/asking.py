"""A question, complaint, suggestion or request, from the first choice to its tracking code."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple, TypeVar
from weakref import WeakValueDictionary

import structlog

from envelope.addresses import Address, AddressKind
from envelope.models import Declared
from envelope.taxonomy import Kind, Topic
from gateway_portal.clients.case_store import CaseStore
from gateway_portal.errors import StoreAwayError, TooManyError
from gateway_portal.handlers.drafts import Draft, Drafts
from gateway_portal.handlers.handing_in import HandingIn
from gateway_portal.limiter import Limiter
from gateway_portal.model import Said
from gateway_portal.schemas import CaseState, CaseSummary, StandardAnswer
from minting.mint import CodeMint

KINDS: Final = (Kind.QUESTION, Kind.COMPLAINT, Kind.SUGGESTION, Kind.REQUEST)
"""What people come with; the others have pages of their own."""
_PATIENCE: Final = 1.5
"""Seconds that a page waits for what it can do without."""
_PER_MINUTE: Final = 60
"""Forms that one address may send off in a minute; a whole town may share one."""
_REMEMBERED: Final = 20_000
_UNPROVED: Final = "unproven:"
_log = structlog.get_logger()
Key = TypeVar("Key")
Value = TypeVar("Value")


class Sent(NamedTuple):
    """What became of a message."""

    proved: bool
    """Whether it carries the person's number as proved."""
    joined: str | None
    """The case that it is more of."""


class Asking:
    """What a person fills in, sealed from page to page, and handed in once."""

    def __init__(self, store: CaseStore, handing_in: HandingIn, mint: CodeMint, key: bytes) -> None:
        """`key` seals drafts."""
        self._store = store
        self._handing_in = handing_in
        self._mint = mint
        self._limiter = Limiter(_PER_MINUTE)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._codes: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._sent: OrderedDict[str, Sent] = OrderedDict()
        self.drafts = Drafts(key)

    def let_through(self, visitor: str) -> None:
        """Count a form of this address.

        Raises:
            TooManyError: it must wait.
        """
        if seconds := self._limiter.wait(visitor, time.monotonic()):
            _log.info("asking_limited")
            raise TooManyError(seconds)

    async def answer(self, topic: Topic, language: str) -> StandardAnswer | None:
        """The standard answer that helps most with this topic; None also where nobody can say in time."""
        try:
            async with asyncio.timeout(_PATIENCE):
                answers = await self._store.answers(language)
        except (StoreAwayError, TimeoutError):
            return None
        fitting = [each for each in answers if each.topic is topic]
        return max(fitting, key=lambda each: each.uses, default=None)

    async def open_cases(self, msisdn: str, topic: Topic) -> Sequence[CaseSummary]:
        """The cases of this person that a message on this topic may be more of; none where nobody can say."""
        try:
            async with asyncio.timeout(_PATIENCE):
                page = await self._store.cases(msisdn)
        except (StoreAwayError, TimeoutError):
            return []
        return [case for case in page.cases if case.topic is topic and case.state is not CaseState.CLOSED]

    def complete(self, draft: Draft, before: Draft | None) -> Draft:
        """With an id and a code: those it had, if it still says the same, else new ones.

        A message that was changed must not be taken for the one that may have been sent before.
        """
        if before is not None and before.id is not None and before.says_the_same(draft):
            return draft.model_copy(update={"id": before.id, "code": before.code})
        return draft.with_id(self._mint.take())

    def turn(self, of: str) -> asyncio.Lock:
        """Held while something is done once, so that the second of a double click finds it done."""
        return self._turns.setdefault(of, asyncio.Lock())

    def remember_code(self, msisdn: str, visitor: str, handle: str) -> None:
        """A one-time code was sent: who sends the form again shortly is asked for the same one."""
        _keep(self._codes, (msisdn, visitor), handle)

    def code_of(self, msisdn: str, visitor: str) -> str | None:
        """The handle of the code that was sent last to this number from this address."""
        return self._codes.get((msisdn, visitor))

    def sent(self, draft: Draft) -> Sent | None:
        """What became of this draft, if it was handed in here."""
        return self._sent.get(str(draft.id))

    async def hand_in(self, draft: Draft, *, proved: bool, joined: str | None = None) -> Sent:
        """Hand it in; a number that was not proved never joins what belongs to it.

        Raises:
            NotAcceptedError: it could not be kept; nothing has happened.
        """
        sender = (
            Address(kind=AddressKind.MSISDN, value=str(draft.msisdn))
            if proved
            else Address(kind=AddressKind.ACCOUNT, value=f"{_UNPROVED}{draft.msisdn}")
        )
        said = Said(
            id=str(draft.id),
            sender=sender,
            text=draft.text,
            at=datetime.now(UTC),
            code=draft.code,
            declared=Declared(topic=draft.topic, kind=draft.kind, province=draft.province),
            refers_to=joined if proved else None,
            attachments=[each.attachment for each in draft.files],
        )
        await self._handing_in.hand_in(said)
        _log.info("asked", kind=draft.kind, topic=draft.topic, proved=proved, files=len(draft.files))
        sent = Sent(proved, said.refers_to)
        _keep(self._sent, str(draft.id), sent)
        return sent


def _keep(kept: OrderedDict[Key, Value], key: Key, value: Value) -> None:
    """Remember; the oldest is forgotten where there are too many."""
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > _REMEMBERED:
        kept.popitem(last=False)
