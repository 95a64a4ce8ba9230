"""What hangs on a party, as the API and the console show it: its sources, its timeline, its relations, the crosswalk.

Each takes the caller's `Access`: what it may not see is counted by the scope that is missing, and is in no other way told.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from context_api.access import Access
from context_api.context import facts, links
from context_api.context.store.reading import membership_of, visibility
from sql import queries


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list in order, the key after which the next page begins (None: no more), and what was withheld from the whole list."""

    rows: list[dict[str, Any]]
    next: tuple[Any, ...] | None
    withheld: Counter[str] = field(default_factory=Counter)


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
        attributes, unseen = facts.attributes_seen(row["kind"], row["source"], row["attributes"], access)
        withheld.update(unseen)
        shown.append({**row, "attributes": attributes})
    return Page(shown, None, withheld)


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
