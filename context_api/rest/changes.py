"""GET /v1/changes."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from context_api import changes, paging, receipts
from context_api.callers import Reader, ServicesDependency
from context_api.paging import Cursor
from resolution.store import identity

router = APIRouter(tags=["changes"])


class Change(BaseModel):
    """One thing that happened to a party."""

    sequence: int
    kind: str = Field(description="created, joined, left, merged, split, retired, changed", examples=["merged"])
    party_id: str = Field(examples=["pty_3f2a9c81d04be657"])
    record_ref: str | None = Field(description="The record that joined or left", examples=["crm/companies/9001"])
    other_party_id: str | None = Field(description="The party merged away, or split off")
    occurred_at: datetime


class Changes(BaseModel):
    changes: list[Change]
    next_cursor: str = Field(description="Keep it, and ask again with it later: it goes on after the last change shown")
    withheld: dict[str, int] = Field(description="Changes of records not shown, by the scope that is missing")


@router.get("/changes")
async def list_changes(
    services: ServicesDependency,
    access: Reader,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> Changes:
    """What happened to parties after the cursor, oldest first; without one, from the beginning.

    An empty list means that nothing happened since: ask again later with the same cursor.
    """
    (sequence,) = paging.decode("changes", cursor, int) or (0,)
    async with services.database.async_engine.begin() as connection:
        rows = await connection.run_sync(identity.events_after, min(sequence, 2**62), limit)
        shown, withheld = await changes.visible(connection, rows, access)
        receipt = receipts.Receipt(
            receipts.new_id(),
            "changes",
            request={"after": sequence, "limit": limit},
            returned=[row.sequence for row in shown],
            withheld=withheld,
        )
        await receipts.write(connection, access, receipt)
    return Changes(
        changes=[Change.model_validate(row, from_attributes=True) for row in shown],
        next_cursor=paging.encode("changes", rows[-1].sequence if rows else sequence),
        withheld=withheld,
    )
