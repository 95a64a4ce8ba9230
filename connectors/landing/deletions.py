"""Deletion by comparing ids: what the source lists goes into a temporary table batch by batch, and never stands in memory as a whole.

The table lives on a connection of its own and through many short transactions: a listing may take an hour.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, func, select, text

from connectors.landing.counts import Place
from connectors.mapping.staged import fitting
from sql import queries
from sql.database import Database, copy_rows
from sql.tables import landing

#: A listing of ids that lacks more than this part of what is there, and more than so many, is not believed: so looks a lost permission.
MOST_GONE = 0.5
FEW = 20


@contextmanager
def listed(database: Database, batches: Iterator[Sequence[str]]) -> Iterator[Connection]:
    """A connection on which `present_key` holds all keys of the batches, some perhaps twice."""
    with database.engine.connect() as connection:
        try:
            with connection.begin():
                connection.execute(text("DROP TABLE IF EXISTS pg_temp.present_key"))
                connection.execute(text("CREATE TEMPORARY TABLE present_key (key text)"))
            for batch in batches:
                with connection.begin():
                    copy_rows(connection, "present_key", ["key"], [(fitting(key),) for key in batch])
            with connection.begin():
                connection.execute(text("ANALYZE present_key"))
            yield connection
        finally:
            with connection.begin():
                connection.execute(text("DROP TABLE IF EXISTS pg_temp.present_key"))


def missing(connection: Connection, place: Place) -> int:
    """How many living records the listing lacks."""
    return int(connection.execute(queries.count_missing, place.names).scalar_one())


def tombstone(connection: Connection, place: Place) -> int:
    """Mark as deleted what the listing lacks; returns how many."""
    return int(connection.execute(queries.tombstone_missing, place.names).scalar_one())


def living(connection: Connection, place: Place) -> int:
    """How many records of the stream are not deleted."""
    table = landing.record
    query = select(func.count()).where(table.c.source == place.source, table.c.stream == place.stream, table.c.deleted_at.is_(None))
    return int(connection.execute(query).scalar_one())


def believable(gone: int, there: int) -> bool:
    """Whether so many deletions of so many records may be true."""
    return gone <= max(FEW, there * MOST_GONE)
