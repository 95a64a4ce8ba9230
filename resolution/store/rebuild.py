"""Profiles, keys and pairs of all records, made anew beside those in use, which they replace in one transaction.

What is being made stands in tables of its own, `identity.next_...`, marked with the version of the model that it is made for. Its profiles
and keys are kept when the work stops, and it goes on after the last of them. Until it is done nobody sees any of it, and everything else
works as before; who changes a record meanwhile puts it on the pending list as ever.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Table, text

from resolution.normalize.features import Index
from resolution.normalize.profile import Profile
from resolution.records import PartyRecord
from resolution.store import records
from resolution.store.pairs import KeptPair
from resolution.store.profiles import profile, to_json
from sql import queries
from sql.database import Database, copy_rows
from sql.tables import identity

DERIVED, WEIGHED = (identity.profile, identity.blocking_key), (identity.pair,)
TABLES = (*DERIVED, *WEIGHED)
#: A row of blocking keys in PostgreSQL's binary form of COPY: the number of columns, and each with its length before it.
_KEY_ROW = np.dtype(
    [
        ("columns", ">i2"),
        *((f"{kind}{n}", type_) for n, size in enumerate((8, 8, 2)) for kind, type_ in (("length", ">i4"), ("value", f">i{size}"))),
    ]
)
_HEADER, _END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


@contextmanager
def alone(database: Database) -> Iterator[None]:
    """Wait until no other process makes everything anew, and keep others from it."""
    with database.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(hashtextextended('rebuild', 0))"))
        connection.commit()
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(hashtextextended('rebuild', 0))"))
            connection.commit()


def begin(connection: Connection, version: str) -> int:
    """Make the tables ready, and say how many live records there are; what was made for this version of the model stays."""
    made_for = connection.scalar(text("SELECT obj_description(to_regclass('identity.next_profile'))"))
    if made_for != version:
        for table in TABLES:
            connection.execute(text(f"DROP TABLE IF EXISTS identity.next_{table.name}"))
            connection.execute(
                text(f"CREATE TABLE identity.next_{table.name} (LIKE identity.{table.name} INCLUDING ALL EXCLUDING INDEXES)")
            )
        connection.exec_driver_sql(f"COMMENT ON TABLE identity.next_profile IS '{version}'")
    connection.execute(text("TRUNCATE identity.next_pair"))
    return records.count(connection).live


def made_chunks(connection: Connection, size: int) -> Iterator[list[Profile]]:
    """The profiles that were made before the work was stopped, in order of their ids."""
    rows = connection.execution_options(yield_per=size).execute(
        text("SELECT record_id, ref, kind, terms::text FROM identity.next_profile ORDER BY record_id")
    )
    for some in rows.partitions():
        yield [profile(*row) for row in some]


def next_records(connection: Connection, after: int, size: int) -> tuple[list[PartyRecord], dict[int, bytes]]:
    """(the next live records by id, their content hashes)."""
    rows = connection.execute(queries.read_record_chunk, {"after": after, "size": size}).all()
    return [PartyRecord(row.id, row.ref, row.source, row.kind, row.attributes) for row in rows], {
        row.id: bytes(row.content_hash) for row in rows
    }


def add_profiles(connection: Connection, made: Iterable[Profile], hashes: Mapping[int, bytes]) -> None:
    rows = ((each.id, each.ref, each.kind, to_json(each.terms), hashes[each.id]) for each in made)
    copy_rows(connection, "identity.next_profile", ("record_id", "ref", "kind", "terms", "content_hash"), rows)


def add_keys(connection: Connection, keys: NDArray[np.int64], records: Index, rules: NDArray[np.integer]) -> None:
    rows = np.empty(len(keys), _KEY_ROW)
    rows["columns"] = 3
    for n, (size, values) in enumerate(((8, keys), (8, records), (2, rules))):
        rows[f"length{n}"], rows[f"value{n}"] = size, values
    driver = connection.connection.driver_connection
    assert driver is not None
    with (
        driver.cursor() as cursor,
        cursor.copy("COPY identity.next_blocking_key (key, record_id, rule) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.write(_HEADER + rows.tobytes() + _END)


def add_pairs(connection: Connection, kept: Iterable[KeptPair], version: str) -> int:
    """Returns how many there were."""
    columns = ("left_id", "right_id", "weight", "probability", "rule", "verdict", "linked", "levels", "model_version")
    rows = (
        (each.left_id, each.right_id, each.weight, each.probability, each.rule, each.verdict, each.linked, to_json(each.levels), version)
        for each in kept
    )
    return copy_rows(connection, "identity.next_pair", columns, rows)


def index(connection: Connection, tables: Iterable[Table]) -> None:
    """Give new tables the indexes that those in use have."""
    for table in tables:
        for name, definition in _indexes(connection, table):
            old, new = f" INDEX {name} ON identity.{table.name} ", f" INDEX IF NOT EXISTS next_{name} ON identity.next_{table.name} "
            connection.exec_driver_sql(definition.replace(old, new))


def outdate_judgements(connection: Connection, at: datetime) -> None:
    """What the language model said of former content of a record stands no longer."""
    connection.execute(queries.outdate_judgements, {"at": at})


def replace(connection: Connection, shared: Sequence[tuple[int, str, str, int]], again: Iterable[int]) -> None:
    """Put the new tables in the place of those in use, and queue what is left to do. shared: (key, meaning, value, records) of identifiers
    that too many records hold; again: records to resolve once more. The caller holds the resolver's lock."""
    records.hold_pending(connection)  # nobody's change gets lost
    connection.execute(queries.queue_rebuilt_records)
    connection.execute(queries.queue_records, {"ids": sorted(again)})
    for table in TABLES:
        indexes = _indexes(connection, table)
        connection.execute(text(f"DROP TABLE identity.{table.name}"))
        connection.execute(text(f"ALTER TABLE identity.next_{table.name} RENAME TO {table.name}"))
        for name, _ in indexes:
            if name == table.primary_key.name:
                connection.execute(text(f"ALTER TABLE identity.{table.name} ADD CONSTRAINT {name} PRIMARY KEY USING INDEX next_{name}"))
            else:
                connection.execute(text(f"ALTER INDEX identity.next_{name} RENAME TO {name}"))
    connection.execute(text("COMMENT ON TABLE identity.profile IS NULL"))
    connection.execute(text("DELETE FROM identity.shared_identifier WHERE NOT by_steward"))
    columns = (list(column) for column in zip(*shared, strict=True)) if shared else ([], [], [], [])
    connection.execute(queries.save_shared_identifiers, dict(zip(("keys", "meanings", "values", "records"), columns, strict=True)))


def list_ungrouped(connection: Connection) -> list[int]:
    """Records whose pairs are as they have to be and whose parties are not yet, in order of their refs."""
    return list(connection.scalars(queries.list_ungrouped_records))


def take_ungrouped(connection: Connection, ids: Sequence[int]) -> dict[int, bool]:
    """Take those of `ids` that are on that list off it; gives for each whether its content is new."""
    return {row.record_id: row.changed for row in connection.execute(queries.take_ungrouped_records, {"ids": list(ids)})}


def drop_ungrouped(connection: Connection, ids: Sequence[int]) -> int:
    """Take those of `ids` off that list whose content is not new; returns how many they were."""
    return connection.execute(queries.drop_ungrouped_records, {"ids": list(ids)}).rowcount


def tidy(database: Database) -> None:
    """Have the database clear away what was replaced and look at what is there now, so that its next plans are good ones."""
    emptied = (identity.pending, identity.ungrouped, identity.membership, identity.party, identity.event)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in (*TABLES, *emptied):
            connection.execute(text(f"VACUUM (ANALYZE) identity.{table.name}"))


def _indexes(connection: Connection, table: Table) -> list[tuple[str, str]]:
    found = connection.execute(
        text("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'identity' AND tablename = :name ORDER BY indexname"),
        {"name": table.name},
    )
    return [(row.indexname, row.indexdef) for row in found]
