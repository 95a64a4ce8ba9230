"""Where a record was found, for sources in which one thing lies in several places: a mail in two folders is one record.

A place that is gone is only marked; who has no place left gets its tombstone at the end of the sync. So a mail that moves from one folder
to another, or a folder that is read anew, is never thought deleted on the way, and a sync that was killed in between loses nothing.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from connectors.connector import Gone
from sql import queries
from sql.database import copy_rows


def note(connection: Connection, stream: tuple[str, str], gone: Sequence[Gone], found: Sequence[tuple[str, str]]) -> None:
    """Mark what is gone, then keep what was found. stream: (source, stream); found: (place, key of the record there)."""
    here = {"source": stream[0], "stream": stream[1]}
    whole = [one for one in gone if not one.besides]
    for spans in [*([whole] if whole else []), *([one] for one in gone if one.besides)]:
        firsts, lasts = [one.first for one in spans], [one.last or one.first for one in spans]
        connection.execute(queries.mark_places_gone, {**here, "firsts": firsts, "lasts": lasts, "besides": list(spans[0].besides)})
    if found:
        connection.execute(text("CREATE TEMPORARY TABLE IF NOT EXISTS page_place (place text, key text) ON COMMIT DELETE ROWS"))
        copy_rows(connection, "page_place", ["place", "key"], list(dict(found).items()))
        connection.execute(queries.keep_places, here)


def count_lost(connection: Connection, source: str, stream: str) -> int:
    """How many living records have lost their last place."""
    return int(connection.execute(queries.count_lost, {"source": source, "stream": stream}).scalar_one())


def tombstone_lost(connection: Connection, source: str, stream: str) -> int:
    """Mark as deleted those that have lost their last place, and forget the places that are gone; returns how many."""
    values: dict[str, Any] = {"source": source, "stream": stream}
    lost = int(connection.execute(queries.tombstone_lost, values).scalar_one())
    connection.execute(queries.drop_gone_places, values)
    return lost
