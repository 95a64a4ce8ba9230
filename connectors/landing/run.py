"""One sync of one stream, under its lock: pull, land, find what is gone, and say what came of it."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from connectors.connector import Connector, Fetches
from connectors.errors import ConnectorError, PermanentError
from connectors.landing import deletions, drift, holds, pages, places, volume
from connectors.landing.accesses import log_accesses
from connectors.landing.counts import Counts, Place
from connectors.landing.gathering import gathered
from connectors.mapping.staged import clean
from connectors.records import Page
from connectors.sources import SourceDeclaration
from sql.database import Database
from sql.tables import landing as tables

_DOUBTED = (
    "the source lists only {left} of {there} records; the missing ones are kept, since a lost permission looks the same. "
    "If they are truly gone, set `believe_deletions = true` for this source."
)
_UNASKED = "{count} records are not listed any more, and whether they are gone can't be asked ({error}): they are kept until a sync can ask"
_UNREAD = (
    "{count} records are listed that no page of the source had. What came while this sync ran, the next one brings; if this stays, "
    "`crosswalk sync --from` reads again what changed from a day on."
)
_HELD = "{reason}: what it brought is landed, and not mapped until somebody has looked. To let it through: crosswalk holds publish {place}"

#: So many listings in a row that lack all are taken as true.
LOOKS = 6

Progress = Callable[["StreamReport"], None]


@dataclass(frozen=True, slots=True)
class StreamReport:
    """What one sync of one stream came to, or has so far. status: running, succeeded, backfilled; drift and warnings are lines for a
    person; faults: what went wrong on the way and was got over, and how often."""

    source: str
    stream: str
    status: str
    counts: Counts = field(default_factory=Counts)
    warnings: tuple[str, ...] = ()
    faults: dict[str, int] = field(default_factory=dict)


class Run:
    """One sync of one stream, under its lock."""

    def __init__(self, database: Database, declaration: SourceDeclaration, stream: str, connector: Connector) -> None:
        self.database, self.declaration, self.connector = database, declaration, connector
        self.correlation_id = uuid.uuid4().hex
        self.place = Place(declaration.name, stream, self._begin(stream))
        self.lists_ids = next((one.lists_ids for one in connector.streams() if one.name == stream), False)
        self.tally, self.total, self.held = drift.Tally(), Counts(), ""
        connector.known = self._known
        connector.log.correlation_id = self.correlation_id
        log_accesses(database, connector, "sync", stream, self.place.run_id)

    def go(self, progress: Progress) -> StreamReport:
        """To the end of the stream. Raises ConnectorError, after it is recorded."""

        def whole() -> tuple[str, ...]:
            self._pull(progress)
            return self._delete() if self.lists_ids else self._lose()

        return self._kept("succeeded", whole, progress)

    def backfill(self, start: datetime, end: datetime | None, progress: Progress) -> StreamReport:
        """Only what changed in that range; the position stays where it is. Raises ConnectorError, after it is recorded."""

        def part() -> tuple[str, ...]:
            for some in gathered(self.connector.between(self.place.stream, start, end), self.tally):
                self._land(replace(pages.joined(some), position=None))
                progress(StreamReport(self.place.source, self.place.stream, "running", self.total))
            return ()

        return self._kept("backfilled", part, progress)

    def _kept(self, done: str, work: Callable[[], tuple[str, ...]], progress: Progress) -> StreamReport:
        """Do the work, which gives warnings, and keep what came of it: `done`, or failed."""
        try:
            warnings = work()
        except ConnectorError as error:
            self._end("failed", error)
            raise
        except Exception as error:
            self._end(
                "failed", PermanentError(f"{type(error).__name__}: {error}", action="This is a defect of the connector: please report it.")
            )
            raise
        self._end(done)
        if self.held:
            warnings = (*warnings, _HELD.format(reason=self.held, place=self.place))
        report = StreamReport(self.place.source, self.place.stream, done, self.total, warnings, faults=self._faults())
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
            # Until a stream was read to its end once, a field that is new is not news, nor is a change of most records.
            self.settled = connection.execute(select(table.c.id).where(*here, table.c.status == "succeeded").limit(1)).first() is not None
            left = update(table).where(*here, table.c.status == "running")
            connection.execute(left.values(status="abandoned", finished_at=func.now()))
            row = insert(table).values(source=source.name, stream=stream, status="running", correlation_id=self.correlation_id)
            return int(connection.execute(row.returning(table.c.id)).scalar_one())

    def _pull(self, progress: Progress) -> None:
        place = self.place
        with self.database.begin() as connection:
            position = pages.position(connection, place)
        for some in gathered(self.connector.pull(place.stream, position), self.tally):
            self._land(pages.joined(some))
            progress(StreamReport(place.source, place.stream, "running", self.total))
        if self.total.written + self.total.tombstoned:
            with self.database.begin() as connection:
                self.total += Counts(drift=drift.end(connection, place, self.tally))

    def _land(self, batch: pages.Batch) -> None:
        with self.database.begin() as connection:
            self._add(connection, pages.land(connection, self.place, batch, settled=self.settled))

    def _add(self, connection: Connection, counts: Counts) -> None:
        """Count what was landed, and hold the stream where it is too much to be true."""
        pages.count(connection, self.place, counts)
        self.total += counts
        changed, gone = self.total.written - self.total.added, self.total.tombstoned
        if self.held or not self.settled or changed + gone <= volume.FEW:
            return
        living = deletions.living(connection, self.place) + gone - self.total.added
        self.held = volume.anomaly(changed, gone, living, self.declaration.most_changed) or ""
        if self.held:
            holds.hold(connection, self.place, self.held)

    def _delete(self) -> tuple[str, ...]:
        """By comparing ids. A listing that lacks most is not believed: so looks a lost permission. One that lacks all is asked for again:
        it may be an empty answer that was given again. What is gone is what all of them lack."""
        place, warnings = self.place, list[str]()
        with self.database.begin() as connection:
            there, goes_on = deletions.living(connection, place), bool(pages.position(connection, place))
        if self.connector.count(place.stream) == there:
            return ()
        with deletions.listed(self.database, self.connector.list_ids(place.stream)) as listing:
            looks, gone = 1, self._missing(listing)
            while gone == there > 0 and looks < LOOKS:
                deletions.add(listing, self.connector.list_ids(place.stream))
                looks, gone = looks + 1, self._missing(listing)
            if self.connector.door and gone < max(1, there):  # what lies on this machine is listed as it is
                warnings = self._compare(listing, gone, there, goes_on=goes_on)
                gone = self._missing(listing) if gone else 0
            if not self._believed(gone, there):
                return (*warnings, _DOUBTED.format(left=there - gone, there=there))
            if gone:
                with listing.begin():
                    self._add(listing, Counts(tombstoned=deletions.tombstone(listing, place)))
        return tuple(warnings)

    def _compare(self, listing: Connection, gone: int, there: int, *, goes_on: bool) -> list[str]:
        """Rows that move while they are paged by their place may be passed over, by a listing or by a reading. Where few ids are missing
        here or there, and the source can be asked for one record, it is asked for each; where not, or one lives that was not listed, all is
        listed again. goes_on: the next sync reads only what changed, so that what no page had would never come."""
        with listing.begin():
            unread, some = deletions.unread(listing, self.place) if goes_on else (0, ())
        few = 0 < gone + unread <= deletions.MOST_ASKED and self._believed(gone, there)
        asking, left = self._asking(listing, gone) if few else None, list[str]()
        if gone:
            lives = True
            if asking:
                with listing.begin():
                    keys = deletions.missing_keys(listing, self.place)
                left, lives = asking.unsettled(keys)
                deletions.add(listing, [left])
            if lives:
                deletions.add(listing, self.connector.list_ids(self.place.stream))
        if asking and (found := asking.read(some)):
            self._land(replace(pages.ready(Page(found, {}), self.tally), position=None))
            unread -= len(found)
        return [
            *([_UNASKED.format(count=len(left), error=asking.error)] if asking and left else []),
            *([_UNREAD.format(count=unread)] if unread else []),
        ]

    def _asking(self, listing: Connection, gone: int) -> deletions.Asking | None:
        """How single records are asked for; None where the source can't be, or its word that one is gone is not to be trusted."""
        if not isinstance(self.connector, Fetches) or not self.connector.door:
            return None
        asking = deletions.Asking(self.connector, self.place.stream, self.connector.door)
        with listing.begin():
            known = deletions.kept(listing, self.place) if gone else None
        return asking if not gone or (known is not None and asking.trusted(known)) else None

    def _missing(self, listing: Connection) -> int:
        with listing.begin():
            return deletions.missing(listing, self.place)

    def _lose(self) -> tuple[str, ...]:
        """Of a source that tells places, the records that are in none any more. So too looks a lost permission, and a folder that is read
        anew but not yet to its end."""
        source, stream = self.place.source, self.place.stream
        with self.database.begin() as connection:
            lost = places.count_lost(connection, source, stream)
            there = deletions.living(connection, self.place) if lost > deletions.FEW else lost
            if not self._believed(lost, there):
                return (_DOUBTED.format(left=there - lost, there=there),)
            self._add(connection, Counts(tombstoned=places.tombstone_lost(connection, source, stream)))
        return ()

    def _believed(self, gone: int, there: int) -> bool:
        return self.declaration.believe_deletions or deletions.believable(gone, there)

    def _known(self, stream: str, keys: Sequence[str]) -> Mapping[str, str]:
        with self.database.begin() as connection:
            return pages.versions(connection, self.place.source, stream, keys)

    def _end(self, status: str, error: ConnectorError | None = None) -> None:
        table = tables.sync_run
        values = {
            "status": status,
            "error": clean(error.as_json()) if error else None,
            "finished_at": func.now(),
            "retries": self.connector.door.retries if self.connector.door else 0,
            "faults": self._faults() or None,
        }
        with self.database.begin() as connection:
            connection.execute(update(table).where(table.c.id == self.place.run_id).values(values))

    def _faults(self) -> dict[str, int]:
        return dict(sorted(self.connector.door.faults.items())) if self.connector.door else {}
