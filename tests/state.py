"""What a database holds, without when and under which number: two runs that should agree give equal digests.

Times are left out, and so are generated ids; an id that points at a party record is replaced by the record's ref, one that points at
a landed record by its ref. What is left must be equal to the letter, row by row.
"""

import hashlib
from collections.abc import Iterator

from sqlalchemy import BigInteger, Column, Connection, DateTime, Identity, Select, Table, literal_column, select

from sql.tables import SCHEMAS, landing, metadata, staging

#: The journals of what was run and asked, and the limits of accounts, which differ with every run by their nature.
JOURNALS = {"landing.sync_run", "landing.access_log", "landing.account"}
JOURNALS |= {"governance.audit", "governance.receipt", "governance.api_key", "identity.event"}
RECORD_IDS = {"record_id", "left_id", "right_id"}


def digests(connection: Connection) -> dict[str, str]:
    """Table name -> hash of its rows, in a fixed order."""
    return {name: _digest(connection, query) for name, query in _queries()}


def rows(connection: Connection, name: str) -> list[str]:
    """The compared rows of one table, to see where two states part."""
    return sorted(str(tuple(row)) for row in connection.execute(dict(_queries())[name]))


def versions(connection: Connection) -> dict[str, list[str]]:
    """Table name -> the version (xmin, ctid) of every row: unchanged exactly if no row was written."""
    return {
        f"{table.schema}.{table.name}": [
            str(tuple(row))
            for row in connection.execute(
                select(literal_column("xmin"), literal_column("ctid")).select_from(table).order_by(literal_column("ctid"))
            )
        ]
        for table in metadata.sorted_tables
        if table.schema != "governance" and f"{table.schema}.{table.name}" not in JOURNALS
    }


def _digest(connection: Connection, query: Select[tuple[object, ...]]) -> str:
    content = hashlib.sha256()
    for line in sorted(str(tuple(row)) for row in connection.execute(query)):
        content.update(line.encode())
    return content.hexdigest()


def _queries() -> Iterator[tuple[str, Select[tuple[object, ...]]]]:
    for schema in SCHEMAS:
        for table in metadata.sorted_tables:
            name = f"{table.schema}.{table.name}"
            if table.schema == schema and name not in JOURNALS:
                yield name, _query(table)


def _query(table: Table) -> Select[tuple[object, ...]]:
    columns: list[object] = []
    joined = table
    for column in table.columns:
        if column.name in RECORD_IDS:
            record = staging.party_record.alias()
            joined = joined.outerjoin(record, record.c.id == column)  # type: ignore[assignment]
            columns.append(record.c.ref)
        elif column.name == "landing_id":
            raw = landing.record.alias()
            joined = joined.outerjoin(raw, raw.c.id == column)  # type: ignore[assignment]
            columns.append(raw.c.ref)
        elif not _generated(column):
            columns.append(column)
    return select(*columns).select_from(joined)  # type: ignore[call-overload, no-any-return]


def _generated(column: Column[object]) -> bool:
    """Whether it says when, or is a number given by the database (or points at one)."""
    numbered = isinstance(column.server_default, Identity) or (isinstance(column.type, BigInteger) and column.name.endswith("_id"))
    return numbered or (isinstance(column.type, DateTime) and column.name not in {"occurred_at", "observed_at", "source_updated_at"})
