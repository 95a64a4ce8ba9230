"""Pending work and party records, as the resolver reads them.

A record is taken off the pending list only while its row in staging is locked against change, so that a change made at the same moment
is never lost: either it is read here, or it puts the record on the list again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select, text

from resolution.records import PartyRecord
from sql import queries
from sql.database import rows
from sql.tables import staging


@dataclass(frozen=True, slots=True)
class Batch:
    """Party records to resolve: those that live, and the ids of those that are deleted or gone altogether.

    refs and hashes: the ref and content hash of each record that has a row.
    """

    live: list[PartyRecord] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    refs: dict[int, str] = field(default_factory=dict)
    hashes: dict[int, bytes] = field(default_factory=dict)

    @property
    def ids(self) -> list[int]:
        return [record.id for record in self.live] + self.gone


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records are pending, and how many live."""

    waiting: int
    live: int


def count(connection: Connection) -> Counts:
    row = connection.execute(queries.count_records).one()
    return Counts(row.waiting, row.live)


def list_pending(connection: Connection) -> list[int]:
    """Ids of all pending records, in order of their refs."""
    return list(connection.scalars(queries.list_pending_records))


def take_pending(connection: Connection, ids: Sequence[int]) -> Batch:
    """Take those of `ids` that are pending off the list; a record that somebody is changing at this moment stays on it."""
    return batch_of(ids, rows(connection, queries.take_waiting_records, {"ids": list(ids)}))


def batch_of(ids: Sequence[int], taken: Iterable[Any]) -> Batch:
    """Those of `ids` that were taken off the list, from rows of take_waiting_records."""
    found = {row.id: row for row in taken}
    return _batch([record_id for record_id in ids if record_id in found], found)


def read(connection: Connection, ids: Iterable[int]) -> Batch:
    """The records as committed, pending or not."""
    wanted = sorted(ids)
    return _batch(wanted, {row.id: row for row in rows(connection, queries.read_party_records, {"ids": wanted})})


def ids_of(connection: Connection, refs: Sequence[str]) -> dict[str, int]:
    """Ids of live party records by ref; unknown and deleted ones are left out."""
    record = staging.party_record
    found = connection.execute(select(record.c.ref, record.c.id).where(record.c.ref.in_(refs), record.c.deleted_at.is_(None)))
    return {row.ref: row.id for row in found}


def hold_pending(connection: Connection) -> None:
    """Wait for those who put records on the list, and let nobody else at it until the transaction ends. Who puts all records there without
    it may meet one who puts some in another order, and both wait for ever; so would who has taken records off the list before."""
    connection.execute(text("LOCK TABLE identity.pending IN SHARE ROW EXCLUSIVE MODE"))


def mark_all_pending(connection: Connection) -> None:
    hold_pending(connection)
    connection.execute(queries.mark_all_records_pending)


def mark_golden_pending(connection: Connection, party_ids: Iterable[str]) -> None:
    """Golden records of these parties are to be built again."""
    if wanted := sorted(set(party_ids)):
        connection.execute(queries.mark_golden_pending, {"party_ids": wanted})


def _batch(ids: Sequence[int], found: dict[int, Any]) -> Batch:
    kept = [found[record_id] for record_id in ids if record_id in found and found[record_id].live]
    live = [PartyRecord(row.id, row.ref, row.source, row.kind, row.attributes) for row in kept]
    alive = {record.id for record in live}
    refs = {record_id: row.ref for record_id, row in found.items() if row.ref is not None}
    return Batch(live, [record_id for record_id in ids if record_id not in alive], refs, {row.id: bytes(row.content_hash) for row in kept})
