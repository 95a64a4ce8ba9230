"""The shape of a stream's payloads: path -> types seen. A new path or another type after the first page is drift, and is reported.

The shape only grows, so it is the same whatever order the records came in.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from connectors.mapping.staged import clean
from sql.tables import landing

MOST_PATHS = 2000
DEPTH = 4

TYPES = {bool: "boolean", int: "number", float: "number", str: "text"}


def note(connection: Connection, source: str, stream: str, payloads: Sequence[Any]) -> tuple[str, ...]:
    """Add the payloads' shape to what is known of the stream; returns a line for each drift."""
    table = landing.schema_fingerprint
    known = connection.execute(select(table.c.fields).where(table.c.source == source, table.c.stream == stream)).scalar_one_or_none()
    fields, lines = widen(known or {}, payloads)
    if fields == (known or {}):
        return ()
    row = upsert(table).values(source=source, stream=stream, fields=fields)
    connection.execute(
        row.on_conflict_do_update(index_elements=["source", "stream"], set_={"fields": row.excluded.fields, "changed_at": func.now()})
    )
    return tuple(lines) if known else ()


def widen(known: dict[str, str], payloads: Sequence[Any]) -> tuple[dict[str, str], list[str]]:
    """(the shape with the payloads' added, a line for each path that is new or has a new type)."""
    fields, lines = dict(known), []
    for payload in payloads:
        for path, kind in shape(payload):
            before = fields.get(path)
            if before is None and len(fields) < MOST_PATHS:
                fields[path] = kind
                lines.append(f"{path} is new ({kind})")
            elif before is not None and kind not in before.split("|"):
                fields[path] = "|".join(sorted([*before.split("|"), kind]))
                lines.append(f"{path} was {before}, is also {kind}")
    return fields, lines


def shape(payload: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Paths and types in a payload; null says nothing, and an element of a list goes under `[]`."""
    if payload is None:
        return
    if isinstance(payload, dict) and depth < DEPTH:
        for key, value in payload.items():
            yield from shape(value, f"{path}.{clean(str(key))[:120]}" if path else clean(str(key))[:120], depth + 1)
    elif isinstance(payload, list) and depth < DEPTH:
        for value in payload[:20]:
            yield from shape(value, f"{path}[]", depth + 1)
    else:
        yield path, TYPES.get(type(payload), "list" if isinstance(payload, list) else "object")
