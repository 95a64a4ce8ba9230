"""A party's page, and what hangs on it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from context_api import changes, paging, parties, receipts
from context_api.access import Access
from context_api.console import portrait, reading, rendering, signals
from context_api.console.notices import left
from context_api.console.routing import AnyVisitor, ConsoleRoute, services
from context_api.context.assemble import context
from context_api.context.pack import MAX_BUDGET, ContextPack, ContextRequest, Detail, Section, Subject
from context_api.context.store.reading import Scope, addresses, item_counts

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)

ITEMS, RECORDS, EVENTS = 25, 200, 30
TIMELINE, SOURCES = "console.timeline", "console.sources"

Cursor = Annotated[str | None, Query(max_length=500)]
ItemKind = Annotated[str, Query(max_length=40)]


@router.get("/parties/{party_id}")
async def show(request: Request, party_id: str, visitor: AnyVisitor, kind: ItemKind = "") -> Response:
    """The whole of one party. A party that was merged is shown as what it is now, with a note."""
    access = visitor.access
    async with services(request).database.async_engine.begin() as connection:
        try:
            golden, withheld = await parties.golden_record(connection, party_id, access)
        except parties.PartyRetiredError:
            return await _retired(request, connection, party_id, access)
        current = golden["party_id"]
        members = await parties.sources(connection, current, access, None, RECORDS)
        pack = await _pack(request, connection, current, access, "card", ("card", "facts", "relationships"))
        values = {
            "party": {**golden, "id": current},
            "withheld_scopes": withheld,
            "records": portrait.records(members.rows),
            "records_withheld": _sources_only(members.withheld),
            "records_onward": bool(members.last),
            "timeline": await _timeline(connection, current, access, kind, None),
            "events": await _happened(connection, current, access, not withheld),
            **await _golden(connection, golden, not withheld),
        }
        read = [entry["record_ref"] for entry in golden["document"].values()] + [row["ref"] for row in members.rows]
        await receipts.write(
            connection,
            access,
            receipts.Receipt(receipts.new_id(), "party", current, {"party_id": party_id}, sorted(set(read)), withheld=withheld),
        )
    return rendering.page(
        request,
        "party.html",
        asked_for=party_id,
        done=left(request),
        may_steward=access.may("steward"),
        summary=portrait.card(pack),
        signals=signals.tiles(pack.facts),
        relationships=portrait.relationships(pack.relationships),
        **values,
    )


@router.get("/parties/{party_id}/summary")
async def summary(request: Request, party_id: str, visitor: AnyVisitor) -> Response:
    """The long summary, when somebody wants to read on."""
    async with services(request).database.async_engine.begin() as connection:
        current = await parties.current_id(connection, party_id, visitor.access)
        pack = await _pack(request, connection, current, visitor.access, "full", ("card",))
    template = "parts/full_summary.html" if rendering.partial(request) else "summary.html"
    return rendering.page(request, template, party_id=current, name=pack.name or current, summary=portrait.card(pack))


@router.get("/parties/{party_id}/timeline")
async def timeline(request: Request, party_id: str, visitor: AnyVisitor, kind: ItemKind = "", cursor: Cursor = None) -> Response:
    """The timeline of one kind, or what comes before a cursor."""
    async with services(request).database.async_engine.begin() as connection:
        current = await parties.current_id(connection, party_id, visitor.access)
        shown = await _timeline(connection, current, visitor.access, kind, cursor)
        asked = {"kind": kind, "cursor": cursor}
        returned = [row["item_ref"] for row in shown["entries"]]
        read = receipts.Receipt(receipts.new_id(), "timeline", current, asked, returned, withheld=shown["withheld"])
        await receipts.write(connection, visitor.access, read)
    part = "parts/items.html" if cursor else "parts/timeline.html"
    return rendering.page(request, part if rendering.partial(request) else "timeline.html", party={"id": current}, timeline=shown)


async def _retired(request: Request, connection: AsyncConnection, party_id: str, access: Access) -> Response:
    current = await parties.current_id(connection, party_id, access)
    events = await _happened(connection, current, access, access.sees_everything)
    return rendering.page(request, "retired.html", 410, party_id=party_id, events=events)


async def _pack(
    request: Request, connection: AsyncConnection, party_id: str, access: Access, detail: Detail, sections: tuple[Section, ...]
) -> ContextPack:
    """What an agent would be told of the party; the page shows a person the same."""
    wanted = ContextRequest(subject=Subject(party_id=party_id), budget=MAX_BUDGET, detail=detail, sections=frozenset(sections))
    return await context(connection, wanted, access, services(request).embedder)


async def _happened(connection: AsyncConnection, party_id: str, access: Access, whole: bool) -> list[dict[str, Any]]:
    """The party's history. Reasons, which may speak of anything, are told to who sees the whole of the party."""
    shown, _withheld = await changes.visible(connection, await reading.events(connection, party_id, EVENTS), access)
    told = portrait.happened(shown)
    return told if whole else [{**event, "reason": ""} for event in told]


async def _golden(connection: AsyncConnection, golden: Mapping[str, Any], whole: bool) -> dict[str, Any]:
    """The golden record's rows with links to the sources and, to who sees the whole, who overrode what and why."""
    document = golden["document"]
    said = [side for entry in document.values() for side in (entry, *entry.get("losing", ()), *entry.get("also", ()))]
    urls = await addresses(connection, [side["record_ref"] for side in said])
    set_by = await reading.overrides(connection, {entry["override_id"] for entry in document.values() if "override_id" in entry})
    set_by = set_by if whole else {number: {**said, "reason": ""} for number, said in set_by.items()}
    rows = portrait.attributes(document, urls, set_by)
    missing = portrait.missing(document, golden["kind"])
    return {"attributes": rows, "missing": missing, "conflicts": sum(row.conflict for row in rows)}


async def _timeline(connection: AsyncConnection, party_id: str, access: Access, kind: str, cursor: str | None) -> dict[str, Any]:
    key = paging.decode(TIMELINE, cursor, int, str)
    before = (paging.moment(key[0]), key[1]) if key else None
    page = await parties.timeline(connection, party_id, access, before, ITEMS, [kind] if kind else [])
    counts, _, _ = await item_counts(connection, Scope(party_id, access, datetime.max.replace(tzinfo=UTC)))
    return {
        "entries": page.rows,
        "kinds": [name for name, _ in counts.most_common()],
        "kind": kind,
        "withheld": {} if cursor else dict(page.withheld),
        "before": cursor,
        "onward": paging.encode(TIMELINE, paging.microseconds(page.last[0]), page.last[1]) if page.last else None,
    }


def _sources_only(withheld: Mapping[str, int]) -> dict[str, int]:
    """Of what was withheld of the records, the records themselves: single values are counted with the golden record."""
    return {scope: count for scope, count in withheld.items() if scope.startswith("source:")}
