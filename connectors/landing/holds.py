"""Held streams: what a sync landed in them is kept, and not mapped until somebody who has looked publishes it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from connectors.landing.counts import Place
from sql import audit
from sql.database import Database
from sql.tables import landing


def hold(connection: Connection, place: Place, reason: str) -> None:
    """Hold the stream, in the transaction of the page that gave the reason. One that is held stays so, with its first reason."""
    row = upsert(landing.hold).values(source=place.source, stream=place.stream, run_id=place.run_id, reason=reason)
    connection.execute(row.on_conflict_do_nothing())


def held(database: Database) -> Sequence[Any]:
    """The streams that are held, the longest first: rows of landing.hold."""
    table = landing.hold
    with database.begin() as connection:
        return connection.execute(select(table).where(table.c.released_at.is_(None)).order_by(table.c.held_at, table.c.id)).all()


def publish(database: Database, source: str, stream: str | None, actor: str) -> list[str]:
    """Let what is held of the source, or of one stream of it, be mapped; returns which streams that were."""
    table = landing.hold
    these = [table.c.source == source, table.c.released_at.is_(None), *([table.c.stream == stream] if stream else [])]
    with database.begin() as connection:
        query = update(table).where(*these).values(released_at=func.now(), released_by=actor).returning(table)
        released = connection.execute(query).all()
        for row in released:
            detail = {"reason": row.reason, "run": row.run_id}
            audit.append(connection, audit.Entry(actor, "publish", f"{row.source}/{row.stream}", detail))
    return sorted(row.stream for row in released)
