"""The list of parties: all of them by name, or those that a search finds."""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from context_api import paging, parties, receipts
from context_api.access import Access
from context_api.console import portrait, reading, rendering, words
from context_api.console.routing import AnyVisitor, ConsoleRoute, services
from context_api.context import facts
from context_api.context.pack import Hit
from context_api.context.search import search
from context_api.context.store.reading import heads

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)

PAGE = 50
MOST_HITS = 500  # of a search that is then narrowed by kind or source
CURSOR = "console.parties"

Kind = Literal["", "person", "organization", "unknown"]


@router.get("/parties")
async def browse(
    request: Request,
    visitor: AnyVisitor,
    q: Annotated[str, Query(max_length=200)] = "",
    kind: Kind = "",
    source: Annotated[str, Query(max_length=64)] = "",
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """Everyone, or who fits the words, the kind and the source. htmx asks for the list alone, at each key."""
    asked = {"q": q.strip(), "kind": kind, "source": source}
    async with services(request).database.async_engine.begin() as connection:
        look = _found if asked["q"] else _all
        shown, onward, withheld = await look(connection, visitor.access, asked, cursor)
        sources = [name for name in await reading.source_names(connection) if visitor.access.may_see(name, parties.USUAL_CLASS)]
        returned = [party["id"] for party in shown]
        read = receipts.Receipt(receipts.new_id(), "search" if asked["q"] else "parties", None, asked, returned, withheld=withheld)
        await receipts.write(connection, visitor.access, read)
    return rendering.page(
        request,
        "parts/found.html" if rendering.partial(request) else "parties.html",
        asked=asked,
        parties=shown,
        sources=sources,
        words=words.count(len(shown), "party", "parties") + (" on this page" if onward or cursor else ""),
        onward=f"/console/parties?{urlencode({**asked, 'cursor': onward})}" if onward else None,
        first=f"/console/parties?{urlencode(asked)}" if cursor else None,
        withheld_scopes=withheld,
    )


Shown = tuple[list[dict[str, Any]], str | None, dict[str, int]]


async def _all(connection: AsyncConnection, access: Access, asked: dict[str, str], cursor: str | None) -> Shown:
    """A page of the list by name."""
    after = paging.decode(CURSOR, cursor, str)
    found = await parties.listed(
        connection, access, after[0] if after else None, PAGE, kind=asked["kind"] or None, source=asked["source"] or None
    )
    described = await _described(connection, [row["party_id"] for row in found.rows], access)
    shown = [{**row, "id": row["party_id"], "lines": described[row["party_id"]]["lines"]} for row in found.rows]
    return shown, paging.encode(CURSOR, *found.last) if found.last else None, dict(found.withheld)


async def _found(connection: AsyncConnection, access: Access, asked: dict[str, str], cursor: str | None) -> Shown:
    """A page of the hits, best first."""
    start = paging.decode(CURSOR, cursor, int)
    skip = max(0, start[0]) if start else 0
    hits = [hit for hit in (await search(connection, asked["q"], access, MOST_HITS)).results if _fits(hit, asked)]
    window = hits[skip : skip + PAGE]
    described = await _described(connection, [hit.party_id for hit in window], access)
    shown = [{**described[hit.party_id], "id": hit.party_id, "name": hit.name, "lines": [hit.why]} for hit in window]
    return shown, paging.encode(CURSOR, skip + PAGE) if len(hits) > skip + PAGE else None, {}


def _fits(hit: Hit, asked: dict[str, str]) -> bool:
    return asked["kind"] in ("", hit.kind) and (not asked["source"] or asked["source"] in hit.sources)


async def _described(connection: AsyncConnection, ids: list[str], access: Access) -> dict[str, dict[str, Any]]:
    """party id -> kind, sources, records (None where some may not be known), confidence, changed_at and lines that tell who it is."""
    described = {}
    for party_id, head in (await heads(connection, ids) if ids else {}).items():
        document, withheld = facts.seen(head["kind"], head["document"], access)
        sources = [source for source in head["sources"] if access.may_see(source, parties.USUAL_CLASS)]
        whole = len(sources) == len(head["sources"])
        described[party_id] = {
            "kind": head["kind"],
            "sources": sources,
            "records": head["records"] if whole else None,
            "confidence": head["confidence"],
            "changed_at": head["changed_at"] if whole and not withheld else None,
            "lines": portrait.known_as(document),
        }
    return described
