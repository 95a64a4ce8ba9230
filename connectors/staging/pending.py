"""Mapping: what landed records say, in our words. Repeatable: it reads only `landing` and rewrites only what comes out different.

A batch's pending rows are taken first and its records read after; whoever changes a record meanwhile waits for, or comes after, the commit
that holds both the mapping's output and the consumption of pending. So a change is never lost between the two.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from sqlalchemy import BigInteger, Connection, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from connectors.connector import Connector
from connectors.landing import quarantine
from connectors.landing.counts import Place
from connectors.landing.sync import open_connector
from connectors.mapping import transforms
from connectors.mapping.staged import Mapped, digest
from connectors.records import Landed, Unreadable
from connectors.sources import SourceDeclaration
from connectors.staging import derived, loading
from connectors.texts import reading
from sql import queries
from sql.database import Database, lock
from sql.tables import landing as landing_tables
from sql.tables import staging as staging_tables

BATCH = 1000
BATCH_BYTES = 32 * 1024 * 1024


Progress = Callable[["MappingReport"], None]


@dataclass(frozen=True, slots=True)
class MappingReport:
    """How many records were mapped, and what changed in staging. A second run with nothing pending reports zeros."""

    mapped: int = 0
    quarantined: int = 0
    doubts: int = 0
    parties: int = 0
    activities: int = 0
    documents: int = 0
    claims: int = 0

    def __add__(self, other: "MappingReport") -> "MappingReport":
        return MappingReport(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def map_pending(database: Database, declarations: Sequence[SourceDeclaration], progress: Progress | None = None) -> MappingReport:
    """Map every pending record of the declared sources; a stream whose mapping changed is mapped again whole."""
    connectors = {one.name: open_connector(one) for one in declarations}
    total = MappingReport()
    try:
        with database.begin() as connection:
            lock(connection, "map")
            for declaration in declarations:
                _queue_changed_mappings(connection, declaration, connectors[declaration.name])
        after = 0
        while True:
            with database.begin() as connection:
                lock(connection, "map")
                taken = _take(connection, connectors, after)
                report = _map_batch(connection, connectors, taken) if taken else MappingReport()
            if not taken and not after:
                return total
            # From where the last batch ended: what is taken stays at the beginning of the index until it is vacuumed. Then once more from
            # the beginning, for what was queued behind us.
            after = max(taken, default=0)
            total += report
            if progress and taken:
                progress(total)
    finally:
        for connector in connectors.values():
            connector.close()


def _queue_changed_mappings(connection: Connection, declaration: SourceDeclaration, connector: Connector) -> None:
    table = staging_tables.mapping
    query = select(table.c.stream, table.c.fingerprint).where(table.c.source == declaration.name)
    known = {row.stream: row.fingerprint for row in connection.execute(query)}
    for stream in connector.streams():
        fingerprint = fingerprint_of(declaration, connector, stream.name)
        if known.get(stream.name) == fingerprint:
            continue
        row = upsert(table).values(source=declaration.name, stream=stream.name, fingerprint=fingerprint)
        connection.execute(row.on_conflict_do_update(index_elements=["source", "stream"], set_={"fingerprint": fingerprint}))
        connection.execute(queries.queue_stream_for_mapping, {"source": declaration.name, "stream": stream.name})


def fingerprint_of(declaration: SourceDeclaration, connector: Connector, stream: str) -> str:
    """A digest of all that a stream's mapping depends on, beside the records."""
    own, table = declaration.mapping.get(stream, {}), connector.mapping_table(stream)
    versions = [transforms.VERSION, connector.mapping_version]
    if table == stream:  # without a table it is of mails or files
        versions.append(reading.VERSION)
    return digest(versions, repr(table), own, declaration.own_domains, declaration.own_names).hex()


def _take(connection: Connection, connectors: Mapping[str, Connector], after: int) -> list[int]:
    """Take the next batch of pending records, by their ids, from behind `after` on."""
    limits = {"after": after, "sources": list(connectors), "records": BATCH, "bytes": BATCH_BYTES}
    return [row.landing_id for row in connection.execute(queries.take_pending_records, limits)]


def _map_batch(connection: Connection, connectors: Mapping[str, Connector], taken: Sequence[int]) -> MappingReport:
    """Map one batch in the connection's transaction."""
    table = landing_tables.record
    batch = Batch()
    these = any_(literal(list(taken), ARRAY(BigInteger)))  # one parameter, see quarantine.release
    for row in connection.execute(select(table).where(table.c.id == these).order_by(table.c.id)).all():
        record = Landed(row.ref, row.source, row.stream, row.key, row.payload, row.body, row.source_updated_at)
        batch.add(record, connectors[record.source], deleted=row.deleted_at is not None)
    for record, reason in batch.refused:
        quarantine.put(connection, Place(record.source, record.stream), Unreadable(record.key, reason), "map")
    for (source, stream), keys in batch.clear.items():
        quarantine.release(connection, Place(source, stream), "map", keys)
    written = loading.write(connection, batch.mapped)
    for name, connector in connectors.items():
        if connector.derived_stream:
            changed = derived.derive(connection, name, connector.derived_stream, connector.declaration.own_domains)
            written = replace(written, parties=written.parties + changed)
    return MappingReport(len(batch.mapped), batch.failed, batch.doubts, **asdict(written))


@dataclass(slots=True)
class Batch:
    """What the mapping of a batch came to: `mapped` holds nothing for a deleted record, whose rows go."""

    mapped: list[tuple[Landed, Mapped]] = field(default_factory=list)
    refused: list[tuple[Landed, str]] = field(default_factory=list)
    clear: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    failed: int = 0
    doubts: int = 0

    def add(self, record: Landed, connector: Connector, *, deleted: bool) -> None:
        """Map one record. What can't be mapped keeps the rows it had, and is refused with the reason."""
        try:
            said = Mapped() if deleted else connector.map(record)
        except Exception as error:  # noqa: BLE001  a payload that no longer fits is reported and never stops the others
            self.failed += 1
            self.refused.append((record, f"can't be mapped: {type(error).__name__}: {error}"))
            return
        self.mapped.append((record, said))
        self.doubts += len(said.doubts)
        if said.doubts:
            self.refused.append((record, "; ".join(said.doubts)))
        else:
            self.clear.setdefault((record.source, record.stream), []).append(record.key)
