"""The audit chain: every change has a row, sealed by a hash over its content and the hash of the row before.

Rows are added one at a time under a lock that is held until the caller's transaction ends, so `sequence` has no gap and the
row exists exactly if the change does.
"""

import hashlib
import json
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from sql.database import lock
from sql.tables import governance

GENESIS = bytes(32)

#: The id of the request that is being answered, if one is; a thread that works for the request has it too.
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened: who did what to which subject, because of which request."""

    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
    request_id: str | None = field(default_factory=request_id.get)


def append(connection: Connection, entry: Entry) -> int:
    """Add an entry in the connection's transaction; returns its sequence number."""
    lock(connection, "audit")
    table = governance.audit
    last = connection.execute(select(table.c.sequence, table.c.hash).order_by(table.c.sequence.desc()).limit(1)).one_or_none()
    sequence, previous = (last.sequence + 1, last.hash) if last else (1, GENESIS)
    at = datetime.now(UTC)
    connection.execute(
        insert(table).values(
            sequence=sequence,
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            detail=entry.detail,
            request_id=entry.request_id,
            previous_hash=previous,
            hash=seal(previous, sequence, at, entry),
            occurred_at=at,
        )
    )
    return int(sequence)


def seal(previous: bytes, sequence: int, at: datetime, entry: Entry) -> bytes:
    """SHA-256 over the previous hash and the entry as canonical JSON."""
    content = [sequence, at.astimezone(UTC).isoformat(), entry.actor, entry.action, entry.subject, entry.detail, entry.request_id]
    return hashlib.sha256(previous + json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()).digest()


def verify(connection: Connection) -> Iterator[str]:
    """Yield a line for each row that breaks the chain: changed, removed or put in. None means the chain is whole."""
    previous, expected = GENESIS, 1
    query = select(governance.audit).order_by(governance.audit.c.sequence)
    with connection.execute(query, execution_options={"yield_per": 1000}) as rows:
        for row in rows:
            if row.sequence != expected:
                yield f"audit row {expected} is missing: the next one is {row.sequence}"
            entry = Entry(row.actor, row.action, row.subject, row.detail, row.request_id)
            if row.previous_hash != previous:
                yield f"audit row {row.sequence} does not follow the row before it"
            if row.hash != seal(row.previous_hash, row.sequence, row.occurred_at, entry):
                yield f"audit row {row.sequence} was changed after it was written"
            previous, expected = row.hash, row.sequence + 1
