"""Quarantine: what could not be read, or not be mapped, with the reason.

No row is ever deleted. One is closed when it is read after all, when there is nothing at its place any more or its folder can be read again
(`places`), or when somebody decides that it is not wanted.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, any_, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.dialects.postgresql import insert as upsert

from connectors.landing.counts import Place
from connectors.mapping.staged import clean, digest, fitting
from connectors.records import Unreadable
from sql import audit
from sql.database import Database
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


def waiting(database: Database, source: str | None = None, ids: Sequence[int] = ()) -> Sequence[Any]:
    """What is open: rows of landing.quarantine, the latest first; of one source, or those with these ids, where given."""
    table = landing.quarantine
    query = select(table).where(table.c.resolved_at.is_(None)).order_by(table.c.last_at.desc(), table.c.id)
    if source:
        query = query.where(table.c.source == source)
    if ids:
        query = query.where(table.c.id == any_(literal(list(ids), ARRAY(BigInteger))))
    with database.begin() as connection:
        return connection.execute(query).all()


def drop(database: Database, ids: Sequence[int], actor: str) -> list[str]:
    """What is not wanted leaves the quarantine, and does not come back as long as it stays the same; returns its refs."""
    table = landing.quarantine
    these = table.c.id == any_(literal(list(ids), ARRAY(BigInteger)))
    query = update(table).where(these, table.c.resolved_at.is_(None)).values(resolved_at=func.now(), dropped_by=actor).returning(table)
    with database.begin() as connection:
        dropped = [(f"{row.source}/{row.stream}/{row.key}", row) for row in connection.execute(query)]
        for ref, row in dropped:
            audit.append(connection, audit.Entry(actor, "drop", ref, {"stage": row.stage, "reason": row.reason}))
    return [ref for ref, _ in dropped]
