"""Whatever is in a table, dedupe gives each record once or an error in words, and the same whatever the order of rows."""

import csv
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.dedupe import DedupeError, Options, dedupe

HEADINGS = ("id", "name", "first name", "Company", "email", "phone", "DOB", "address", "city", "type", "website", "vat", "c1", "c2")
NAMES = st.sampled_from(["Bob Smith", "Smith, Robert", "Acme Tools GmbH", "Person", "Company", "ÄÖ", "東京", "'", "\x00", "x" * 600])
CONTACTS = st.sampled_from(["bob@gmail.com", "info@acme.de", "+49 40 123456", "www.acme.de", "12 Main St", "12 Main St, Leeds LS1 1AA"])
CODES = st.sampled_from(["DE136695976", "1990-01-02", "-1.5", "0", "NULL", "", " "])
VALUES = st.none() | NAMES | CONTACTS | CODES | st.text(max_size=6)
TABLES = st.lists(st.sampled_from(HEADINGS), min_size=1, max_size=6, unique=True).flatmap(
    lambda names: st.lists(st.fixed_dictionaries(dict.fromkeys(names, VALUES)), max_size=30)
)


def groups(rows: list[dict[str, str | None]], folder: Path) -> dict[str, str] | None:
    columns = ["key", *sorted(set().union(*rows) - {"key"})]
    table = pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in columns})
    pq.write_table(table, folder / "any.parquet")
    try:
        dedupe(folder / "any.parquet", folder / "out.csv", Options(id_column="key"))
    except DedupeError:
        return None
    with (folder / "out.csv").open(newline="", encoding="utf-8") as out:
        return {row["record_id"]: row["entity_id"] for row in csv.DictReader(out)}


@settings(max_examples=25)
@given(TABLES)
def test_each_record_comes_out_once_and_the_order_of_rows_changes_nothing(rows: list[dict[str, str | None]]) -> None:
    named = [{"key": f"r{place}"} | row for place, row in enumerate(rows)]
    with tempfile.TemporaryDirectory() as folder:
        found, turned = groups(named, Path(folder)), groups(named[::-1], Path(folder))
    if named:
        assert found is not None
        assert set(found) == {row["key"] for row in named}
        assert set(found.values()) <= set(found)
        assert found == turned
