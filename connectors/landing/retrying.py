"""Trying again what is in quarantine: what could not be mapped is queued, what could not be read is read live where that can be asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import BigInteger, any_, func, literal, update
from sqlalchemy.dialects.postgresql import ARRAY

from connectors.account.in_database import InDatabase
from connectors.connector import Connector, Fetches
from connectors.errors import ConnectorError
from connectors.landing import places, quarantine, records
from connectors.landing.accesses import log_accesses
from connectors.landing.counts import Place
from connectors.landing.sync import only_one, open_connector
from connectors.sources import SourceDeclaration
from sql import queries
from sql.database import Database
from sql.tables import landing

WAITS = "its source can't be asked for one record: the next full read tries it"


@dataclass(frozen=True, slots=True)
class Retried:
    """What became of one row of the quarantine, in words."""

    id: int
    ref: str
    outcome: str


def retry(database: Database, declarations: Sequence[SourceDeclaration], rows: Sequence[Any]) -> list[Retried]:
    """Try these rows of the quarantine again, each counted as an attempt."""
    table, ids = landing.quarantine, [row.id for row in rows]
    with database.begin() as connection:
        these = table.c.id == any_(literal(ids, ARRAY(BigInteger)))
        connection.execute(update(table).where(these).values(attempts=table.c.attempts + 1, last_at=func.now()))
        connection.execute(queries.queue_quarantined, {"ids": ids})
    declared = {one.name: one for one in declarations}
    found = [_told(row, "queued: `crosswalk resolve` maps it") for row in rows if row.stage == "map"]
    read = sorted((row for row in rows if row.stage == "pull"), key=lambda row: (row.source, row.stream))
    for (source, stream), some in groupby(read, lambda row: (row.source, row.stream)):
        found += _read(database, declared, Place(source, stream), list(some))
    return found


def _read(database: Database, declared: Mapping[str, SourceDeclaration], place: Place, rows: Sequence[Any]) -> list[Retried]:
    if place.source not in declared:
        return [_told(row, "its source is not declared any more") for row in rows]
    connector = open_connector(declared[place.source], InDatabase(database))
    log_accesses(database, connector, "retry", place.stream)
    try:
        if not isinstance(connector, Fetches):
            return [_told(row, WAITS) for row in rows]
        with only_one(database, f"sync:{place}"):
            return [_told(row, _fetch(database, connector, place, row.key)) for row in rows]
    except ConnectorError as error:
        return [_told(row, f"not tried: {error}") for row in rows]
    finally:
        connector.close()


def _fetch(database: Database, connector: Connector, place: Place, key: str) -> str:
    """Land the record as its source has it now."""
    assert isinstance(connector, Fetches)
    try:
        raw = connector.fetch(place.stream, key)
    except ConnectorError as error:
        return f"failed: {error}"
    if raw is None:
        return "its source does not give it, or not so that it can be read"
    prepared, unreadable = records.prepare([raw])
    with database.begin() as connection:
        records.write(connection, place, prepared)
        for one in unreadable:
            quarantine.put(connection, place, one, "pull")
        if prepared and raw.place:
            places.note(connection, (place.source, place.stream), [], [(raw.place, raw.key)])
        if prepared:
            quarantine.release(connection, place, "pull", [key])
    return unreadable[0].reason if unreadable else "landed: `crosswalk resolve` maps it"


def _told(row: Any, outcome: str) -> Retried:
    return Retried(row.id, f"{row.source}/{row.stream}/{row.key}", outcome)
