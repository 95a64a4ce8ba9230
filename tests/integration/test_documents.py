"""A folder of documents by its connector; broken and hostile files are refused in a process of their own."""

import io
import zipfile
from pathlib import Path

import docx
import pytest
from fpdf import FPDF
from sqlalchemy import select

from connectors import sources
from connectors.landing.sync import sync_stream
from connectors.mapping.pending import map_pending
from connectors.sources import SourceDeclaration
from connectors.texts import reading
from sql.database import Database
from sql.tables import landing, staging

CONTRACT = 'This Agreement is made as of May 1, 2025 by and between Example Ltd ("Supplier"), and Krämer GmbH ("Customer"). 1. Subject'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "contracts").mkdir()
    return tmp_path


@pytest.fixture
def documents(folder: Path) -> SourceDeclaration:
    (declaration,) = sources.parse(f'own_names = ["Example Ltd"]\n[[source]]\nname = "docs"\nkind = "documents"\npath = "{folder}"\n')
    return declaration


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


def bomb() -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * (reading.LARGEST_UNZIPPED + 1))
    return raw.getvalue()


def test_a_bomb_is_refused() -> None:
    with pytest.raises(ValueError, match="unpacks to more than it may"):
        reading.read(bomb(), "", "bomb.docx")


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
