"""Syncing: pull pages from a source and land each with its position, so that a sync which is killed goes on from its last committed page.

One process syncs a stream at a time, held to it by a session lock on a connection of its own; a run that its process left behind is
marked abandoned by the next. Deletions have a pass of their own, after the stream was read to its end.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from connectors.account.in_database import InDatabase
from connectors.account.shared import Shared
from connectors.connector import Connector
from connectors.errors import AlreadyRunningError, ConfigurationError
from connectors.landing.run import Progress, Run, StreamReport
from connectors.registry import connector_class
from connectors.sources import SourceDeclaration
from sql.database import Database

#: How long to wait for another sync of the stream: the lock of one that was just killed takes a moment to go.
PATIENCE = "5s"


def open_connector(declaration: SourceDeclaration, shared: Shared | None = None) -> Connector:
    """The connector of a declared source; the caller closes it. shared: what it shares with other processes, if it is to ask the source."""
    return connector_class(declaration.kind)(declaration, shared)


def streams_of(declaration: SourceDeclaration) -> tuple[str, ...]:
    """The names of the streams to sync, in order. ConfigurationError where the declaration names one that is not there."""
    connector = open_connector(declaration)
    try:
        names = tuple(one.name for one in connector.streams())
    finally:
        connector.close()
    unknown = [name for name in declaration.streams if name not in names]
    if unknown:
        raise ConfigurationError(f"source {declaration.name} has no stream {unknown[0]!r}; it has {', '.join(names)}")
    return tuple(name for name in names if name in declaration.streams) if declaration.streams else names


def sync_stream(database: Database, declaration: SourceDeclaration, stream: str, progress: Progress | None = None) -> StreamReport:
    """Sync one stream to its end. Raises ConnectorError, after it is recorded with what to do; what was landed before stays."""
    with running(database, declaration, stream) as run:
        return run.go(progress or (lambda _: None))


def backfill(
    database: Database,
    declaration: SourceDeclaration,
    stream: str,
    span: tuple[datetime, datetime | None],
    progress: Progress | None = None,
) -> StreamReport:
    """Read only what changed in the span (from, and before), whatever has been read already; the position stays where it is. Raises
    ConnectorError; ConfigurationError where the source can't be asked so."""
    with running(database, declaration, stream) as run:
        return run.backfill(*span, progress or (lambda _: None))


@contextmanager
def running(database: Database, declaration: SourceDeclaration, stream: str) -> Iterator[Run]:
    """A run of the stream, under its lock."""
    connector = open_connector(declaration, InDatabase(database))
    try:
        with only_one(database, f"sync:{declaration.name}/{stream}"):
            yield Run(database, declaration, stream, connector)
    finally:
        connector.close()


@contextmanager
def only_one(database: Database, name: str) -> Iterator[None]:
    """Hold the named lock on a connection of its own, through any number of transactions. AlreadyRunningError where another holds it."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"SET lock_timeout = '{PATIENCE}'"))
        try:
            connection.execute(select(func.pg_advisory_lock(func.hashtextextended(name, 0))))
        except OperationalError as error:
            raise AlreadyRunningError(f"{name.removeprefix('sync:')} is already being synced by another process") from error
        finally:
            connection.execute(text("RESET lock_timeout"))
        try:
            yield
        finally:
            connection.execute(select(func.pg_advisory_unlock(func.hashtextextended(name, 0))))
