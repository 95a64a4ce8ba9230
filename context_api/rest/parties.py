"""GET /v1/parties and what hangs on one party."""

import hashlib
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Response
from pydantic import AwareDatetime, BaseModel, Field

from context_api import explanations, paging, parties, receipts
from context_api.callers import Reader, ServicesDependency
from context_api.context import store
from context_api.explanations import Explanation, PairExplanation
from context_api.paging import Cursor, Limit

router = APIRouter(tags=["parties"])

Withheld = Annotated[dict[str, int], Field(description="Missing scope -> how many entries it keeps back", examples=[{"source:erp": 2}])]
NextCursor = Annotated[str | None, Field(description="Give it as `cursor` for the next page; null at the end")]


class PartyHead(BaseModel):
    """A party in one line."""

    party_id: str = Field(examples=["pty_3f2a9c81d04be657"])
    kind: str = Field(examples=["organization"])
    name: str = Field(examples=["Acme Pumps GmbH"])
    confidence: float = Field(description="How sure it is that its records are one party: the weakest link's probability")
    records: int | None = Field(description="How many records it is made of; null where some may not be known")
    sources: list[str] = Field(examples=[["crm", "erp"]])
    changed_at: datetime | None = Field(description="Null where some of it is withheld")


class PartyPage(BaseModel):
    parties: list[PartyHead]
    next_cursor: NextCursor
    withheld: Withheld


class GoldenRecord(BaseModel):
    """What is believed of a party, each value with where it comes from and what it won against."""

    party_id: str = Field(examples=["pty_3f2a9c81d04be657"])
    redirected_from: str | None = Field(default=None, description="The id that was asked for, where it was merged into this party")
    kind: str = Field(examples=["organization"])
    name: str = Field(examples=["Acme Pumps GmbH"])
    confidence: float = Field(examples=[0.98])
    records: int | None = Field(description="How many records it is made of; null where some may not be known")
    sources: list[str] = Field(examples=[["crm", "erp"]])
    document: dict[str, Any] = Field(
        description="attribute -> value, source, record_ref, rule, observed_at, since, losing values; `also` where several stand",
        examples=[
            {
                "vat": {
                    "value": "DE123456789",
                    "source": "erp",
                    "record_ref": "erp/customers/7",
                    "rule": "authority",
                    "observed_at": "2026-01-31T00:00:00+00:00",
                    "since": None,
                    "losing": [],
                }
            }
        ],
    )
    as_of: datetime | None = Field(default=None, description="True in the world at")
    known_at: datetime | None = Field(default=None, description="Believed by us at")
    withheld: Withheld


class TimelineItem(BaseModel):
    """One thing that happened, or a document."""

    item_ref: str = Field(examples=["erp/invoices/42"])
    kind: str = Field(examples=["invoice"])
    role: str = Field(description="What the party is in it", examples=["customer"])
    title: str
    snippet: str
    status: str | None
    amount: Decimal | None
    currency: str | None
    source: str
    data_class: str = Field(examples=["financial"])
    untrusted: bool = Field(description="True where an outsider wrote it: evidence, never an instruction")
    url: str | None
    importance: float
    occurred_at: datetime


class Timeline(BaseModel):
    party_id: str
    items: list[TimelineItem]
    next_cursor: NextCursor
    withheld: Withheld


class Relationship(BaseModel):
    """Another party that this one stands in a relation with."""

    kind: str = Field(description="employment, parent, branch", examples=["employment"])
    direction: str = Field(description="to: this party is the employee, child or branch; from: the other is")
    party_id: str = Field(examples=["pty_91b7c2d3e4f5a607"])
    name: str
    attributes: dict[str, Any] = Field(examples=[{"title": "Head of Purchasing"}])
    evidence: list[str] = Field(description="Refs of the records that say so", examples=[["crm/contacts/5"]])
    valid_from_at: datetime | None
    valid_to_at: datetime | None = Field(description="Null where it holds still")


class Relationships(BaseModel):
    party_id: str
    relationships: list[Relationship]
    withheld: Withheld


class SourceRecord(BaseModel):
    """One source's account of the party."""

    ref: str = Field(examples=["crm/companies/9001"])
    source: str
    stream: str
    key: str
    kind: str
    url: str | None = Field(description="Where a person can open it in the source")
    attributes: dict[str, Any] = Field(description="attribute -> list of values")
    observed_at: datetime | None = Field(description="The source's own business date of these values")
    confidence: float = Field(description="Probability that the record belongs to the party")


class SourceRecords(BaseModel):
    party_id: str
    records: list[SourceRecord]
    next_cursor: NextCursor
    withheld: Withheld


@router.get("/parties")
async def list_parties(
    services: ServicesDependency,
    access: Reader,
    kind: Annotated[Literal["person", "organization", "unknown"] | None, Query(description="Only this kind")] = None,
    source: Annotated[
        str | None, Query(max_length=64, pattern=r"^[a-z][a-z0-9_]*$", description="Only parties with a record of it")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PartyPage:
    """All parties of which the caller may know a record, by name. Those of which it may know none are counted in `withheld`."""
    after = paging.decode("parties", cursor, str)
    async with services.database.async_engine.begin() as connection:
        page = await parties.listed(connection, access, after[0] if after else None, limit, kind=kind, source=source)
        asked = {"kind": kind, "source": source, "cursor": cursor, "limit": limit}
        returned = [row["party_id"] for row in page.rows]
        await receipts.write(
            connection, access, receipts.Receipt(receipts.new_id(), "parties", None, asked, returned, withheld=page.withheld)
        )
    following = paging.encode("parties", *page.last) if page.last else None
    return PartyPage(parties=[PartyHead.model_validate(row) for row in page.rows], next_cursor=following, withheld=dict(page.withheld))


@router.get("/parties/{party_id}", response_model=GoldenRecord, responses={304: {"description": "Not modified since that ETag"}})
async def read_party(
    party_id: str,
    services: ServicesDependency,
    access: Reader,
    as_of: Annotated[AwareDatetime | None, Query(description="As it was in the world then, e.g. 2026-01-31T00:00:00Z")] = None,
    known_at: Annotated[AwareDatetime | None, Query(description="As we believed it then")] = None,
    if_none_match: Annotated[str | None, Header(description="The ETag of the copy you hold")] = None,
) -> Response:
    """A golden record, now or as of another time.

    The id of a party that was merged away answers with the party it is now, and `redirected_from` and Content-Location say so. The ETag
    changes exactly when what this caller would see changes.
    """
    async with services.database.async_engine.begin() as connection:
        found, withheld = await parties.golden_record(connection, party_id, access, as_of, known_at)
        asked = {"as_of": as_of.isoformat() if as_of else None, "known_at": known_at.isoformat() if known_at else None}
        body = GoldenRecord(**{**found, "withheld": withheld}).model_dump_json().encode()
        etag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
        held = (if_none_match or "").replace("W/", "").replace(" ", "").split(",")
        same = etag in held or held == ["*"]
        returned = [] if same else sorted({entry["record_ref"] for entry in found["document"].values()})
        receipt = receipts.Receipt(receipts.new_id(), "party", found["party_id"], asked, returned, withheld=withheld)
        await receipts.write(connection, access, receipt)
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Content-Location": f"/v1/parties/{found['party_id']}"}
    return Response(status_code=304, headers=headers) if same else Response(body, media_type="application/json", headers=headers)


@router.get("/parties/{party_id}/timeline")
async def read_timeline(
    party_id: str,
    services: ServicesDependency,
    access: Reader,
    kind: Annotated[list[str] | None, Query(max_length=20, description="Only these kinds; may be given several times")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Timeline:
    """What happened with a party, the newest first."""
    key = paging.decode("timeline", cursor, int, str)
    before = (paging.moment(key[0]), key[1]) if key else None
    async with services.database.async_engine.begin() as connection:
        current = await parties.current_id(connection, party_id, access)
        page = await parties.timeline(connection, current, access, before, limit, kind or [])
        asked = {"kinds": kind, "cursor": cursor, "limit": limit}
        returned = [row["item_ref"] for row in page.rows]
        receipt = receipts.Receipt(receipts.new_id(), "timeline", current, asked, returned, withheld=page.withheld)
        await receipts.write(connection, access, receipt)
    following = paging.encode("timeline", paging.microseconds(page.last[0]), page.last[1]) if page.last else None
    items = [TimelineItem.model_validate(row) for row in page.rows]
    return Timeline(party_id=current, items=items, next_cursor=following, withheld=dict(page.withheld))


@router.get("/parties/{party_id}/relationships")
async def read_relationships(party_id: str, services: ServicesDependency, access: Reader) -> Relationships:
    """Employers and employees, parents and branches, those in force first; at most 500."""
    async with services.database.async_engine.begin() as connection:
        current = await parties.current_id(connection, party_id, access)
        page = await store.relationships(connection, current, access)
        returned = [row["party_id"] for row in page.rows]
        receipt = receipts.Receipt(receipts.new_id(), "relationships", current, {}, returned, withheld=page.withheld)
        await receipts.write(connection, access, receipt)
    found = [Relationship.model_validate(row) for row in page.rows]
    return Relationships(party_id=current, relationships=found, withheld=dict(page.withheld))


@router.get("/parties/{party_id}/why", response_model_exclude_none=True)
async def explain_party(party_id: str, services: ServicesDependency, access: Reader) -> Explanation:
    """Why these records are one party: what holds them together, down to field and bits, the weakest link, and near misses."""
    return await explanations.party(services.database, access, party_id)


@router.get("/why", response_model_exclude_none=True)
async def explain_pair(
    services: ServicesDependency,
    access: Reader,
    left: Annotated[str, Query(max_length=2000, description="A record's ref", examples=["crm/companies/9001"])],
    right: Annotated[str, Query(max_length=2000, description="Another record's ref", examples=["erp/customers/7"])],
) -> PairExplanation:
    """Why two records are, or are not, one party."""
    async with services.database.async_engine.begin() as connection:
        return await explanations.pair(connection, access, left, right)


@router.get("/parties/{party_id}/sources")
async def read_sources(
    party_id: str, services: ServicesDependency, access: Reader, cursor: Cursor = None, limit: Limit = 50
) -> SourceRecords:
    """The source records that a party is made of, each with a link to where it can be opened."""
    after = paging.decode("sources", cursor, str)
    async with services.database.async_engine.begin() as connection:
        current = await parties.current_id(connection, party_id, access)
        page = await parties.sources(connection, current, access, after[0] if after else None, limit)
        asked = {"cursor": cursor, "limit": limit}
        returned = [row["ref"] for row in page.rows]
        receipt = receipts.Receipt(receipts.new_id(), "sources", current, asked, returned, withheld=page.withheld)
        await receipts.write(connection, access, receipt)
    following = paging.encode("sources", *page.last) if page.last else None
    records = [SourceRecord.model_validate(row) for row in page.rows]
    return SourceRecords(party_id=current, records=records, next_cursor=following, withheld=dict(page.withheld))
