"""A folder of documents by its connector; broken and hostile files are refused in a process of their own."""

import io
from pathlib import Path

import docx
import pytest
from fpdf import FPDF
from sqlalchemy import select

from connectors import sources
from connectors.errors import PermissionDeniedError
from connectors.landing.quarantine import waiting
from connectors.landing.sync import sync_stream
from connectors.sources import SourceDeclaration
from connectors.staging.pending import map_pending
from connectors.texts import reading
from sql.database import Database
from sql.tables import landing, staging
from tests import bombs
from tests.integration.forbidding import forbidding

CONTRACT = 'This Agreement is made as of May 1, 2025 by and between Example Ltd ("Supplier"), and Krämer GmbH ("Customer"). 1. Subject'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "contracts").mkdir()
    return tmp_path


@pytest.fixture
def documents(folder: Path) -> SourceDeclaration:
    (declaration,) = sources.parse(f'own_names = ["Example Ltd"]\n[[source]]\nname = "docs"\nkind = "documents"\npath = "{folder}"\n')
    return declaration


def keys(database: Database) -> list[str]:
    """Of what has landed and is not deleted."""
    table = landing.record
    with database.begin() as connection:
        return list(connection.execute(select(table.c.key).where(table.c.deleted_at.is_(None)).order_by(table.c.key)).scalars())


def pdf(said: str) -> bytes:
    made = FPDF()
    made.add_page()
    made.set_font("Helvetica", size=10)
    made.multi_cell(0, 5, said)
    return bytes(made.output())


def word(said: str) -> bytes:
    made, raw = docx.Document(), io.BytesIO()
    made.add_paragraph(said)
    made.add_table(1, 2).rows[0].cells[1].text = "in a table"
    made.save(raw)
    return raw.getvalue()


def test_every_kind_is_read_and_a_broken_one_is_quarantined(database: Database, folder: Path, documents: SourceDeclaration) -> None:
    (folder / "contracts/a.pdf").write_bytes(pdf(CONTRACT))
    (folder / "contracts/b.docx").write_bytes(word(CONTRACT))
    (folder / "contracts/c.html").write_text(f"<p>{CONTRACT}</p><script>x</script>", "utf-8")
    (folder / "note.md").write_text("# Plan\n\nGrüße", "utf-8")
    (folder / "plan.dwg").write_bytes(b"\x00\x01")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 torn")
    (folder / "torn.docx").write_bytes(b"PK\x03\x04torn")
    (folder / ".hidden.md").write_text("no")
    assert sync_stream(database, documents, "files").counts.written == 7
    report = map_pending(database, [documents])
    assert (report.mapped, report.quarantined, report.documents, report.parties) == (5, 2, 5, 3)
    with database.begin() as connection:
        texts = {row.title: row.text for row in connection.execute(select(staging.document))}
        refused = connection.execute(select(landing.quarantine.c.key).where(landing.quarantine.c.stage == "map")).scalars().all()
        refs = connection.execute(select(staging.party_record.c.ref).order_by(staging.party_record.c.ref)).scalars().all()
    assert all("Krämer GmbH" in " ".join(texts[name].split()) for name in ("a.pdf", "b.docx", "c.html"))
    assert "in a table" in texts["b.docx"]
    assert (texts["Plan"], texts["plan.dwg"]) == ("# Plan\n\nGrüße", "")
    assert sorted(refused) == ["broken.pdf", "torn.docx"]
    assert refs == ["docs/parties/contracts/a.pdf#2", "docs/parties/contracts/b.docx#2", "docs/parties/contracts/c.html#2"]


def test_a_workbook_is_read_row_by_row_without_what_is_hidden() -> None:
    row = '<row><c r="A1" t="s"><v>0</v></c><c r="C1"><v>0.30000000000000004</v></c><c r="D1" t="inlineStr"><is><t>kg</t></is></c></row>'
    made = bombs.xlsx(row.encode(), b"<si><r><t>Pumpe </t></r><r><t>P&amp;C</t></r><rPh><t>pumpu</t></rPh></si>")
    assert reading.read(made, "", "prices.xlsx") == ("One\nPumpe P&C\t\t0.3\tkg", 1)


def test_slides_are_read_in_their_order_tables_by_row() -> None:
    table = "<a:tbl><a:tr><a:tc><a:p><a:t>A</a:t></a:p></a:tc><a:tc><a:p><a:t>B</a:t></a:p></a:tc></a:tr></a:tbl>"
    made = bombs.pptx(f"<a:p><a:t>Offer</a:t><a:br/><a:t>2026</a:t></a:p>{table}".encode())
    assert reading.read(made, "", "offer.pptx") == ("Offer\n2026\nA\tB", 1)


def test_a_document_says_no_deleted_text_and_nothing_twice() -> None:
    made = bombs.docx(
        b'<w:p><w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t></w:r>'
        b"<w:del><w:r><w:delText>c</w:delText></w:r></w:del>"
        b'<mc xmlns="m"><Fallback><w:t>again</w:t></Fallback></mc></w:p>'
    )
    assert reading.read(made, "", "a.docx") == ("a\tb", None)


def test_a_mail_in_a_file_is_read_as_a_mail() -> None:
    raw = b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nFrom: Anna <a@x.example>\nTo: b@y.example\n\nBis morgen"
    assert reading.read(raw, "", "a.eml") == ("Subject: Grüße\nFrom: Anna <a@x.example>\nTo: <b@y.example>\n\nBis morgen", None)


def test_a_changed_and_a_removed_file_are_found(database: Database, folder: Path, documents: SourceDeclaration) -> None:
    (folder / "a.md").write_text("one")
    (folder / "b.md").write_text("two")
    sync_stream(database, documents, "files")
    (folder / "a.md").write_text("other")
    (folder / "b.md").unlink()
    report = sync_stream(database, documents, "files")
    assert (report.counts.written, report.counts.tombstoned) == (1, 1)
    map_pending(database, [documents])
    with database.begin() as connection:
        assert connection.execute(select(staging.document.c.text)).scalars().all() == ["other"]


def test_a_file_that_takes_too_long_costs_its_process_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    readers = reading.Readers()
    assert readers.read("html", b"<p>warm</p>") == ("warm", None)
    monkeypatch.setattr(reading, "SECONDS", 0.0)
    with pytest.raises(ValueError, match="takes longer than"):
        readers.read("html", b"<p>slow</p>" * 50_000)
    monkeypatch.setattr(reading, "SECONDS", 20.0)
    assert readers.read("html", b"<p>next</p>") == ("next", None)
    readers.close()


def test_a_process_that_dies_is_told_of_and_the_next_file_is_read() -> None:
    readers = reading.Readers()
    readers.read("html", b"<p>warm</p>")
    assert readers._process is not None
    readers._process.kill()
    with pytest.raises(ValueError, match="crashes"):
        readers.read("html", b"<p>torn</p>")
    assert readers.read("html", b"<p>torn</p>") == ("torn", None)
    readers.close()


def test_a_folder_that_may_not_be_read_stops_nothing_and_takes_nothing_along(
    database: Database, folder: Path, documents: SourceDeclaration, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid = forbidding(monkeypatch)
    for path in ("a.md", "contracts/b.md", "contracts/c.md", "z.md"):
        (folder / path).write_text(path)
    sync_stream(database, documents, "files")
    (folder / "contracts/b.md").unlink()
    (folder / "z.md").unlink()
    forbid(folder / "contracts")
    counts = sync_stream(database, documents, "files").counts
    assert (counts.tombstoned, counts.quarantined) == (1, 1)
    assert keys(database) == ["a.md", "contracts/b.md", "contracts/c.md"]
    forbid(None)
    assert sync_stream(database, documents, "files").counts.tombstoned == 1
    assert keys(database) == ["a.md", "contracts/c.md"]
    assert waiting(database) == []
    forbid(folder)
    with pytest.raises(PermissionDeniedError, match="Permission denied"):
        sync_stream(database, documents, "files")
