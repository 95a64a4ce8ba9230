"""Why records are one party or two: on a party's page, link by link, and for any two records field by field."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from context_api import explanations
from context_api.console import reading, rendering, words
from context_api.console.alignment import Side, align
from context_api.console.routing import AnyVisitor, ConsoleRoute, services
from context_api.context.store.reading import addresses
from context_api.explanations import Explanation, Link, PairSide

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)

SHOWN = 3  # refs in a sentence
Ref = Annotated[str, Query(max_length=2000)]
DECIDED_BY = {"steward": "by a steward", "language_model": "by the language model", "weight": "by weight of evidence"}


@router.get("/parties/{party_id}/why")
async def why_party(request: Request, party_id: str, visitor: AnyVisitor) -> Response:
    """What holds the party's records together, and what came near."""
    database = services(request).database
    told = await explanations.party(database, visitor.access, party_id)
    async with database.async_engine.begin() as connection:
        names = await reading.named(connection, [miss.party_id for miss in told.near_misses], visitor.access)
    template = "parts/reasons.html" if rendering.partial(request) else "why.html"
    return rendering.page(request, template, why=_why(told, names), may_steward=visitor.access.may("steward"))


@router.get("/pair")
async def why_pair(request: Request, visitor: AnyVisitor, left: Ref, right: Ref) -> Response:
    """Two records side by side with what each field weighs."""
    async with services(request).database.async_engine.begin() as connection:
        told = await explanations.pair(connection, visitor.access, left, right)
        sides = [told.left, told.right]
        urls = await addresses(connection, [side.ref for side in sides])
        known = await reading.named(connection, [side.party_id for side in sides if side.party_id], visitor.access)
    one, two = (_side(side, urls.get(side.ref), known) for side in sides)
    evidence = {**told.model_dump(), "sentence": " ".join(told.sentences)}
    return rendering.page(request, "pair.html", pair=align(one, two, evidence), together=told.together, withheld_scopes=told.withheld)


def _side(side: PairSide, url: str | None, known: dict[str, dict[str, Any]]) -> Side:
    party = known.get(side.party_id) if side.party_id else None
    return Side(side.ref, side.source, side.ref.split("/", 2)[-1], side.kind, url, side.attributes, party)


def _why(told: Explanation, names: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The explanation in the page's words."""
    near = [{**miss.model_dump(), "name": names.get(miss.party_id, {}).get("name", miss.party_id)} for miss in told.near_misses]
    return {
        "party_id": told.party_id,
        "words": _held(len(told.records), len(told.links)),
        "links": [_link(link) for link in told.links],
        "suspect": told.suspect,
        "near": near,
        "withheld": told.withheld,
    }


def _held(records: int, links: int) -> str:
    if not links:
        return "One record; nothing else was found to be the same." if records == 1 else ""
    return f"{words.count(records, 'record')}, held together by {words.count(links, 'link')}, the strongest first."


def _link(link: Link) -> dict[str, Any]:
    decided = f"by rule: {link.rule}" if link.by == "rule" and link.rule else DECIDED_BY.get(link.by, words.label(link.by))
    return {**link.model_dump(), "decided": decided, "parting": _parting(link.splits) if link.splits else ""}


def _parting(sides: Sequence[Sequence[str]]) -> str:
    """What would fall apart without the link."""
    few, many = sorted(sides, key=len)
    if len(few) > SHOWN:
        return f"Without it the records part into {len(few)} and {len(many)}."
    return f"Without it {' and '.join(few)} would part from {words.count(len(many), 'other')}."
