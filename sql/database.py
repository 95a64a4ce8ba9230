"""One door to PostgreSQL, for synchronous work (syncs, resolution) and for asynchronous (the API).

A transaction is `with database.begin() as connection`. A step that must not run twice at once takes `lock` inside its transaction.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from typing import Any, Self

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import URL, Connection, Engine, Table, TextClause, create_engine, event, func, make_url, select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from sql import embedded
from sql.arrays import ArrayDumper
from sql.settings import Settings

LOOKS_LIKE = "It looks like postgresql://user:password@host/database"


class DatabaseUnavailableError(Exception):
    """The database does not answer. Check CROSSWALK_DATABASE_URL, or unset it to use the embedded server."""


class LockedError(Exception):
    """Another process holds the lock."""


class Database:
    """A database by its URL; connections are made when first needed."""

    def __init__(self, url: str | URL) -> None:
        try:
            self.url = make_url(url)
        except (ArgumentError, ValueError) as error:
            raise DatabaseUnavailableError(f"CROSSWALK_DATABASE_URL is no URL. {LOOKS_LIKE}") from error
        kind = self.url.get_backend_name()
        if kind not in ("postgresql", "postgres"):
            raise DatabaseUnavailableError(f"CROSSWALK_DATABASE_URL is of {kind}, and Crosswalk needs PostgreSQL. {LOOKS_LIKE}")
        self.url = self.url.set(drivername="postgresql+psycopg")

    @cached_property
    def engine(self) -> Engine:
        engine = create_engine(self.url, pool_size=5, max_overflow=10, pool_pre_ping=True)
        event.listen(engine, "connect", _without_jit)
        event.listen(engine, "connect", _with_untyped_lists)
        return engine

    @cached_property
    def async_engine(self) -> AsyncEngine:
        """For one event loop: make a Database of its own for another."""
        engine = create_async_engine(self.url, pool_size=10, max_overflow=10)
        event.listen(engine.sync_engine, "connect", _without_jit)
        return engine

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: committed at the end, rolled back on an error. Raises DatabaseUnavailableError."""
        try:
            context = self.engine.connect()
        except OperationalError as error:
            cause = str(error.orig).partition("\n")[0]
            raise DatabaseUnavailableError(f"{DatabaseUnavailableError.__doc__} It says: {cause}") from error
        with context as connection, connection.begin():
            yield connection

    @contextmanager
    def alone(self, name: str, seconds: float) -> Iterator[None]:
        """Hold the named lock on a connection of its own, through any number of transactions; it goes with the process. LockedError where
        another holds it for so long."""
        key = func.hashtextextended(name, 0)
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"SET lock_timeout = {int(seconds * 1000)}")
            try:
                connection.execute(select(func.pg_advisory_lock(key)))
            except OperationalError as error:
                raise LockedError(f"{name} is held by another") from error
            finally:
                connection.exec_driver_sql("RESET lock_timeout")
            try:
                yield
            finally:
                connection.execute(select(func.pg_advisory_unlock(key)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if "engine" in self.__dict__:
            self.engine.dispose()

    async def aclose(self) -> None:
        self.close()
        if "async_engine" in self.__dict__:
            await self.async_engine.dispose()


def _without_jit(connection: DBAPIConnection, _: object) -> None:
    """Our queries are many and short: to compile one takes longer than to run it."""
    cursor = connection.cursor()
    cursor.execute("SET jit = off")
    cursor.close()
    connection.commit()


def _with_untyped_lists(connection: psycopg.Connection[Any], _: object) -> None:
    connection.adapters.register_dumper(list, ArrayDumper)


def open_database(settings: Settings | None = None) -> Database:
    """The database of the settings; with no URL set, the embedded server is started under the home."""
    settings = settings or Settings()
    return Database(settings.database_url or embedded.start(settings.home))


def copy_rows(connection: Connection, table: Table | str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Load rows by COPY inside the connection's transaction; returns how many. JSON values must be wrapped in psycopg's Jsonb or Json."""
    name = table if isinstance(table, str) else f"{table.schema}.{table.name}"
    driver = connection.connection.driver_connection
    assert driver is not None
    count = 0
    quoted = ", ".join(f'"{column}"' for column in columns)
    with driver.cursor() as cursor, cursor.copy(f"COPY {name} ({quoted}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def rows(connection: Connection, query: TextClause, parameters: Mapping[str, Any] | None = None) -> list[Any]:
    """Run a query of `sql.queries` by the driver itself, inside the connection's transaction; returns its rows as named tuples.

    Where each answer takes a fraction of a millisecond, what SQLAlchemy adds to every question would be as much again.
    """
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):  # an asynchronous one has to be asked through SQLAlchemy
        result = connection.execute(query, parameters)
        return list(result) if result.returns_rows else []
    with driver.cursor(row_factory=namedtuple_row) as cursor:
        cursor.execute(_driver_text(query), parameters)
        found: list[Any] = cursor.fetchall() if cursor.pgresult and cursor.pgresult.nfields else []
        return found


@cache
def _driver_text(query: TextClause) -> str:
    """The query as the driver takes it, without comments: it keeps what it made of a text only where that is short."""
    lines = str(query.compile(dialect=PGDialect_psycopg())).splitlines()  # type: ignore[no-untyped-call]
    return "\n".join(line.strip() for line in lines if not line.startswith("--"))


def lock(connection: Connection, name: str) -> None:
    """Wait for the named lock and hold it until the transaction ends; two processes take turns."""
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
