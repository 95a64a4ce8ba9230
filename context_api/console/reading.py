"""What only the console reads, beside what the API's own functions give it."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from context_api.access import Access
from context_api.context import facts
from context_api.context.store.reading import heads
from context_api.parties import USUAL_CLASS
from sql.tables import golden, identity, landing


async def source_names(connection: AsyncConnection) -> list[str]:
    """The declared sources."""
    return list(await connection.scalars(select(landing.source.c.name).order_by(landing.source.c.name)))


async def overrides(connection: AsyncConnection, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """override id -> who set it, why and when."""
    table = golden.override
    if not ids:
        return {}
    query = select(table.c.id, table.c.actor, table.c.reason, table.c.created_at).where(table.c.id.in_(ids))
    return {row.id: dict(row._mapping) for row in await connection.execute(query)}


async def events(connection: AsyncConnection, party_id: str, limit: int) -> Sequence[Row[Any]]:
    """What happened to a party, the newest first."""
    event = identity.event
    return (
        await connection.execute(select(event).where(event.c.party_id == party_id).order_by(event.c.sequence.desc()).limit(limit))
    ).all()


async def named(connection: AsyncConnection, ids: Sequence[str], access: Access) -> dict[str, dict[str, Any]]:
    """party id -> its id, the name that may be seen, and how many records it has (None where some may not be known)."""
    found = {}
    for party_id, head in (await heads(connection, ids) if ids else {}).items():
        document, _ = facts.seen(head["kind"], head["document"], access)
        whole = all(access.may_see(source, USUAL_CLASS) for source in head["sources"])
        found[party_id] = {"id": party_id, "name": facts.name(document, party_id), "records": head["records"] if whole else None}
    return found
