"""What the worlds of files share: an item is a file, its name the first line."""

from typing import Any

from tests.integration.conformance.world import Item, Shelf

#: Longer than an answer that the door takes for the same by chance.
PADDING = "x" * 300

HUGE = 10**12

NO_SCHEMA = {"drift": "what is landed of a file is the connector's own words: a source of files has no schema"}


def path_of(item: Item, shelf: Shelf) -> str:
    """In folders of a thousand; of a type that has no text where there are many, so that they are listed alone."""
    number = int(item.key)
    return f"folder {number // 1000:03}/Grüße+{number:06}.{'dwg' if len(shelf.items) > 10_000 else 'md'}"


def number_of(path: str) -> str:
    return str(int(path.rpartition("+")[2].partition(".")[0]))


def content_of(item: Item) -> bytes:
    return f"{item.name}\n\n{item.change} {PADDING}".encode()


def size_of(item: Item) -> int:
    """A poisoned one is larger than may be."""
    return HUGE if item.poison else len(content_of(item))


def name_in(payload: Any, body: bytes | None) -> str:
    return (body or b"").decode().partition("\n")[0]
