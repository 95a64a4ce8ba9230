"""Files of rows by their connector: from a file on day one to party records, and again when the export is repeated."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet
from sqlalchemy import select

from connectors import sources
from connectors.check import check
from connectors.errors import ConnectorError, NotFoundError, PermissionDeniedError
from connectors.landing.sync import open_connector, streams_of, sync_stream
from connectors.sources import SourceDeclaration
from connectors.staging.pending import map_pending
from sql.database import Database
from sql.tables import staging
from tests.integration.forbidding import forbidding
from tests.integration.streams import sync_source


def declared(path: Path, more: str = "") -> SourceDeclaration:
    (declaration,) = sources.parse(f'[[source]]\nname = "exports"\nkind = "csv"\npath = "{path}"\n{more}')
    return declaration


def parties(database: Database) -> dict[str, Any]:
    table = staging.party_record
    with database.begin() as connection:
        return {row.ref: (row.kind, row.attributes) for row in connection.execute(select(table).where(table.c.deleted_at.is_(None)))}


def test_each_file_of_a_folder_is_a_stream_and_its_rows_are_parties(database: Database, tmp_path: Path) -> None:
    (tmp_path / "Kunden.csv").write_bytes("Nummer;Firma;USt-ID;Ort\n1;Krämer GmbH;DE1;Köln\n".encode("cp1252"))
    (tmp_path / "contacts.tsv").write_bytes("\ufeffid\tfirst name\tlast name\temail\n7\tAnna\tBerg\tA@x.de\n".encode())
    declaration = declared(tmp_path)
    assert streams_of(declaration) == ("kunden", "contacts")
    sync_source(database, declaration)
    map_pending(database, [declaration])
    assert parties(database) == {
        "exports/kunden/1": ("organization", {"name": ["Krämer GmbH"], "vat": ["DE1"], "address": [{"city": "Köln"}]}),
        "exports/contacts/7": ("person", {"given_name": ["Anna"], "family_name": ["Berg"], "email": ["a@x.de"]}),
    }


def test_a_repeated_export_changes_what_changed_and_deletes_what_is_gone(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("id,name\n1,A\n2,B\n")
    declaration = declared(path)
    sync_stream(database, declaration, "c")
    assert sync_stream(database, declaration, "c").counts.fetched == 0
    path.write_text("id,name\n1,A\n3,C\n")
    report = sync_stream(database, declaration, "c")
    assert (report.counts.written, report.counts.unchanged, report.counts.tombstoned) == (1, 1, 1)


def test_a_declaration_says_what_columns_mean(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("Nr,Bezeichnung,Betreuer\n1,Krämer,Tom\n")
    more = (
        'id_column = "Nr"\nkind_of_rows = "organization"\ncolumns = { "Bezeichnung" = "name", "Nr" = "key:erp", "Betreuer" = "ignore" }\n'
    )
    declaration = declared(path, more)
    sync_source(database, declaration)
    map_pending(database, [declaration])
    assert parties(database) == {"exports/c/1": ("organization", {"name": ["Krämer"], "key:erp": ["1"]})}


def test_check_and_sync_say_what_is_missing(database: Database, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("id,name\n1,A\n")
    assert check(declared(tmp_path)).line == f"{tmp_path} holds 1 files: c; streams: c"
    finding = check(declared(tmp_path, 'columns = { "Name" = "name" }\n'))
    assert "c has no column 'Name'; it has id, name" in finding.line
    missing = declared(tmp_path / "none")
    assert "there is no folder" in check(missing).line
    with pytest.raises(NotFoundError):
        sync_stream(database, missing, "none")


def test_another_id_column_gives_the_rows_other_keys_and_loses_none(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("id,code,name\n1,a,Acme\n2,b,Borg\n")
    for column, keys in (("id", {"1", "2"}), ("code", {"a", "b"})):
        declaration = declared(path, f'id_column = "{column}"')
        sync_stream(database, declaration, "c")
        map_pending(database, [declaration])
        assert {ref.rsplit("/", 1)[1] for ref in parties(database)} == keys


def test_json_lines_and_parquet_are_read_as_csv_is(database: Database, tmp_path: Path) -> None:
    lines = [
        '{"id": 1, "name": "Ann Lee", "email": "ann@x.example", "vip": true}',
        "{broken",
        '{"id": 2, "name": null, "company": "Borg Ltd"}',
    ]
    (tmp_path / "people.jsonl").write_text("\n".join(lines))
    rows = [{"id": 7, "company": "Acme GmbH", "since": date(2026, 2, 3), "limit": Decimal("10.50")}, {"id": 8, "company": "Borg Ltd"}]
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "companies.parquet")
    declaration = declared(tmp_path)
    reports = {one.stream: one.counts for one in sync_source(database, declaration)}
    assert (reports["people"].written, reports["people"].quarantined, reports["companies"].written) == (2, 1, 2)
    map_pending(database, [declaration])
    found = parties(database)
    assert found["exports/people/1"] == ("unknown", {"name": ["Ann Lee"], "email": ["ann@x.example"], "vip": ["true"]})
    assert found["exports/companies/7"] == ("organization", {"name": ["Acme GmbH"], "since": ["2026-02-03"], "limit": ["10.50"]})
    assert found["exports/companies/8"] == ("organization", {"name": ["Borg Ltd"]})


def test_a_file_whose_rows_are_orders_is_mapped_as_declared(database: Database, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("Nr;Kunde;Datum;Betrag\nA-1;17;03.02.2026;1.234,50\n")
    more = """
[source.mapping.orders]
kind = "order"
title = "Nr"
occurred_at = ["Datum", "moment:de"]
amount = ["Betrag", "decimal:de"]
links.customer = { path = "Kunde", stream = "customers" }
"""
    declaration = declared(tmp_path, more)
    sync_source(database, declaration)
    map_pending(database, [declaration])
    with database.begin() as connection:
        row = connection.execute(select(staging.activity)).one()
    assert (row.kind, row.title, row.occurred_at.date(), row.amount) == ("order", "A-1", date(2026, 2, 3), Decimal("1234.50"))


def test_a_letter_far_down_a_file_still_tells_its_encoding(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_bytes(
        b"id,name\n" + b"".join(b"%d,%s\n" % (number, b"x" * 90) for number in range(20_000)) + "20000,Krämer\n".encode("cp1252")
    )
    connector = open_connector(declared(path))
    names = [one.payload["name"] for page in connector.pull("c", None) for one in page.records]
    assert names[-1] == "Krämer"


def test_a_broken_parquet_file_is_told_and_stops_no_other(database: Database, tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and then nothing")
    (tmp_path / "b.csv").write_text("id,name\n1,A\n")
    with pytest.raises(ConnectorError, match="is no Parquet file"):
        sync_stream(database, declared(tmp_path), "a")
    assert sync_stream(database, declared(tmp_path), "b").counts.written == 1


def test_a_folder_that_may_not_be_read_stops_no_other_and_is_heard_of(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shut").mkdir()
    (tmp_path / "shut" / "b.csv").write_text("id,name\n7,Kept\n")
    (tmp_path / "a.csv").write_text("id,name\n1,Ann\n")
    forbid = forbidding(monkeypatch)
    declaration = declared(tmp_path)
    sync_source(database, declaration)
    forbid(tmp_path / "shut")
    (tmp_path / "a.csv").write_text("id,name\n1,Ann\n2,Ben\n")
    assert streams_of(declared(tmp_path, 'streams = ["a", "shut_b"]')) == ("a", "shut_b")
    assert streams_of(declaration) == ("a", "shut")
    assert sync_stream(database, declaration, "a").counts.written == 1
    with pytest.raises(PermissionDeniedError, match="shut/: the folder can't be read"):
        sync_stream(database, declaration, "shut")
    map_pending(database, [declaration])
    assert set(parties(database)) == {"exports/a/1", "exports/a/2", "exports/shut_b/7"}
    assert "shut/" in open_connector(declaration).check()
    forbid(None)
    assert {one.stream for one in sync_source(database, declaration)} == {"a", "shut_b"}


def test_of_a_single_file_nothing_beside_it_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shut").mkdir()
    (tmp_path / "a.csv").write_text("id,name\n1,Ann\n")
    forbidding(monkeypatch)(tmp_path)  # what is in the folder may not be listed; a file whose name is known may be read
    assert streams_of(declared(tmp_path / "a.csv")) == ("a",)
    (page, *_) = open_connector(declared(tmp_path / "a.csv")).pull("a", None)
    assert [one.key for one in page.records] == ["1"]


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text("id,name\n1,Ann\n")
    (tmp_path / "b.csv").write_text("id,name\n1,Ann\n")
    whole = Path.open

    def refuse(self: Path, *args: Any) -> Any:
        if self.name == "a.csv":
            raise PermissionError(13, "Permission denied")
        return whole(self, *args)

    monkeypatch.setattr(Path, "open", refuse)
    connector = open_connector(declared(tmp_path))
    with pytest.raises(PermissionDeniedError, match=r"a\.csv can't be read"):
        list(connector.pull("a", None))
    assert list(connector.pull("b", None))
