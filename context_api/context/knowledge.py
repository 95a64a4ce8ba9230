"""What is known of a party before any question, reduced to what the caller may see."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from context_api.access import Access
from context_api.context import facts, links, signals, statements, summaries
from context_api.context.pack import ContextRequest, Fact, Freshness, Identity, PossibleDuplicate, Related
from context_api.context.store import reading
from context_api.context.store.reading import Scope
from resolution.golden import records as golden


@dataclass(frozen=True, slots=True)
class Known:
    """`head` is the row as read, not reduced: only what is made of it here may be shown. Counts of items are by kind."""

    head: Mapping[str, Any]
    document: facts.Document
    signals: list[Fact]
    links: list[Related]
    records: int
    counts: Counter[str]
    hidden: Counter[str]
    withheld: Counter[str]

    @property
    def name(self) -> str:
        return facts.name(self.document, "")

    @property
    def names(self) -> list[str]:
        """The name, and those that hold beside it."""
        return [self.name, *(str(other["value"]) for other in self.document.get("name", {}).get("also", ()))]


async def read(connection: AsyncConnection, request: ContextRequest, scope: Scope) -> Known | None:
    """None where nothing was believed of such a party at the time asked for, or the caller may know none of its records."""
    head = await reading.party_pack(connection, scope)
    if head is None:
        return None
    records, unseen_records = _records(head["members"], scope.access)
    if not records:
        return None
    if request.as_of or request.known_at:
        then = await connection.run_sync(golden.at, scope.party_id, request.as_of, request.known_at)
        if then is None:
            return None
        of_then = {name: then[name] for name in ("kind", "name", "document", "confidence", "sources")}
        head = {**head, **of_then, "summaries": {}, "signals": []}  # what is stored of these is of now
    access = scope.access
    document, unseen_values = facts.seen(head["kind"], head["document"], access)
    signalled, unseen_parts = signals.seen(head["signals"], access, scope.at)
    related, unseen_links = links.seen(head["relationships"], access)
    counts, unseen_items, hidden = await reading.item_counts(connection, scope)
    withheld = unseen_values + unseen_links + unseen_items + unseen_records
    # The parts of a signal are items, which are counted already.
    withheld.update({missing: count for missing, count in unseen_parts.items() if missing not in unseen_items})
    return Known(head, document, signalled, related, records, counts, hidden, withheld)


def _records(members: Mapping[str, int], access: Access) -> tuple[int, Counter[str]]:
    seen, withheld = 0, Counter[str]()
    for source, count in members.items():
        if missing := access.withheld_for(source, "internal"):
            withheld[missing] += count
        else:
            seen += count
    return seen, withheld


def card(known: Known, request: ContextRequest, scope: Scope) -> tuple[str, list[dict[str, Any]]]:
    """The stored summary where the caller may see all that went in, or else one of what may be seen: text, citations ({"mark", "ref"})."""
    stored = known.head["summaries"].get(request.detail)
    if stored and all(scope.access.may_see(source, data_class) for source, data_class in stored["data_classes"]):
        return stored["text"], stored["citations"]
    inputs = {
        "kind": known.head["kind"],
        "document": known.document,
        "signals": known.head["signals"],
        "relationships": [related for related in known.head["relationships"] if related["until"] is None],
        "items": [],
    }
    extract = summaries.extract(statements.of_party(inputs, scope.access, scope.at), request.detail)
    return extract.text, extract.citations


def identity(known: Known, access: Access) -> Identity:
    """How sure it is that the records are one party; what names a record or another party only where that may be seen."""
    weakest, head = None, known.head
    if head["weakest"] and known.records > 1 and access.may_see(_source(head["weakest"]["ref"]), "internal"):
        weakest = f"{head['weakest']['ref']} belongs with probability {head['weakest']['confidence']:.3f}"
    misses = [
        PossibleDuplicate(party_id=near["party_id"], name=statements.plain(near["name"]), probability=round(near["probability"], 3))
        for near in head["near_misses"]
        if access.may_see(_source(near["name_ref"]), "internal")
    ]
    return Identity(confidence=round(head["confidence"], 4), records=known.records, weakest_link=weakest, near_misses=misses)


def _source(ref: str | None) -> str:
    return (ref or "?").split("/")[0]


async def freshness(connection: AsyncConnection, known: Known, request: ContextRequest, access: Access) -> list[Freshness]:
    """How current each source is that says something of the party."""
    sources = [source for source in sorted(known.head["sources"]) if access.may_see(source, "internal")]
    synced = await reading.freshness(connection, sources)
    note = "live reading is not available yet: this is the last sync" if request.live else None
    found = []
    for source in sources:
        at = synced.get(source)
        stale = request.max_staleness is not None and (at is None or (datetime.now(UTC) - at).total_seconds() > request.max_staleness)
        found.append(Freshness(source=source, synced_at=timestamp(at) if at else None, stale=stale or None, note=note))
    return found


def timestamp(moment: datetime) -> str:
    """2026-11-01T09:30:00Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
