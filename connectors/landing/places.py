"""Where a record was found, for sources in which one thing lies in several places: a mail in two folders is one record.

A place that is gone is only marked; who has no place left gets its tombstone at the end of the sync. So a mail that moves from one folder
to another, or a folder that is read anew, is never thought deleted on the way, and a sync that was killed in between loses nothing. What
could not be read, and lies there no more, leaves the quarantine.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, all_, collate, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from connectors.records import Gone
from sql import queries
from sql.tables import landing


def note(connection: Connection, stream: tuple[str, str], gone: Sequence[Gone], found: Sequence[tuple[str, str]]) -> None:
    """Mark what is gone, then keep what was found. stream: (source, stream); found: (place, key of the record there)."""
    here = {"source": stream[0], "stream": stream[1]}
    single = [one.first for one in gone if one.last in ("", one.first)]
    if single:
        connection.execute(queries.mark_places_gone, {**here, "places": single})
    for one in gone:
        if one.last not in ("", one.first):
            connection.execute(queries.mark_span_gone, {**here, "first": one.first, "last": one.last, "besides": list(one.besides)})
    if gone:
        _release(connection, stream, gone)
    if found:
        kept = dict(found)
        connection.execute(queries.keep_places, {**here, "places": list(kept), "keys": list(kept.values())})


def _release(connection: Connection, stream: tuple[str, str], gone: Sequence[Gone]) -> None:
    """What is in quarantine for its place, and lies there no more, waits for nothing."""
    table = landing.quarantine
    here = (table.c.source == stream[0], table.c.stream == stream[1], table.c.stage == "pull", table.c.resolved_at.is_(None))
    if not connection.execute(select(table.c.id).where(*here).limit(1)).first():
        return
    place = collate(table.c.key, "C")
    for one in gone:
        there = (place >= one.first, place <= (one.last or one.first), place != all_(literal(list(one.besides), ARRAY(TEXT))))
        connection.execute(update(table).where(*here, *there).values(resolved_at=func.now()))


def count_lost(connection: Connection, source: str, stream: str) -> int:
    """How many living records have lost their last place."""
    return int(connection.execute(queries.count_lost, {"source": source, "stream": stream}).scalar_one())


def tombstone_lost(connection: Connection, source: str, stream: str) -> int:
    """Mark as deleted those that have lost their last place, and forget the places that are gone; returns how many."""
    values: dict[str, Any] = {"source": source, "stream": stream}
    lost = int(connection.execute(queries.tombstone_lost, values).scalar_one())
    connection.execute(queries.drop_gone_places, values)
    return lost
