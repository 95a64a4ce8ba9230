"""Made people as party records in staging, as a mapping leaves them: a floor for the resolver to stand on without any source."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from made.people import Row
from psycopg.types.json import Jsonb
from sqlalchemy import text

from sql.database import Database, copy_rows

COLUMNS = ("ref", "source", "stream", "key", "kind", "attributes", "content_hash")


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


def load(database: Database, rows: Sequence[Row]) -> None:
    """All of them, new and pending."""
    with database.begin() as connection:
        copy_rows(connection, "staging.party_record", COLUMNS, [_record(row) for row in rows])
        connection.execute(text("insert into identity.pending select id from staging.party_record"))


def change(database: Database, rows: Sequence[Row]) -> None:
    """Bring the records of these rows to what the rows now say, and make them pending."""
    statement = text("""
        with changed as (
            update staging.party_record set attributes = cast(:attributes as jsonb), content_hash = :hash, changed_at = now()
            where ref = :ref returning id
        )
        insert into identity.pending select id from changed on conflict do nothing
    """)
    with database.begin() as connection:
        connection.execute(statement, [{"ref": one[0], "attributes": json.dumps(one[5].obj), "hash": one[6]} for one in map(_record, rows)])


def _record(row: Row) -> tuple[Any, ...]:
    said, key = attributes(row), row["record_id"]
    digest = hashlib.blake2b(json.dumps(said, sort_keys=True).encode(), digest_size=16).digest()
    return f"crm/contacts/{key}", "crm", "contacts", key, "person", Jsonb(said), digest
