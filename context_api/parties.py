"""Parties as one caller may see them: listed, their golden record, what happened, and the records they are made of.

Every list goes by a key that does not move (a name, a time, a ref), so a page can be asked for in the middle. What the caller may not see
is left out of the rows and counted by the scope that is missing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from context_api.access import Access, attribute_class
from context_api.context import facts, store
from context_api.context.store import reading
from resolution.errors import PartyNotFoundError
from resolution.golden import records as golden_records
from resolution.golden.overrides import OverrideNotFoundError
from resolution.store import golden as golden_store
from resolution.store.identity import resolve_party_id
from sql import queries
from sql.tables import golden, identity, staging

#: A party's existence, its name and its records' refs are of this class; single attributes may be of another.
USUAL_CLASS = "internal"


class PartyRetiredError(Exception):
    """This party has no records any longer: they were deleted, or moved to other parties. Give `known_at` to see what was believed."""


class CursorGoneError(Exception):
    """The party at which this page would go on has no records any longer. Start the list again, without a cursor."""


@dataclass(frozen=True, slots=True)
class Page:
    """Rows as mappings, the key of the last one looked at where there may be more, and what was withheld."""

    rows: list[dict[str, Any]]
    last: tuple[Any, ...] | None = None
    withheld: Mapping[str, int] = field(default_factory=dict)


async def current_id(connection: AsyncConnection, party_id: str, access: Access) -> str:
    """The id that this one stands for now, merges followed. Raises PartyNotFoundError, also where the caller may know no record of it."""
    found = await connection.run_sync(resolve_party_id, party_id)
    if found is None or not {party_id, found} <= await reading.known(connection, {party_id, found}, access):
        raise PartyNotFoundError(f"Asked for {party_id}. GET /v1/search?q=... finds parties.")
    return found


async def golden_record(
    connection: AsyncConnection, party_id: str, access: Access, as_of: datetime | None = None, known_at: datetime | None = None
) -> tuple[dict[str, Any], dict[str, int]]:
    """The golden record as `resolution.golden.records.at` gives it, reduced to what may be seen, and what was withheld.

    `records` is null where some of them may not be known. Raises PartyNotFoundError, PartyRetiredError, NaiveTimeError.
    """
    await current_id(connection, party_id, access)
    found = await connection.run_sync(golden_records.at, party_id, as_of, known_at)
    if found is None:
        raise PartyRetiredError
    document, withheld = facts.seen(found["kind"], found["document"], access)
    sources = [source for source in found["sources"] if access.may_see(source, USUAL_CLASS)]
    whole = len(sources) == len(found["sources"])
    if not whole:
        withheld.update({scope: 1 for source in found["sources"] if (scope := access.withheld_for(source, USUAL_CLASS))})
    shown = {
        "name": facts.name(document, found["party_id"]),
        "document": document,
        "sources": sources,
        "records": found["records"] if whole else None,
    }
    return {**found, **shown}, dict(withheld)


async def listed(connection: AsyncConnection, access: Access, after: str | None, limit: int, **only: str | None) -> Page:
    """Parties by the name that the caller sees, then id, after that party. `only`: a kind, a source. All that are withheld are counted."""
    asked = {"kind": only.get("kind"), "source": only.get("source"), **reading.visibility(access)}
    rows = (await connection.execute(queries.list_parties, {**asked, "after": after, "count": limit + 1})).mappings().all()
    if not rows and after:
        await _still_listed(connection, after)
    withheld = Counter[str]()
    for hidden in (await connection.execute(queries.count_hidden_parties, asked)).mappings():
        withheld[access.withheld_for(hidden["source"], USUAL_CLASS) or f"class:{USUAL_CLASS}"] += hidden["parties"]
    last = (rows[limit - 1]["party_id"],) if len(rows) > limit else None
    return Page([_head(dict(row), access) for row in rows[:limit]], last, dict(withheld))


async def _still_listed(connection: AsyncConnection, party_id: str) -> None:
    """Raises CursorGoneError where no golden record of that id is left: nothing comes after it, for it has no place."""
    if await connection.scalar(select(golden.record.c.party_id).where(golden.record.c.party_id == party_id)) is None:
        raise CursorGoneError


def _head(row: Mapping[str, Any], access: Access) -> dict[str, Any]:
    """One line of a party. Of what is withheld not even the time of its change is told."""
    sources = [source for source in row["sources"] if access.may_see(source, USUAL_CLASS)]
    document, withheld = facts.seen(row["kind"], row["document"], access)
    whole = len(sources) == len(row["sources"])
    return {
        "party_id": row["party_id"],
        "kind": row["kind"],
        "name": facts.name(document, row["party_id"]),
        "confidence": row["confidence"],
        "sources": sources,
        "records": row["records"] if whole else None,
        "changed_at": row["changed_at"] if whole and not withheld else None,
    }


async def timeline(
    connection: AsyncConnection, party_id: str, access: Access, before: tuple[datetime, str] | None, limit: int, kinds: Sequence[str] = ()
) -> Page:
    """What happened with a party, the newest first, after the item of that key (time, ref)."""
    page = await store.timeline(connection, party_id, access, kinds or None, (before, limit))
    return Page(page.rows, page.next, dict(page.withheld))


async def sources(connection: AsyncConnection, party_id: str, access: Access, after: str | None, limit: int) -> Page:
    """The party records of a party by ref, each with what it says and a link to its source. What is withheld is counted over all."""
    page = await store.sources(connection, party_id, access)
    rows = [row for row in page.rows if row["ref"] > (after or "")]
    return Page(rows[:limit], (rows[limit - 1]["ref"],) if len(rows) > limit else None, dict(page.withheld))


async def scopes_missing(connection: AsyncConnection, party_ids: Sequence[str], access: Access, attribute: str | None = None) -> list[str]:
    """The scopes without which a steward does not see the whole of these parties (or of one attribute), and so may not change them."""
    missing: set[str] = set()
    for head in (await reading.heads(connection, party_ids)).values():
        data_class = attribute_class(head["kind"], attribute) if attribute else USUAL_CLASS
        missing.update(scope for source in head["sources"] if (scope := access.withheld_for(source, data_class)))
    return sorted(missing)


async def scopes_missing_for(connection: AsyncConnection, decision_id: str, access: Access) -> list[str]:
    """The scopes without which a steward does not see the records that a decision was about, and so may not take it back."""
    said, record = identity.judgement, staging.party_record
    of_decision = (said.c.decision_id == decision_id) & record.c.id.in_([said.c.left_id, said.c.right_id])
    sources = await connection.scalars(select(record.c.source).join(said, of_decision).distinct())
    return sorted({scope for source in sources if (scope := access.withheld_for(source, USUAL_CLASS))})


async def override_in_force(connection: AsyncConnection, party_id: str, attribute: str) -> int:
    """The id of the override that decides the attribute; raises OverrideNotFoundError."""
    found = await connection.run_sync(golden_store.read_overrides, [party_id])
    mine = [override.id for override in found.get(party_id, ()) if override.attribute == attribute]
    if not mine:
        raise OverrideNotFoundError(f"{attribute} of {party_id} follows the sources.")
    return max(mine)
