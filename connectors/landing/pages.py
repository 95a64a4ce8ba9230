"""Landing a page: its records, position, counts and pending work are committed together, or not at all.

Landing is idempotent. A record is written where its content or its being deleted differs from what is there, and not otherwise; so a page
that is read twice, after a crash or within a lookback, writes nothing the second time.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, any_, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.dialects.postgresql import insert as upsert

from connectors.connector import Page, Position, Raw, Unreadable
from connectors.landing import drift, places
from connectors.mapping.staged import clean, digest, fitting
from sql import queries
from sql.database import copy_rows
from sql.tables import landing

QUARANTINE_BYTES = 1024 * 1024

#: One for all: json.dumps would make one for each record. It raises RecursionError for what holds itself.
_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False)

#: As many elements of a list as drift looks at.
_LISTED = 20

#: A page is looked up by the indexes. The planner knows nothing of a temporary table and would read all of landing.record for each page.
_BY_INDEX = text("SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)")


@dataclass(frozen=True, slots=True)
class Place:
    """The stream that is landed, and the run that lands it."""

    source: str
    stream: str
    run_id: int

    def ref(self, key: str) -> str:
        return f"{self.source}/{self.stream}/{key}"


@dataclass(frozen=True, slots=True)
class Counts:
    """What a page, or a whole run, came to."""

    pages: int = 0
    fetched: int = 0
    written: int = 0
    unchanged: int = 0
    tombstoned: int = 0
    quarantined: int = 0
    drift: tuple[str, ...] = ()

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def land(connection: Connection, place: Place, page: Page) -> Counts:
    """Land the page in the connection's transaction; the caller commits."""
    records = _apart(connection, place, page.records)
    rows, unreadable = _rows(records)
    unreadable = [*page.unreadable, *unreadable]
    written, tombstoned = _write(connection, place, rows)
    places.note(connection, (place.source, place.stream), page.gone, [(one.place, one.key) for one in records if one.place])
    for one in unreadable:
        quarantine(connection, place.source, place.stream, one)
    if rows:
        release(connection, place.source, place.stream, "pull", [row[0] for row in rows])
    fetched = len(page.records) + len(page.unreadable)
    counts = Counts(1, fetched, written, len(rows) - written - tombstoned, tombstoned, len(unreadable))
    counts += Counts(drift=drift.note(connection, place.source, place.stream, _distinct_shapes(page.records)))
    remember(connection, place, page.position)
    count(connection, place, counts)
    return counts


def load_present(connection: Connection, place: Place, present: Sequence[str]) -> int:
    """Load the keys that the source lists, for this transaction; returns how many living records it lacks."""
    _temporary(connection, "present_key", "key text primary key")
    copy_rows(connection, "present_key", ["key"], [(key,) for key in dict.fromkeys(fitting(key) for key in present)])
    return int(connection.execute(queries.count_missing, {"source": place.source, "stream": place.stream}).scalar_one())


def tombstone_missing(connection: Connection, place: Place) -> int:
    """Mark as deleted what is not among the loaded keys; returns how many."""
    gone = int(connection.execute(queries.tombstone_missing, {"source": place.source, "stream": place.stream}).scalar_one())
    count(connection, place, Counts(tombstoned=gone))
    return gone


def living(connection: Connection, place: Place) -> int:
    """How many records of the stream are not deleted."""
    table = landing.record
    query = select(func.count()).where(table.c.source == place.source, table.c.stream == place.stream, table.c.deleted_at.is_(None))
    return int(connection.execute(query).scalar_one())


def position(connection: Connection, source: str, stream: str) -> Position | None:
    """Where the last committed page ended."""
    table = landing.cursor
    found = connection.execute(select(table.c.position).where(table.c.source == source, table.c.stream == stream)).scalar_one_or_none()
    return dict(found) if found is not None else None


def remember(connection: Connection, place: Place, reached: Position) -> None:
    table = landing.cursor
    row = upsert(table).values(source=place.source, stream=place.stream, position=dict(reached))
    connection.execute(
        row.on_conflict_do_update(
            index_elements=["source", "stream"],
            set_={"position": row.excluded.position, "updated_at": func.now()},
            where=table.c.position.is_distinct_from(row.excluded.position),
        )
    )


def count(connection: Connection, place: Place, counts: Counts) -> None:
    table = landing.sync_run
    names = ("pages", "fetched", "written", "unchanged", "tombstoned", "quarantined")
    added = {name: table.c[name] + getattr(counts, name) for name in names if getattr(counts, name)}
    if added:
        connection.execute(update(table).where(table.c.id == place.run_id).values(added))


def quarantine(connection: Connection, source: str, stream: str, one: Unreadable, stage: str = "pull") -> None:
    """Keep what can't be read, with the reason. The same again, while it is open, writes nothing."""
    table = landing.quarantine
    raw = one.raw[:QUARANTINE_BYTES] or None
    row = upsert(table).values(
        source=source, stream=stream, key=fitting(one.key) or digest(one.raw).hex(), stage=stage, reason=clean(one.reason), raw=raw
    )
    changed = (
        table.c.reason.is_distinct_from(row.excluded.reason)
        | table.c.raw.is_distinct_from(row.excluded.raw)
        | table.c.resolved_at.is_not(None)
    )
    connection.execute(
        row.on_conflict_do_update(
            index_elements=["source", "stream", "key", "stage"],
            set_={
                "reason": row.excluded.reason,
                "raw": row.excluded.raw,
                "attempts": table.c.attempts + 1,
                "last_at": func.now(),
                "resolved_at": None,
            },
            where=changed,
        )
    )


def release(connection: Connection, source: str, stream: str, stage: str, keys: Sequence[str]) -> None:
    """What was in quarantine has been read after all."""
    table = landing.quarantine
    here = (table.c.source == source, table.c.stream == stream, table.c.stage == stage, table.c.resolved_at.is_(None))
    listed = any_(literal(list(keys), ARRAY(TEXT)))  # one parameter: a thousand of them take longer to write out than to look up
    connection.execute(update(table).where(*here, table.c.key == listed).values(resolved_at=func.now()))


def _apart(connection: Connection, place: Place, records: Sequence[Raw]) -> Sequence[Raw]:
    """Give a record its rival key where its own is taken by another body. First come keeps the key, in the order of the source."""
    contested = [one for one in records if one.rival]
    if not contested:
        return records
    table = landing.record
    query = select(table.c.key, func.sha256(table.c.body)).where(table.c.ref.in_([place.ref(one.key) for one in contested]))
    holders = {key: bytes(body) for key, body in connection.execute(query) if body is not None}
    settled = []
    for one in records:
        own = hashlib.sha256(one.body or b"").digest()
        if one.rival and holders.setdefault(one.key, own) != own:
            one = replace(one, key=one.rival, rival=None)
        settled.append(one)
    return settled


def _distinct_shapes(records: Sequence[Raw]) -> list[Any]:
    """The first payload of each shape: the others tell drift nothing, and to write out all their paths takes half the time of a load."""
    first: dict[Any, Any] = {}
    for one in records:
        first.setdefault(_outline(one.payload, drift.DEPTH), one.payload)
    return list(first.values())


def _outline(value: Any, depth: int) -> Any:
    """Equal for payloads whose keys and types are equal so far down. Lists differ by the outlines that they hold."""
    if isinstance(value, dict) and depth:
        return dict, tuple(value), tuple([_outline(one, depth - 1) for one in value.values()])
    if isinstance(value, list) and depth:
        return list, tuple(dict.fromkeys([_outline(one, depth - 1) for one in value[:_LISTED]]))
    return type(value)


def _rows(records: Sequence[Raw]) -> tuple[list[tuple[Any, ...]], list[Unreadable]]:
    """Rows to load, one for each key (a later one of the same page wins), and what can't be stored."""
    rows: dict[str, tuple[Any, ...]] = {}
    unreadable = []
    for one in records:
        try:
            payload = _JSON.encode(one.payload)
            if not one.key or fitting(one.key) != one.key:
                raise ValueError("it has no key, or one with a NUL, or one too long to be a key")
        except (ValueError, TypeError, RecursionError) as error:
            raw = repr(one.payload).encode("utf-8", "replace")
            unreadable.append(Unreadable(one.key or digest(raw).hex(), f"can't be stored: {error}", raw))
            continue
        rows.pop(one.key, None)
        rows[one.key] = (one.key, payload, one.body, digest(payload.encode(), one.body or b""), one.updated_at, one.deleted)
    return list(rows.values()), unreadable


def _write(connection: Connection, place: Place, rows: Sequence[tuple[Any, ...]]) -> tuple[int, int]:
    """(records written alive, records newly tombstoned)."""
    if not rows:
        return 0, 0
    columns = "key text, payload json, body bytea, content_hash bytea, source_updated_at timestamptz, deleted boolean"
    _temporary(connection, "landing_page", columns)
    copy_rows(connection, "landing_page", ["key", "payload", "body", "content_hash", "source_updated_at", "deleted"], rows)
    connection.execute(_BY_INDEX)
    found = connection.execute(queries.land_page, {"source": place.source, "stream": place.stream}).one()
    return int(found.written), int(found.tombstoned)


def _temporary(connection: Connection, name: str, columns: str) -> None:
    connection.execute(text(f"CREATE TEMPORARY TABLE IF NOT EXISTS {name} ({columns}) ON COMMIT DELETE ROWS"))


def declare(connection: Connection, name: str, values: Mapping[str, Any]) -> None:
    """Write the source as it is declared, where that changed."""
    table = landing.source
    row = upsert(table).values(name=name, **values)
    changed = None
    for key in values:
        differs = table.c[key].is_distinct_from(row.excluded[key])
        changed = differs if changed is None else changed | differs
    connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={key: row.excluded[key] for key in values}, where=changed))
