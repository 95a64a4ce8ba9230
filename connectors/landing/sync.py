"""Syncing: pull pages from a source and land each with its position, so that a sync which is killed goes on from its last committed page.

One process syncs a stream at a time, held to it by a session lock on a connection of its own; a run that its process left behind is
marked abandoned by the next. Deletions have a pass of their own, after the stream was read to its end.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import OperationalError

from connectors.connector import Connector
from connectors.entrance import Access
from connectors.errors import AlreadyRunningError, ConfigurationError, ConnectorError, PermanentError
from connectors.landing import pages, places
from connectors.landing.pages import Counts, Place
from connectors.mapping.staged import clean
from connectors.registry import connector_class
from connectors.sources import SourceDeclaration
from sql.database import Database
from sql.tables import landing as tables

#: How long to wait for another sync of the stream: the lock of one that was just killed takes a moment to go.
PATIENCE = "5s"

#: A listing of ids that lacks more than this part of what is there, and more than so many, is not believed: so looks a lost permission.
MOST_GONE = 0.5
FEW = 20

_DOUBTED = (
    "the source lists only {left} of {there} records; the missing ones are kept, since a lost permission looks the same. "
    "If they are truly gone, set `believe_deletions = true` for this source."
)

Progress = Callable[["StreamReport"], None]


@dataclass(frozen=True, slots=True)
class StreamReport:
    """What one sync of one stream came to. status: succeeded, failed; drift and warnings are lines for a person."""

    source: str
    stream: str
    status: str
    counts: Counts = field(default_factory=Counts)
    warnings: tuple[str, ...] = ()
    error: ConnectorError | None = None


def open_connector(declaration: SourceDeclaration) -> Connector:
    """The connector of a declared source; the caller closes it."""
    return connector_class(declaration.kind)(declaration)


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


def sync_source(database: Database, declaration: SourceDeclaration, progress: Progress | None = None) -> tuple[StreamReport, ...]:
    """Sync every stream of a source; one that fails is reported and does not stop the others."""
    reports = []
    for stream in streams_of(declaration):
        try:
            reports.append(sync_stream(database, declaration, stream, progress))
        except ConnectorError as error:
            reports.append(StreamReport(declaration.name, stream, "failed", error=error))
    return tuple(reports)


def sync_stream(database: Database, declaration: SourceDeclaration, stream: str, progress: Progress | None = None) -> StreamReport:
    """Sync one stream to its end. Raises ConnectorError, after it is recorded with what to do; what was landed before stays."""
    connector = open_connector(declaration)
    try:
        with only_one(database, f"sync:{declaration.name}/{stream}"):
            run = Run(database, declaration, stream, connector)
            return run.go(progress or (lambda _: None))
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


class Run:
    """One sync of one stream, under its lock."""

    def __init__(self, database: Database, declaration: SourceDeclaration, stream: str, connector: Connector) -> None:
        self.database, self.declaration, self.connector = database, declaration, connector
        self.correlation_id = uuid.uuid4().hex
        self.place = Place(declaration.name, stream, self._begin(stream))
        self.lists_ids = next((one.lists_ids for one in connector.streams() if one.name == stream), False)
        if connector.door:
            connector.door.on_access = self._log
            connector.door.correlation_id = self.correlation_id

    def go(self, progress: Progress) -> StreamReport:
        try:
            counts = self._pull(progress)
            gone, warnings = self._delete() if self.lists_ids else self._lose()
            counts += Counts(tombstoned=gone)
        except ConnectorError as error:
            self._end("failed", error)
            raise
        except Exception as error:
            self._end(
                "failed", PermanentError(f"{type(error).__name__}: {error}", action="This is a defect of the connector: please report it.")
            )
            raise
        self._end("succeeded")
        report = StreamReport(self.place.source, self.place.stream, "succeeded", counts, warnings)
        progress(report)
        return report

    def _begin(self, stream: str) -> int:
        table, source = tables.sync_run, self.declaration
        with self.database.begin() as connection:
            values = {
                "kind": source.kind,
                "authority": source.authority,
                "attribute_authority": dict(source.attribute_authority),
                "settings": source.settings(),
            }
            pages.declare(connection, source.name, values)
            here = (table.c.source == source.name, table.c.stream == stream)
            # Until a stream was read to its end once, a field that is new is not news.
            self.settled = connection.execute(select(table.c.id).where(*here, table.c.status == "succeeded").limit(1)).first() is not None
            left = update(table).where(*here, table.c.status == "running")
            connection.execute(left.values(status="abandoned", finished_at=func.now()))
            row = insert(table).values(source=source.name, stream=stream, status="running", correlation_id=self.correlation_id)
            return int(connection.execute(row.returning(table.c.id)).scalar_one())

    def _pull(self, progress: Progress) -> Counts:
        place, total = self.place, Counts()
        with self.database.begin() as connection:
            position = pages.position(connection, place.source, place.stream)
        for page in self.connector.pull(place.stream, position):
            with self.database.begin() as connection:
                counts = pages.land(connection, place, page)
            total += counts if self.settled else replace(counts, drift=())
            progress(StreamReport(place.source, place.stream, "running", total))
        return total

    def _delete(self) -> tuple[int, tuple[str, ...]]:
        with self.database.begin() as connection:
            there = pages.living(connection, self.place)
        if self.connector.count(self.place.stream) == there:
            return 0, ()
        present = [key for batch in self.connector.list_ids(self.place.stream) for key in batch]
        with self.database.begin() as connection:
            missing = pages.load_present(connection, self.place, present)
            if missing <= max(FEW, there * MOST_GONE) or self.declaration.believe_deletions:
                return pages.tombstone_missing(connection, self.place), ()
        return 0, (_DOUBTED.format(left=there - missing, there=there),)

    def _lose(self) -> tuple[int, tuple[str, ...]]:
        """Of a source that tells places, the records that are in none any more. So too looks a lost permission, and a folder that is read
        anew but not yet to its end."""
        source, stream = self.place.source, self.place.stream
        with self.database.begin() as connection:
            lost = places.count_lost(connection, source, stream)
            there = pages.living(connection, self.place) if lost > FEW else lost
            if lost <= max(FEW, there * MOST_GONE) or self.declaration.believe_deletions:
                gone = places.tombstone_lost(connection, source, stream)
                pages.count(connection, self.place, Counts(tombstoned=gone))
                return gone, ()
        return 0, (_DOUBTED.format(left=there - lost, there=there),)

    def _end(self, status: str, error: ConnectorError | None = None) -> None:
        table = tables.sync_run
        values = {
            "status": status,
            "error": clean(error.as_json()) if error else None,
            "finished_at": func.now(),
            "retries": self.connector.door.retries if self.connector.door else 0,
        }
        with self.database.begin() as connection:
            connection.execute(update(table).where(table.c.id == self.place.run_id).values(values))

    def _log(self, access: Access) -> None:
        row = insert(tables.access_log).values(
            source=self.place.source,
            run_id=self.place.run_id,
            correlation_id=self.correlation_id,
            **{name: getattr(access, name) for name in access.__slots__},
        )
        with self.database.begin() as connection:
            connection.execute(row)


def warnings_of(reports: Sequence[StreamReport]) -> list[str]:
    """A line for each thing that a person should look at."""
    lines = []
    for report in reports:
        where = f"{report.source}/{report.stream}"
        if report.error:
            lines.append(f"{where}: {report.error} {report.error.action}")
        lines += [f"{where}: {line}" for line in (*report.warnings, *(f"schema drift: {line}" for line in report.counts.drift))]
        if report.counts.quarantined:
            lines.append(f"{where}: {report.counts.quarantined} records are in quarantine (pages.quarantine says why)")
    return lines
