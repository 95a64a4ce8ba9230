"""The feed of what happened to parties, in order, for whoever keeps a copy.

Every writer of `identity.event` holds the resolver's lock until it commits, so the order of `sequence` is the order of commit: a reader who
goes on after the highest sequence it saw misses nothing.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from context_api.access import Access
from sql.tables import identity


async def after(connection: AsyncConnection, sequence: int, limit: int) -> Sequence[Row[Any]]:
    """Events above `sequence`, oldest first."""
    event = identity.event
    return (await connection.execute(select(event).where(event.c.sequence > sequence).order_by(event.c.sequence).limit(limit))).all()


def visible(events: Sequence[Row[Any]], access: Access) -> tuple[list[Row[Any]], dict[str, int]]:
    """The events whose record the caller may know of, and how many others there are for each missing scope."""
    shown, withheld = [], Counter[str]()
    for event in events:
        missing = access.withheld_for(event.record_ref.partition("/")[0], "internal") if event.record_ref else None
        if missing is None:
            shown.append(event)
        else:
            withheld[missing] += 1
    return shown, dict(withheld)
