"""Who sits at the keyboard: the store's session behind the cookie, remembered for some seconds."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from desk.clients import CaseStore, Session
from desk.errors import SignedOutError

_MOST: Final = 5_000
"""Sessions remembered at once; more are asked for again."""


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of the staff as the pages need them; the store decides what they may do, each time."""

    id: str
    username: str
    name: str
    language: str
    roles: frozenset[str] = frozenset()
    rights: frozenset[str] = frozenset()
    units: tuple[str, ...] = ()
    desks: tuple[str, ...] = ()
    must_change_password: bool = False
    second_factor: bool = False
    extension: str = ""
    """Of their telephone, which rings when they have somebody called."""

    def may(self, *rights: str) -> bool:
        """Whether one of these verbs is theirs, so that a page shows what leads to it."""
        return not self.rights.isdisjoint(rights)


@dataclass(frozen=True, slots=True)
class Desk:
    """One request's person, and the store as they see it."""

    staff: Staff
    store: Session


@dataclass(slots=True)
class Sessions:
    """Cookies to people; forgets by itself."""

    store: CaseStore
    kept_seconds: float
    _known: dict[bytes, tuple[float, Staff]] = field(default_factory=dict)

    async def desk(self, token: str | None) -> Desk:
        """The person behind a token.

        Raises:
            SignedOutError: none.
            StoreAwayError: the store does not answer.
        """
        if not token:
            raise SignedOutError({"title": "no session"})
        session, key = self.store.as_(token), _key(token)
        until, staff = self._known.get(key, (0.0, None))
        if staff is None or until < time.monotonic():
            staff = staff_of(await session.get("/sessions/current"))
            self._remember(key, staff)
        return Desk(staff, session)

    def forget(self, token: str) -> None:
        """Ask anew next time: they signed out, or changed something about themselves."""
        self._known.pop(_key(token), None)

    def _remember(self, key: bytes, staff: Staff) -> None:
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[key] = (time.monotonic() + self.kept_seconds, staff)


def staff_of(answer: Mapping[str, Any]) -> Staff:
    """From the store's words; what a newer store adds is passed over."""
    told = answer.get("staff", answer)
    return Staff(
        id=str(told["id"]),
        username=told["username"],
        name=told["name"],
        language=told.get("language") or "fa",
        roles=frozenset(told.get("roles", ())),
        rights=frozenset(told.get("rights", ())),
        units=tuple(_ids(told.get("units", ()))),
        desks=tuple(_ids(told.get("desks", ()))),
        must_change_password=bool(told.get("must_change_password")),
        second_factor=bool(told.get("second_factor")),
        extension=told.get("extension") or "",
    )


def _ids(listed: Any) -> list[str]:  # noqa: ANN401  (ids, or objects that carry them)
    return [entry["id"] if isinstance(entry, dict) else str(entry) for entry in listed]


def _key(token: str) -> bytes:
    return sha256(token.encode()).digest()
