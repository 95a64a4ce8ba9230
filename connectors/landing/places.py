"""Where a record was found, for sources in which one thing lies in several places: a mail in two folders is one record.

A place that is gone is only marked; who has no place left gets its tombstone at the end of the sync. So a mail that moves from one folder
to another, or a folder that is read anew, is never thought deleted on the way, and a sync that was killed in between loses nothing.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from connectors.connector import Gone
from sql import queries


def note(connection: Connection, stream: tuple[str, str], gone: Sequence[Gone], found: Sequence[tuple[str, str]]) -> None:
    """Mark what is gone, then keep what was found. stream: (source, stream); found: (place, key of the record there)."""
    here = {"source": stream[0], "stream": stream[1]}
    single = [one.first for one in gone if one.last in ("", one.first)]
    if single:
        connection.execute(queries.mark_places_gone, {**here, "places": single})
    for one in gone:
        if one.last not in ("", one.first):
            connection.execute(queries.mark_span_gone, {**here, "first": one.first, "last": one.last, "besides": list(one.besides)})
    if found:
        kept = dict(found)
        connection.execute(queries.keep_places, {**here, "places": list(kept), "keys": list(kept.values())})


def count_lost(connection: Connection, source: str, stream: str) -> int:
    """How many living records have lost their last place."""
    return int(connection.execute(queries.count_lost, {"source": source, "stream": stream}).scalar_one())


def tombstone_lost(connection: Connection, source: str, stream: str) -> int:
    """Mark as deleted those that have lost their last place, and forget the places that are gone; returns how many."""
    values: dict[str, Any] = {"source": source, "stream": stream}
    lost = int(connection.execute(queries.tombstone_lost, values).scalar_one())
    connection.execute(queries.drop_gone_places, values)
    return lost
