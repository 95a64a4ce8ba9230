"""Quarantine: what could not be read, or not be mapped, with the reason.

Nothing of it is ever deleted: it is read after all, or somebody decides that it is not wanted.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, any_, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.dialects.postgresql import insert as upsert

from connectors.connector import Unreadable
from connectors.landing.counts import Place
from connectors.mapping.staged import clean, digest, fitting
from sql.tables import landing

LARGEST = 1024 * 1024


def put(connection: Connection, place: Place, one: Unreadable, stage: str) -> None:
    """Keep what can't be read. The same again, while it is open or where it was dropped, writes nothing."""
    table = landing.quarantine
    row = upsert(table).values(
        source=place.source,
        stream=place.stream,
        key=fitting(one.key) or digest(one.raw).hex(),
        stage=stage,
        reason=clean(one.reason),
        raw=one.raw[:LARGEST] or None,
    )
    changed = (
        table.c.reason.is_distinct_from(row.excluded.reason)
        | table.c.raw.is_distinct_from(row.excluded.raw)
        | (table.c.resolved_at.is_not(None) & table.c.dropped_by.is_(None))
    )
    fresh = {"reason": row.excluded.reason, "raw": row.excluded.raw, "attempts": table.c.attempts + 1, "last_at": func.now()}
    connection.execute(
        row.on_conflict_do_update(
            index_elements=["source", "stream", "key", "stage"], set_={**fresh, "resolved_at": None, "dropped_by": None}, where=changed
        )
    )


def release(connection: Connection, place: Place, stage: str, keys: Sequence[str]) -> None:
    """What was in quarantine has been read after all."""
    table = landing.quarantine
    here = (table.c.source == place.source, table.c.stream == place.stream, table.c.stage == stage, table.c.resolved_at.is_(None))
    if not connection.execute(select(table.c.id).where(*here).limit(1)).first():
        return
    listed = any_(literal(list(keys), ARRAY(TEXT)))  # one parameter: a thousand of them take longer to write out than to look up
    connection.execute(update(table).where(*here, table.c.key == listed).values(resolved_at=func.now()))
