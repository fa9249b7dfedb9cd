"""A PostgreSQL of the tests' own, and what one asks of it from outside."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import psutil
from sqlalchemy import URL, make_url

from payam.engines import running_engines

_MEMORY = Path("/dev/shm")  # noqa: S108  (what is made in it has a name of its own)
_ROOM = 8 * 1_024**3


@contextmanager
def running_postgres(folder: Path) -> Iterator[URL]:
    """The embedded server, with an empty database to connect to.

    Its files lie in memory where there is plenty: there, each test's database is made in a fifth of the time.
    """
    with _place(folder) as place, running_engines(place, kafka=False, redis=False, fast=True) as engines:
        yield make_url(engines.urls.database)


async def admin(server: URL, statement: str) -> None:
    connection = await asyncpg.connect(text_of(server.set(drivername="postgresql")))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def text_of(url: URL) -> str:
    return url.render_as_string(hide_password=False)


@contextmanager
def _place(folder: Path) -> Iterator[Path]:
    """The server runs as another user when we are root, and must get there."""
    if os.access(_MEMORY, os.W_OK) and _room() > _ROOM:
        with TemporaryDirectory(prefix="payam-tests-", dir=_MEMORY) as name:
            Path(name).chmod(0o755)
            yield Path(name)
    else:
        for parent in (folder, *folder.parents[:3]):
            parent.chmod(0o755)
        yield folder


def _room() -> int:
    return min(shutil.disk_usage(_MEMORY).free, psutil.virtual_memory().available)
