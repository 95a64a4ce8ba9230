"""The feed of what happened to parties, as far as a caller may know of it.

It misses nothing: see `resolution.store.identity` on the order of its numbers.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from context_api.access import Access
from context_api.context.store import reading
from context_api.parties import USUAL_CLASS


async def visible(connection: AsyncConnection, events: Sequence[Row[Any]], access: Access) -> tuple[list[Row[Any]], dict[str, int]]:
    """The events whose record and parties the caller may know of, and how many others there are for each missing scope."""
    named = {party_id for event in events for party_id in (event.party_id, event.other_party_id) if party_id}
    known = await reading.known(connection, named, access)
    shown, withheld = [], Counter[str]()
    for event in events:
        source = event.record_ref.partition("/")[0] if event.record_ref else "*"
        if event.record_ref and (missing := access.withheld_for(source, USUAL_CLASS)):
            withheld[missing] += 1
        elif not {event.party_id, event.other_party_id} - {None} <= known:
            withheld[access.withheld_for("*", USUAL_CLASS) or "source:*"] += 1
        else:
            shown.append(event)
    return shown, dict(withheld)
