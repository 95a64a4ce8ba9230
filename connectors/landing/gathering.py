"""Small pages are landed together: a commit for each hundred records would cost more than the records."""

import time
from collections.abc import Iterable, Iterator, Sequence

from connectors.connector import Page

#: What is landed at once, unless that would keep what was read from being committed for so many seconds.
ROWS = 2000
BYTES = 16 * 1024 * 1024
SECONDS = 1.0


def gathered(pages: Iterable[Page]) -> Iterator[Sequence[Page]]:
    """The pages in order, some at a time. Where the source fails, what was read before comes first."""
    held: list[Page] = []
    rows, size, began = 0, 0, time.monotonic()
    try:
        for page in pages:
            if page.gone and held:  # said of the places before its own records, and after those
                yield held
                held, rows, size, began = [], 0, 0, time.monotonic()
            held.append(page)
            rows += len(page.records) + len(page.unreadable)
            size += sum(len(one.body) for one in page.records if one.body)
            if rows >= ROWS or size >= BYTES or time.monotonic() - began >= SECONDS:
                yield held
                held, rows, size, began = [], 0, 0, time.monotonic()
    except Exception:
        if held:
            yield held
        raise
    if held:
        yield held


def joined(pages: Sequence[Page]) -> Page:
    """The pages as one, with the position of the last."""
    if len(pages) == 1:
        return pages[0]
    records = [one for page in pages for one in page.records]
    return Page(records, pages[-1].position, [one for page in pages for one in page.unreadable], pages[0].gone)
