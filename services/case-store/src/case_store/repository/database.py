"""The engine, a transaction with its raw connection, and PostgreSQL's errors in our words."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final, NamedTuple, cast

import asyncpg
from sqlalchemy import URL, Executable, event, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from case_store.errors import ConflictError, StoreUnavailableError

_CONFLICTS: Final = frozenset({"40001", "40P01", "23505", "55P03"})
_FAULT_CLASSES: Final = frozenset({"21", "22", "23", "54", "P0", "XX"})
"""Cardinality, data, integrity, limits, PL/pgSQL, internal. A missing table is none: its migration comes."""
_SERVER_SETTINGS: Final[Mapping[str, str]] = {
    # Every query here has its index. A plan made for an empty table must not serve a full one.
    "enable_seqscan": "off",
    "jit": "off",
    "lock_timeout": "10s",
}


class Transaction(NamedTuple):
    """One transaction: SQLAlchemy's view of it, and asyncpg's for COPY."""

    connection: AsyncConnection
    raw: "asyncpg.Connection[asyncpg.Record]"

    async def rows(self, query: Executable, values: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """What a query of SQLAlchemy finds; `values` for what it left open."""
        return [row._asdict() for row in await self.connection.execute(query, values)]

    async def row(self, query: Executable) -> dict[str, Any] | None:
        """The same for one row or none."""
        found = (await self.connection.execute(query)).one_or_none()
        return None if found is None else found._asdict()

    async def copy(self, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows the fast way; a key that is taken fails the transaction."""
        if rows:
            await self.raw.copy_records_to_table(table, columns=list(columns), records=rows)


class Database:
    """A Part: the pool of connections, opened at start and closed at stop."""

    name = "postgresql"

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        """Take the address in either spelling; nothing is opened yet."""
        self.engine: AsyncEngine = create_async_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=5,
            hide_parameters=True,
            isolation_level="AUTOCOMMIT",  # asyncpg begins and ends a transaction, for both views of it alike
            connect_args={"server_settings": dict(_SERVER_SETTINGS)},
        )
        event.listen(self.engine.sync_engine, "checkout", _refuse_the_dead)
        self._reason: str | None = "has not been reached yet"

    async def start(self) -> None:
        """Reach PostgreSQL once, so that a wrong address shows at start."""
        async with self.transaction() as tx:
            await tx.raw.execute("SELECT 1")

    async def stop(self) -> None:
        """Close every connection."""
        await self.engine.dispose()

    def health(self) -> str | None:
        """As the last transaction found it."""
        return self._reason

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Commit at the end, roll back on any error; PostgreSQL's errors leave as ours."""
        try:
            with translated():
                async with self._connection() as tx, tx.raw.transaction():
                    yield tx
        except StoreUnavailableError as error:
            self._reason = str(error)
            raise
        self._reason = None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """Look only: each statement by itself, as READ COMMITTED sees it in a transaction too.

        It saves the round trips that begin and end one.
        """
        try:
            with translated():
                async with self._connection() as tx:
                    yield tx
        except StoreUnavailableError as error:
            self._reason = str(error)
            raise
        self._reason = None

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Transaction]:
        async with self.engine.connect() as connection:
            pooled = await connection.get_raw_connection()
            raw: asyncpg.Connection[asyncpg.Record] = cast("Any", pooled.driver_connection)
            try:
                yield Transaction(connection, raw)
            finally:
                if raw.is_in_transaction():  # it could not be ended: nobody else may find themselves in it
                    await connection.invalidate()


@contextmanager
def translated() -> Iterator[None]:
    """Turn the errors of SQLAlchemy and asyncpg into ours; a fault in the data goes through as it is.

    What PostgreSQL says of a value or a statement would be said again: that is a fault. Everything else
    (a cut connection shows in many shapes) may be different next time: that is retriable.
    """
    try:
        yield
    except (OSError, PoolTimeoutError) as error:
        raise _unavailable(error) from None
    except (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        root = _root(error)
        state: str = getattr(root, "sqlstate", None) or ""
        if state in _CONFLICTS:
            message = f"PostgreSQL says {state}: another transaction was first"
            raise ConflictError(message) from None
        if state[:2] in _FAULT_CLASSES or isinstance(root, ValueError):
            raise
        raise _unavailable(error, state) from None


def driver_url(url: str) -> URL:
    """`postgresql://…`, `postgres://…` or `postgresql+asyncpg://…` → SQLAlchemy's form for asyncpg."""
    return make_url(url.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+asyncpg")


def _refuse_the_dead(dbapi_connection: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401  (SQLAlchemy's)
    """A connection that PostgreSQL closed meanwhile: asyncpg knows, without asking over the wire.

    Raises:
        DisconnectionError: SQLAlchemy then opens another.
    """
    if dbapi_connection.driver_connection.is_closed():
        raise DisconnectionError


def _root(error: BaseException) -> BaseException:
    """The error of asyncpg below SQLAlchemy's two wrappings."""
    origin = getattr(error, "orig", None) or error
    return getattr(origin, "__cause__", None) or origin


def _unavailable(error: Exception, state: str = "") -> StoreUnavailableError:
    return StoreUnavailableError(f"PostgreSQL cannot be used: {type(error).__name__} {state}".rstrip())
