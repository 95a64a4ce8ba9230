"""What the worlds of declared APIs share: how an item looks, how a cursor goes on, and how what it is made of is mapped."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any

from tests.integration.conformance.world import Item

MAPPING = """
[source.mapping.customers]
kind = "organization"
name = "name"
observed_at = "updated_at"
"""


def told(item: Item) -> dict[str, Any]:
    """As the API tells it; a poisoned one has no id."""
    whole = {"id": item.key, "name": item.name, "updated_at": written(item)}
    return {"name": item.name} if item.poison else {**whole, **item.extra}


def written(item: Item) -> str:
    return item.at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def part(items: Sequence[Item], since: str | None, cursor: str | None, limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """So many of the items, by time of change, with the cursor to go on from: it names the last of them."""
    start = bisect_left(items, since or "", key=written)
    if cursor:
        start = bisect_right(items, cursor, key=named)
    found = items[start : start + limit]
    return [told(one) for one in found], named(found[-1]) if start + limit < len(items) else None


def named(item: Item) -> str:
    return f"{written(item)}/{int(item.key):09}"
