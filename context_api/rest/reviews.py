"""What a steward does: reviews, decisions and their undo, splits, merges, overrides. Each act takes effect before it is answered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from context_api import paging, parties, receipts, reviews
from context_api.access import Access
from context_api.callers import ServicesDependency, Steward
from context_api.context.store import reading
from context_api.paging import Cursor, Limit
from context_api.problems import ScopeMissingError
from context_api.rest.parties import NextCursor, Withheld
from context_api.services import Services
from resolution.identity.judgements import Decision

router = APIRouter(tags=["stewardship"])

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=r"^[^\x00]*$")]
Reason = Annotated[Text, Field(description="Why; kept with the judgement and in the audit chain", examples=["two brothers at one address"])]


class Strict(BaseModel):
    """A body with no other fields than these."""

    model_config = ConfigDict(extra="forbid")


class Act(Strict):
    reason: Reason


class Verdict(Act):
    verdict: Literal["match", "no_match", "unsure"]


class Split(Act):
    record_refs: list[Text] = Field(min_length=1, max_length=1000, description="The records that leave", examples=[["crm/contacts/5"]])


class Merge(Act):
    party_ids: list[Text] = Field(min_length=2, max_length=100, examples=[["pty_3f2a9c81d04be657", "pty_91b7c2d3e4f5a607"]])


class Override(Act):
    value: JsonValue = Field(description="Text, or for an address its parts", examples=["+49 30 1234567"])


class Outcome(BaseModel):
    """A decision that has taken effect."""

    decision_id: str = Field(description="With which it is undone", examples=["dec_5f2a9c0d1e2b3a4f"])
    action: str = Field(examples=["match"])
    at: datetime
    party_ids: list[str] = Field(description="Every party that it touched and that the caller may know of, retired ones too")


class OverrideOutcome(BaseModel):
    override_id: int = Field(description="With which it is withdrawn")
    party_id: str


class Side(BaseModel):
    """One of the two records."""

    ref: str
    source: str
    kind: str
    url: str | None
    observed_at: datetime | None
    party_id: str | None
    attributes: dict[str, Any]


class Review(BaseModel):
    """A question for a steward."""

    id: int
    kind: str = Field(description="pair: are these two one party? conflict: which value is right?")
    subject: str = Field(examples=["crm/contacts/5|mail/addresses/anna@acme.example"])
    party_id: str | None
    status: str = Field(description="open, decided, withdrawn (no longer in doubt)")
    probability: float | None = Field(description="That the two are one party")
    priority: float = Field(description="What the answer is worth")
    left: Side | None
    right: Side | None
    evidence: dict[str, Any] = Field(
        description="Field by field, in bits and in words; overmatch: why their party may be more than one; for a conflict, the values"
    )
    decision_id: str | None
    decided_by: str | None
    opened_at: datetime
    closed_at: datetime | None


class ReviewPage(BaseModel):
    reviews: list[Review]
    total: int = Field(description="How many reviews of this status and kind the caller may see, over all pages")
    next_cursor: NextCursor
    withheld: Withheld


class OneReview(Review):
    withheld: Withheld


ReviewId = Annotated[int, Path(ge=1, le=2**63 - 1)]
PartyId = Annotated[str, Path(max_length=200)]


@router.get("/reviews")
async def list_reviews(
    services: ServicesDependency,
    access: Steward,
    status: Annotated[Literal["open", "decided", "withdrawn"], Query()] = "open",
    kind: Annotated[Literal["pair", "conflict"] | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ReviewPage:
    """The reviews whose answer is worth most first. One whose records the caller may not see is counted in `withheld`."""
    key = paging.decode("reviews", cursor, float, int)
    async with services.database.async_engine.begin() as connection:
        page = await reviews.listed(connection, access, (key[0], key[1]) if key else None, limit, status=status, kind=kind)
        total = await reviews.count(connection, access, status=status, kind=kind)
        asked = {"status": status, "kind": kind, "cursor": cursor, "limit": limit}
        returned = [row["subject"] for row in page.rows]
        receipt = receipts.Receipt(receipts.new_id(), "reviews", None, asked, returned, withheld=page.withheld)
        await receipts.write(connection, access, receipt)
    following = paging.encode("reviews", *page.last) if page.last else None
    shown = [Review.model_validate(row) for row in page.rows]
    return ReviewPage(reviews=shown, total=total, next_cursor=following, withheld=dict(page.withheld))


@router.get("/reviews/{review_id}")
async def read_review(review_id: ReviewId, services: ServicesDependency, access: Steward) -> OneReview:
    """One review with its two sides and the evidence."""
    async with services.database.async_engine.begin() as connection:
        found, withheld = await reviews.read(connection, access, review_id)
        asked = {"review": review_id}
        receipt = receipts.Receipt(receipts.new_id(), "review", found["party_id"], asked, [found["subject"]], withheld=withheld)
        await receipts.write(connection, access, receipt)
    return OneReview.model_validate({**found, "withheld": withheld})


@router.post("/reviews/{review_id}/decision")
async def decide(review_id: ReviewId, body: Verdict, services: ServicesDependency, access: Steward) -> Outcome:
    """Say whether the two records are one party. `unsure` closes the review and changes nothing."""
    async with services.database.async_engine.begin() as connection:
        await reviews.read(connection, access, review_id)
    decision = await to_thread.run_sync(services.stewardship.decide, review_id, body.verdict, access.account, body.reason)
    return await acted(services, access, decision)


@router.post("/decisions/{decision_id}/undo")
async def undo(decision_id: PartyId, body: Act, services: ServicesDependency, access: Steward) -> Outcome:
    """Take a decision back: the parties, their ids and golden records are what they were without it."""
    await must_see_decision(services, access, decision_id)
    decision = await to_thread.run_sync(services.stewardship.undo, decision_id, access.account, body.reason)
    return await acted(services, access, decision)


@router.post("/parties/{party_id}/split")
async def split(party_id: PartyId, body: Split, services: ServicesDependency, access: Steward) -> Outcome:
    """The named records leave the party, and never come together again with those that stay. The larger part keeps the id."""
    await must_see(services, access, [party_id])
    decision = await to_thread.run_sync(services.stewardship.split, party_id, body.record_refs, access.account, body.reason)
    return await acted(services, access, decision)


@router.post("/parties/merge")
async def merge(body: Merge, services: ServicesDependency, access: Steward) -> Outcome:
    """The parties are one. The oldest id stays, and the others lead to it."""
    await must_see(services, access, body.party_ids)
    decision = await to_thread.run_sync(services.stewardship.merge, body.party_ids, access.account, body.reason)
    return await acted(services, access, decision)


@router.put("/parties/{party_id}/overrides/{attribute}")
async def override(
    party_id: PartyId, attribute: Annotated[str, Path(max_length=100)], body: Override, services: ServicesDependency, access: Steward
) -> OverrideOutcome:
    """Set one attribute against all sources, through merges and splits, until it is withdrawn. Setting it again changes nothing."""
    await must_see(services, access, [party_id], attribute)
    values = (party_id, attribute, body.value, access.account, body.reason)
    override_id = await to_thread.run_sync(services.stewardship.override, *values)
    async with services.database.async_engine.begin() as connection:
        current = await parties.current_id(connection, party_id, access)
        asked = {"attribute": attribute}
        receipt = receipts.Receipt(receipts.new_id(), "override", current, asked, [{"override": override_id}])
        await receipts.write(connection, access, receipt)
    return OverrideOutcome(override_id=override_id, party_id=current)


@router.delete("/parties/{party_id}/overrides/{attribute}")
async def withdraw(
    party_id: PartyId,
    attribute: Annotated[str, Path(max_length=100)],
    reason: Annotated[Reason, Query()],
    services: ServicesDependency,
    access: Steward,
) -> OverrideOutcome:
    """Withdraw the override in force of that attribute: the sources decide again."""
    await must_see(services, access, [party_id], attribute)
    async with services.database.async_engine.begin() as connection:
        current = await parties.current_id(connection, party_id, access)
        override_id = await parties.override_in_force(connection, current, attribute)
        receipt = receipts.Receipt(receipts.new_id(), "withdraw", current, {"attribute": attribute}, [{"override": override_id}])
        await receipts.write(connection, access, receipt)
    await to_thread.run_sync(services.stewardship.withdraw, override_id, access.account, reason)
    return OverrideOutcome(override_id=override_id, party_id=current)


async def must_see(services: Services, access: Access, party_ids: Sequence[str], attribute: str | None = None) -> None:
    """Raises PartyNotFoundError, and ScopeMissingError where the caller does not see the whole of what would be changed."""
    async with services.database.async_engine.connect() as connection:
        current = [await parties.current_id(connection, party_id, access) for party_id in party_ids]
        missing = await parties.scopes_missing(connection, current, access, attribute)
    if missing:
        raise ScopeMissingError(missing[0])


async def must_see_decision(services: Services, access: Access, decision_id: str) -> None:
    """Raises ScopeMissingError where the caller does not see every record that the decision was about."""
    async with services.database.async_engine.connect() as connection:
        missing = await parties.scopes_missing_for(connection, decision_id, access)
    if missing:
        raise ScopeMissingError(missing[0])


async def acted(services: Services, access: Access, decision: Decision) -> Outcome:
    """The decision as an answer, and a receipt that ties it to the request."""
    outcome = Outcome.model_validate(decision, from_attributes=True)
    async with services.database.async_engine.begin() as connection:
        outcome.party_ids = sorted(await reading.known(connection, outcome.party_ids, access))
        asked = {"decision": outcome.decision_id, "action": outcome.action}
        await receipts.write(connection, access, receipts.Receipt(receipts.new_id(), "decision", None, asked, outcome.party_ids))
    return outcome
