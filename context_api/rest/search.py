"""GET /v1/search and GET /v1/crosswalk: from what one has to a party."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from context_api import receipts
from context_api.callers import Reader, ServicesDependency
from context_api.context import store
from context_api.context.pack import SearchPage
from context_api.finding import find
from context_api.paging import Cursor
from resolution.errors import RecordNotFoundError

router = APIRouter(tags=["search"])


class CrosswalkEntry(BaseModel):
    """Which party a source's record is."""

    ref: str = Field(examples=["erp/customers/7"])
    party_id: str = Field(examples=["pty_3f2a9c81d04be657"])
    kind: str = Field(examples=["organization"])
    confidence: float = Field(description="Probability that the record belongs to the party")
    url: str | None = Field(description="Where a person can open the record in its source")


@router.get("/search", response_model_exclude_none=True)
async def search_parties(
    services: ServicesDependency,
    access: Reader,
    q: Annotated[str, Query(min_length=1, max_length=500, description="A name, email, phone, VAT number, key, ref, or words")],
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> SearchPage:
    """Parties, best first, each with what matched. What the caller may not see finds nothing."""
    async with services.database.async_engine.begin() as connection:
        return await find(connection, access, q, limit, cursor)


@router.get("/crosswalk")
async def read_crosswalk(
    services: ServicesDependency,
    access: Reader,
    source: Annotated[str, Query(max_length=64, examples=["erp"])],
    stream: Annotated[str, Query(max_length=64, examples=["customers"])],
    key: Annotated[str, Query(max_length=2000, examples=["7"])],
) -> CrosswalkEntry:
    """From a source's own key to the party; a record that the caller may not see is not found."""
    ref = f"{source}/{stream}/{key}"
    async with services.database.async_engine.begin() as connection:
        row = await store.crosswalk(connection, ref, access)
        if row is None or row["party_id"] is None:
            raise RecordNotFoundError(f"Asked for {ref}.")
        entry = CrosswalkEntry.model_validate(row)
        asked = {"source": source, "stream": stream, "key": key}
        receipt = receipts.Receipt(receipts.new_id(), "crosswalk", entry.party_id, asked, [ref])
        await receipts.write(connection, access, receipt)
    return entry
