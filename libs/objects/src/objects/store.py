"""Files as bytes, each under the SHA-256 of itself: a local folder or S3, by one URL.

The same bytes have the same key, so writing them twice is writing them once, and nothing is ever overwritten
by something else. Bytes are written before the row that names them. Where there are keys they are sealed, in
a folder of their own beside what was kept before; the name stays the hash of what is in it.
"""

import asyncio
import io
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import IO, Any, Final, NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, ObjectStore, from_url

from objects.errors import ObjectLockedError, ObjectMissingError, ObjectsUnavailableError
from objects.keyring import HEAD_BYTES, Keyring, damaged
from objects.sealing import Opening, Sealer

_CHUNK: Final = 256 * 1024
_PROBED: Final = "probe"


class Opened(NamedTuple):
    """A file that can be read."""

    size: int
    chunks: AsyncIterator[bytes]


class Objects(Protocol):
    """Where files are kept."""

    async def put(self, sha256: str, content: IO[bytes]) -> None:
        """Keep these bytes, whose hash the caller has worked out; on disk when it returns."""
        ...

    async def open(self, sha256: str) -> Opened:
        """The bytes again; `ObjectMissingError` if they are not there."""
        ...

    async def probe(self) -> None:
        """Raise `ObjectsUnavailableError` if it cannot be reached."""
        ...


class ObstoreObjects:
    """The port over obstore, which speaks to folders and to S3 alike."""

    def __init__(self, make: Callable[[], ObjectStore], keyring: Keyring | None = None) -> None:
        """Take what makes the store; it is made when it is first wanted, and again if that fails."""
        self._make = make
        self._keyring = keyring

    @cached_property
    def _store(self) -> ObjectStore:
        return self._make()

    async def put(self, sha256: str, content: IO[bytes]) -> None:
        """Keep these bytes; all or nothing."""
        key: str = key_of(sha256)
        given: IO[bytes] | memoryview = content
        if self._keyring is not None:
            key = sealed_key_of(sha256)
            given = await asyncio.to_thread(_sealed, content, self._keyring, sha256)
        with _translated():
            await obstore.put_async(self._store, key, given, use_multipart=False)
            if isinstance(self._store, LocalStore) and self._store.prefix is not None:
                # A crash of the machine must not take what was promised: obstore leaves that to the system.
                await asyncio.to_thread(_sync, Path(self._store.prefix), key)

    async def open(self, sha256: str) -> Opened:
        """The bytes again, in pieces.

        Raises:
            ObjectMissingError: they are not there, or are kept unsealed and refused.
            ObjectDamagedError: they are not as they were sealed; also from the pieces, before a wrong one.
            ObjectLockedError: they are sealed with a key that we were not given.
        """
        if self._keyring is None:
            return await self._open_plain(sha256)
        try:
            with _translated():
                found = await obstore.get_async(self._store, sealed_key_of(sha256))
        except ObjectMissingError:
            if not self._keyring.plain:
                raise
            return await self._open_plain(sha256)
        return await _unsealed(found, self._keyring, sha256)

    async def _open_plain(self, sha256: str) -> Opened:
        try:
            with _translated():
                found = await obstore.get_async(self._store, key_of(sha256))
        except ObjectMissingError:
            if self._keyring is None:
                await self._demand_unsealed(sha256)
            raise
        return Opened(found.meta["size"], _pieces(found))

    async def _demand_unsealed(self, sha256: str) -> None:
        """Say so where it is there, for those with keys."""
        with _translated(), suppress(FileNotFoundError):
            await obstore.head_async(self._store, sealed_key_of(sha256))
            message = "this file is sealed, and we were given no keys"
            raise ObjectLockedError(message)

    async def probe(self) -> None:
        """Ask for something that is not there: an answer is an answer."""
        try:
            with _translated():
                await obstore.head_async(self._store, _PROBED)
        except ObjectMissingError:
            return


def objects_at(url: str, keyring: Keyring | None = None) -> ObstoreObjects:
    """`file:///srv/payam/objects` or a path, `s3://bucket/prefix` (its keys from `AWS_…`), `memory:///`.

    With a keyring what is put is sealed.
    """
    parts = urlsplit(url)
    if parts.scheme == "memory":
        return ObstoreObjects(MemoryStore, keyring)
    if parts.scheme in {"", "file"}:
        folder = Path(unquote(parts.path) if parts.scheme else url).absolute()
        return ObstoreObjects(partial(_folder, folder), keyring)
    return ObstoreObjects(partial(_bucket, url), keyring)


def key_of(sha256: str) -> str:
    """`abcdef…` → `sha256/ab/cdef…`: no folder gets too many files."""
    return f"sha256/{sha256[:2]}/{sha256[2:]}"


def sealed_key_of(sha256: str) -> str:
    """Where the same bytes lie sealed: what lies where tells how to read it, whatever it begins with."""
    return f"sealed/{sha256[:2]}/{sha256[2:]}"


def _folder(folder: Path) -> ObjectStore:
    """For nobody's eyes but ours, if it is we who make it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return LocalStore(folder)


def _bucket(url: str) -> ObjectStore:
    return from_url(
        url,
        client_options={
            "connect_timeout": timedelta(seconds=3),
            "timeout": timedelta(seconds=30),
            "allow_http": True,  # only where AWS_ENDPOINT says so: an S3 beside us, without TLS
        },
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=10)},
    )


async def _pieces(found: Any) -> AsyncIterator[bytes]:  # noqa: ANN401  (obstore does not export its type)
    with _translated():
        async for piece in found.stream(_CHUNK):
            yield bytes(piece)


def _sealed(content: IO[bytes], keyring: Keyring, sha256: str) -> memoryview:
    whole = _Kept()
    with Sealer(whole, keyring, sha256.encode()) as sealer:
        shutil.copyfileobj(content, sealer, _CHUNK)
    return whole.getbuffer()


class _Kept(io.BytesIO):
    """Can be read once it was written."""

    def close(self) -> None:
        """Stay."""


async def _unsealed(found: Any, keyring: Keyring, sha256: str) -> Opened:  # noqa: ANN401  (as above)
    """Its head is believed before a single byte is promised."""
    pieces, begun = _pieces(found), bytearray()
    async for piece in pieces:
        begun += piece
        if len(begun) >= HEAD_BYTES:
            break
    opening = Opening(bytes(begun[:HEAD_BYTES]), found.meta["size"], keyring, sha256.encode())
    del begun[:HEAD_BYTES]
    return Opened(opening.size, _opened(opening, begun, pieces))


async def _opened(opening: Opening, begun: bytearray, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    for number in range(opening.pieces):
        _, length = opening.place(number)
        while len(begun) < length:
            more = await anext(pieces, None)
            if more is None:
                raise damaged()
            begun += more
        yield opening.open(number, bytes(begun[:length]))
        del begun[:length]


def _sync(folder: Path, key: str) -> None:
    """Have the file and the folders that lead to it on disk."""
    path = folder / key
    for step in (path, *path.parents[:3]):
        descriptor = os.open(step, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _translated() -> Iterator[None]:
    """Errors of obstore as ours; theirs tell paths and addresses, which concern nobody."""
    try:
        yield
    except FileNotFoundError:
        message = "the bytes of this file are not in the object store"
        raise ObjectMissingError(message) from None
    except (BaseError, OSError) as error:
        message = f"the object store cannot be used: {type(error).__name__}"
        raise ObjectsUnavailableError(message) from None
