"""Made people as party records in staging, as a mapping leaves them: a floor for the resolver to stand on without any source."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
from psycopg.types.json import Jsonb
from sqlalchemy import text

from made.people import Row
from sql.database import Database, copy_rows

COLUMNS = ("ref", "source", "stream", "key", "kind", "attributes", "content_hash")


def rows(made: pa.Table) -> list[Row]:
    """The table's rows, '' where nothing is told."""
    return [{name: "" if value is None else str(value) for name, value in row.items()} for row in made.to_pylist()]


def attributes(row: Row) -> dict[str, list[Any]]:
    """A row of a file of people in the words of resolution.records."""
    plain = {
        "given_name": row["first_name"],
        "family_name": row["last_name"],
        "birth_date": row["birth_date"],
        "email": row["email"],
        "phone": row["phone"],
    }
    address = {part: row[part] for part in ("street", "city", "postcode") if row[part]}
    return {name: [value] for name, value in plain.items() if value} | ({"address": [address]} if address else {})


def load(database: Database, made: pa.Table) -> None:
    """All of them, new and pending, in an empty database."""
    with database.begin() as connection:
        copy_rows(connection, "staging.party_record", COLUMNS, _records(made))
        connection.execute(text("insert into identity.pending select id from staging.party_record"))


def add(database: Database, new: Sequence[Row]) -> None:
    """These too, new and pending."""
    statement = text("""
        with added as (
            insert into staging.party_record (ref, source, stream, key, kind, attributes, content_hash)
            values (:ref, :source, :stream, :key, :kind, cast(:attributes as jsonb), :content_hash) returning id
        )
        insert into identity.pending select id from added
    """)
    with database.begin() as connection:
        connection.execute(statement, [_named(row) for row in new])


def change(database: Database, changed: Sequence[Row]) -> None:
    """Bring the records of these rows to what the rows now say, and make them pending."""
    statement = text("""
        with changed as (
            update staging.party_record set attributes = cast(:attributes as jsonb), content_hash = :content_hash, changed_at = now()
            where ref = :ref returning id
        )
        insert into identity.pending select id from changed on conflict do nothing
    """)
    with database.begin() as connection:
        connection.execute(statement, [_named(row) for row in changed])


def _records(made: pa.Table) -> Iterator[tuple[Any, ...]]:
    for batch in made.to_batches(50_000):
        yield from (_record(row) for row in rows(pa.Table.from_batches([batch])))


def _record(row: Row) -> tuple[Any, ...]:
    said, key = attributes(row), row["record_id"]
    digest = hashlib.blake2b(json.dumps(said, sort_keys=True).encode(), digest_size=16).digest()
    return f"crm/contacts/{key}", "crm", "contacts", key, "person", Jsonb(said), digest


def _named(row: Row) -> dict[str, Any]:
    record = dict(zip(COLUMNS, _record(row), strict=True))
    return record | {"attributes": json.dumps(record["attributes"].obj)}
