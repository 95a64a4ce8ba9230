"""Parties as the API and the console show them: the golden record, its sources, its timeline, its relations, the crosswalk.

Each takes the caller's `Access`: what it may not see is counted by the scope that is missing, and is in no other way told.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from context_api.access import Access, attribute_class
from context_api.context import facts, links
from context_api.context.store.reading import current_party, heads, membership_of, visibility
from sql import queries


class PartyNotFoundError(Exception):
    """There is no such party. GET /v1/search finds parties by name, email, key or words."""

    def __str__(self) -> str:
        return self.__doc__ or ""


@dataclass(frozen=True, slots=True)
class Party:
    """A golden record as the caller may see it. content_hash is of the whole record, seen or not; documents are by attribute."""

    party_id: str
    kind: str
    name: str
    document: facts.Document
    confidence: float
    records: int
    sources: list[str]
    content_hash: str
    changed_at: datetime
    withheld: Counter[str]
    redirected_from: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list in order, the key after which the next page begins (None: no more), and what was withheld from the whole list."""

    rows: list[dict[str, Any]]
    next: tuple[Any, ...] | None
    withheld: Counter[str] = field(default_factory=Counter)


async def party(connection: AsyncConnection, party_id: str, access: Access) -> Party:
    """The golden record; a merged id gives what it was merged into. Raises PartyNotFoundError."""
    current = await current_party(connection, party_id)
    if current is None:
        raise PartyNotFoundError
    head = (await heads(connection, [current]))[current]
    document, withheld = facts.seen(head["kind"], head["document"], access)
    return Party(
        party_id=current,
        kind=head["kind"],
        name=facts.name(document, current),
        document=document,
        confidence=head["confidence"],
        records=head["records"],
        sources=[source for source in head["sources"] if access.may_see(source, "internal")],
        content_hash=bytes(head["content_hash"]).hex(),
        changed_at=head["changed_at"],
        withheld=withheld,
        redirected_from=party_id if party_id != current else None,
    )


@dataclass(frozen=True, slots=True)
class Browse:
    """Which parties: kind, source (None: any), after the last key shown, how many."""

    kind: str | None = None
    source: str | None = None
    after: tuple[str, str] | None = None  # (name, party id)
    limit: int = 50


async def parties(connection: AsyncConnection, access: Access, browse: Browse) -> Page:
    """Parties whose name the caller may see, by name: party_id, kind, name, confidence, records, sources, changed_at."""
    after = browse.after or ("", "")
    parameters = {"kind": browse.kind, "source": browse.source, "name": after[0], "party": after[1], "count": browse.limit + 1}
    found = (await connection.execute(queries.list_parties, parameters | visibility(access))).mappings()
    rows = [{**row, "sources": [source for source in row["sources"] if access.may_see(source, "internal")]} for row in found]
    last = rows[browse.limit - 1] if len(rows) > browse.limit else None
    return Page(rows[: browse.limit], (last["name"], last["party_id"]) if last else None)


async def timeline(
    connection: AsyncConnection, party_id: str, access: Access, kinds: Sequence[str] | None, window: tuple[tuple[datetime, str] | None, int]
) -> Page:
    """Items, newest first. window: (occurred_at and item ref of the last one shown or None, how many)."""
    before, limit = window
    parameters = {
        "party": party_id,
        "kinds": None if kinds is None else list(kinds),
        "before": before[0] if before else None,
        "before_ref": before[1] if before else "",
        "count": limit + 1,
    }
    rows = [dict(row) for row in (await connection.execute(queries.list_timeline, parameters | visibility(access))).mappings()]
    withheld: Counter[str] = Counter()
    for row in (await connection.execute(queries.count_timeline, {"party": party_id, "kinds": parameters["kinds"]})).mappings():
        if missing := access.withheld_for(row["source"], row["data_class"]):
            withheld[missing] += row["items"]
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(rows[:limit], (last["occurred_at"], last["item_ref"]) if last else None, withheld)


async def sources(connection: AsyncConnection, party_id: str, access: Access) -> Page:
    """The party records, by ref, each with the attributes that may be seen and the confidence that it belongs."""
    withheld: Counter[str] = Counter()
    shown = []
    for row in (await connection.execute(queries.read_member_records, {"parties": [party_id]})).mappings():
        if missing := access.withheld_for(row["source"], "internal"):
            withheld[missing] += 1
            continue
        attributes, unseen = _attributes(dict(row), access)
        withheld.update(unseen)
        shown.append({**row, "attributes": attributes})
    return Page(shown, None, withheld)


def _attributes(record: Mapping[str, Any], access: Access) -> tuple[dict[str, Any], Counter[str]]:
    seen: dict[str, Any] = {}
    withheld: Counter[str] = Counter()
    for attribute, values in record["attributes"].items():
        missing = access.withheld_for(record["source"], attribute_class(record["kind"], attribute))
        if missing is None:
            seen[attribute] = values
        else:
            withheld[missing] += 1
    return seen, withheld


async def relationships(connection: AsyncConnection, party_id: str, access: Access) -> Page:
    """Employers and employees, parents and branches, now and before: each with the other party's id and name, and its evidence."""
    withheld: Counter[str] = Counter()
    shown = []
    for row in (await connection.execute(queries.list_relationships, {"party": party_id})).mappings():
        if missing := links.withheld_for(dict(row), access):
            withheld[missing] += 1
        else:
            shown.append(dict(row))
    return Page(shown, None, withheld)


async def crosswalk(connection: AsyncConnection, ref: str, access: Access) -> dict[str, Any] | None:
    """From a source's record to its party: {"ref", "source", "kind", "url", "deleted_at", "party_id", "confidence"}.

    None where there is no such record that the caller may see; party_id is null where it is deleted or not yet resolved.
    """
    found = await membership_of(connection, ref)
    return found if found and access.may_see(found["source"], "internal") else None
