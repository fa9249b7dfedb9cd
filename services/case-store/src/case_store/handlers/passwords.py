"""Argon2id, off the event loop and two at a time; nobody's password takes as long as somebody's."""

import asyncio
import secrets
import unicodedata
from functools import cached_property
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from case_store.errors import WeakPasswordError

SHORTEST: Final = 10
LONGEST: Final = 200
_AT_ONCE: Final = 2
_FEWEST_DIFFERENT: Final = 5
# No letter that is taken for another when it is read out.
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS: Final = 4


class Passwords:
    """Makes and checks hashes; 64 MiB and some 60 ms each."""

    def __init__(self) -> None:
        """Nobody's password is hashed at the first check, whoever it is for."""
        self._hasher = PasswordHasher()
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def hash(self, password: str) -> str:
        """What is kept of a password."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, _composed(password))

    async def match(self, password: str, kept: str | None) -> bool:
        """Whether it is the password; None matches nothing, in the same time."""
        async with self._turn:
            right = await asyncio.to_thread(self._matches, password, kept)
        return right and kept is not None

    def outdated(self, kept: str) -> bool:
        """Made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash(secrets.token_hex())

    def _matches(self, password: str, kept: str | None) -> bool:
        nobodys = self._nobodys
        try:
            return self._hasher.verify(kept or nobodys, _composed(password))
        except (VerificationError, InvalidHashError):
            return False


def demand_strength(password: str, username: str) -> None:
    """Go on only with a password that is long and is not the name.

    Raises:
        WeakPasswordError: too short, too few different letters, or made of the user name.
    """
    told = _composed(password).casefold()
    if len(told) < SHORTEST:
        message = f"a password has at least {SHORTEST} characters"
    elif len(set(told)) < _FEWEST_DIFFERENT:
        message = f"a password has at least {_FEWEST_DIFFERENT} different characters"
    elif username.casefold() in told and len(told) < len(username) + SHORTEST:
        message = "a password is not the user name with a little more"
    else:
        return
    raise WeakPasswordError(message)


def made_up() -> str:
    """A password to tell somebody once, 79 bits: `k7mp-x2qa-…`."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(_GROUPS))


def _composed(password: str) -> str:
    """The same letters from any keyboard."""
    return unicodedata.normalize("NFKC", password)
