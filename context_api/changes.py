"""The feed of what happened to parties, as far as a caller may know of it.

It misses nothing: see `resolution.store.identity` on the order of its numbers.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from context_api.access import Access


def visible(events: Sequence[Row[Any]], access: Access) -> tuple[list[Row[Any]], dict[str, int]]:
    """The events whose record the caller may know of, and how many others there are for each missing scope."""
    shown, withheld = [], Counter[str]()
    for event in events:
        missing = access.withheld_for(event.record_ref.partition("/")[0], "internal") if event.record_ref else None
        if missing is None:
            shown.append(event)
        else:
            withheld[missing] += 1
    return shown, dict(withheld)
