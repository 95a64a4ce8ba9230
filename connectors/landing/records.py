"""How records get into landing.record: what is new is copied straight into it, what differs is updated, and what is the same is not sent at
all. One process lands a stream at a time, so what is found to be missing stays missing until it is copied.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from psycopg.errors import UniqueViolation
from sqlalchemy import Connection, func, select, text

from connectors.landing.counts import Place
from connectors.mapping.staged import digest, fitting
from connectors.records import Raw, Unreadable
from sql import queries
from sql.database import copy_rows, rows
from sql.tables import landing

#: One for all: json.dumps would make one for each record. It raises RecursionError for what holds itself.
_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False)

NEW = ("ref", "source", "stream", "key", "payload", "body", "content_hash", "source_updated_at", "deleted_at")
CHANGED = "id bigint, payload json, body bytea, content_hash bytea, source_updated_at timestamptz, deleted boolean"


class Prepared(NamedTuple):
    """A record as it is stored; hash: 16 bytes of payload and body. rival, place: as in connector.Raw."""

    key: str
    payload: str
    body: bytes | None
    hash: bytes
    updated_at: datetime | None
    deleted: bool
    rival: str | None
    place: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the records of a page. added: new ones that live; changed: of those there before; tombstoned: newly deleted."""

    added: int = 0
    changed: int = 0
    tombstoned: int = 0


def prepare(records: Sequence[Raw]) -> tuple[list[Prepared], list[Unreadable]]:
    """The records as they are stored, and what can't be."""
    prepared, unreadable = [], []
    for one in records:
        try:
            payload = _JSON.encode(one.payload)
            if not one.key or fitting(one.key) != one.key:
                raise ValueError("it has no key, or one with a NUL, or one too long to be a key")
        except (ValueError, TypeError, RecursionError) as error:
            raw = repr(one.payload).encode("utf-8", "replace")
            unreadable.append(Unreadable(one.key or digest(raw).hex(), f"can't be stored: {error}", raw))
            continue
        hashed = _hash(payload, one.body)
        prepared.append(Prepared(one.key, payload, one.body, hashed, one.updated_at, one.deleted, one.rival, one.place))
    return prepared, unreadable


def _hash(payload: str, body: bytes | None) -> bytes:
    state = hashlib.blake2b(payload.encode(), digest_size=16)
    if body is not None:
        state.update(b"\0")  # which no payload holds: JSON escapes it
        state.update(body)
    return state.digest()


def write(connection: Connection, place: Place, records: Sequence[Prepared], *, new: bool = False) -> Outcome:
    """Write what differs from what is there, each key once, and queue it for mapping. new: most likely nothing of it is there, so that it
    is copied first, and looked up only where that fails."""
    if not records:
        return Outcome()
    if new:
        try:
            with connection.begin_nested():
                return _add(connection, place, records)
        except UniqueViolation:
            pass
    refs = [f"{place}/{one.key}" for one in records]
    found = {row.key: row for row in rows(connection, queries.find_landed, {"refs": refs})}
    changed = []
    for one in records:
        known = found.get(one.key)
        if known is not None and (known.content_hash != one.hash or known.deleted != one.deleted):
            changed.append((known.id, one))
    added = _add(connection, place, [one for one in records if one.key not in found])
    _update(connection, changed)
    gone = sum(one.deleted for _, one in changed)
    return Outcome(added.added, len(changed) - gone, added.tombstoned + gone)


def _add(connection: Connection, place: Place, new: Sequence[Prepared]) -> Outcome:
    if not new:
        return Outcome()
    source, stream, prefix = place.source, place.stream, f"{place}/"
    last, now = connection.execute(queries.read_last_record).one()
    told = [
        (prefix + one.key, source, stream, one.key, one.payload, one.body, one.hash, one.updated_at, now if one.deleted else None)
        for one in new
    ]
    copy_rows(connection, landing.record, NEW, told)
    connection.execute(queries.queue_added, {**place.names, "last": last})
    gone = sum(one.deleted for one in new)
    return Outcome(len(new) - gone, 0, gone)


def _update(connection: Connection, changed: Sequence[tuple[int, Prepared]]) -> None:
    if not changed:
        return
    connection.execute(text(f"CREATE TEMPORARY TABLE IF NOT EXISTS landed_change ({CHANGED}) ON COMMIT DELETE ROWS"))
    connection.execute(text("DELETE FROM landed_change"))
    columns = ["id", "payload", "body", "content_hash", "source_updated_at", "deleted"]
    told = [(known, one.payload, one.body, one.hash, one.updated_at, one.deleted) for known, one in changed]
    copy_rows(connection, "landed_change", columns, told)
    # The planner knows nothing of a temporary table, and would read all of landing.record.
    connection.execute(text("SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)"))
    connection.execute(queries.update_landed)


def apart(connection: Connection, place: Place, records: Sequence[Prepared]) -> Sequence[Prepared]:
    """Give a record its rival key where its own is taken by another body. First come keeps the key, in the order of the source."""
    contested = [f"{place}/{one.key}" for one in records if one.rival]
    if not contested:
        return records
    table = landing.record
    query = select(table.c.key, func.sha256(table.c.body)).where(table.c.ref.in_(contested))
    holders = {key: bytes(body) for key, body in connection.execute(query) if body is not None}
    settled = []
    for one in records:
        own = hashlib.sha256(one.body or b"").digest()
        taken = one.rival and holders.setdefault(one.key, own) != own
        settled.append(one._replace(key=one.rival) if taken and one.rival else one)
    return settled
