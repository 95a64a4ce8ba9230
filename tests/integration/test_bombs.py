"""Files made to exhaust their reader are refused with a reason, within the limits, and what lies beside them is read."""

import time
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors import files, sources
from connectors.landing.sync import sync_stream
from connectors.staging.pending import map_pending
from connectors.texts import office, reading
from sql.database import Database
from sql.tables import landing, staging
from tests import bombs

UNPACKED = 257

BOMBS = {
    "zip.docx": (lambda: bombs.docx(bombs.words(UNPACKED)), "unpacks to more"),
    "lying.docx": (lambda: bombs.belittled(bombs.docx(bombs.words(UNPACKED)), "word/document.xml"), "Bad CRC"),
    "entities.docx": (bombs.entities, "declares a document type or entities"),
    "zip.xlsx": (lambda: bombs.xlsx(b"<row/>", [bombs.MEGABYTE] * UNPACKED), "unpacks to more"),
    "zip.pptx": (lambda: bombs.pptx([b"<a:p><a:t>", *[bombs.MEGABYTE] * UNPACKED]), "unpacks to more"),
    "million.pdf": (lambda: bombs.pdf(1000), "it says it has 1000000 pages"),
    "lying.pdf": (lambda: bombs.pdf(1000, said=5), "page tree"),
    "circles.pdf": (bombs.pdf_in_circles, "cyclic"),
    "many.eml": (lambda: bombs.mail(10_000), "more than 1000 parts"),
    "old.docx": (lambda: b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "encrypted, or of the format before 2007"),
    "other.xlsx": (lambda: bombs.package({"a.xml": b"<a/>"}, "b.xml"), "no office file"),
}


def test_each_bomb_is_quarantined_with_a_reason_and_the_sync_goes_on(database: Database, tmp_path: Path) -> None:
    for name, (made, _) in BOMBS.items():
        (tmp_path / name).write_bytes(made())
    with (tmp_path / "gigabyte.pdf").open("wb") as huge:
        huge.truncate(1024**3)
    (tmp_path / "zz.md").write_text("# Good")
    (declaration,) = sources.parse(f'[[source]]\nname = "docs"\nkind = "documents"\npath = "{tmp_path}"\n')
    began = time.monotonic()
    assert sync_stream(database, declaration, "files").counts.quarantined == 1
    report = map_pending(database, [declaration])
    assert time.monotonic() - began < 2 * reading.SECONDS
    assert (report.mapped, report.quarantined) == (1, len(BOMBS))
    with database.begin() as connection:
        kept = {row.key: row.reason for row in connection.execute(select(landing.quarantine))}
        assert connection.execute(select(staging.document.c.title)).scalars().all() == ["Good"]
    assert kept["gigabyte.pdf"] == f"it is larger than {files.LARGEST} bytes"
    assert [name for name, (_, reason) in BOMBS.items() if reason not in kept[name]] == []


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("deep.docx", bombs.nested(50_000)),
        ("deep.html", b"<div>" * 10_000),
        ("big.txt", b"\xe4 x" * 9_000_000),
    ],
)
def test_what_is_only_odd_is_read_as_far_as_it_goes(name: str, made: bytes) -> None:
    text, _ = reading.read(made, "", name)
    assert len(text) <= reading.LONGEST_TEXT


def test_a_file_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SECONDS", 0.5)
    endless = bombs.xlsx([b"<row/>" * 170_000] * 100)
    began = time.monotonic()
    with pytest.raises(ValueError, match="takes longer than"):
        reading.read(endless, "", "endless.xlsx")
    assert time.monotonic() - began < 5


def test_no_more_is_unpacked_than_a_text_may_be_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "LONGEST_TEXT", 1000)
    long = bombs.xlsx([b"<row><c><v>123456789</v></c><c><v>1</v></c></row>" * 10_000] * 50)
    began = time.monotonic()
    text, sheets = office.read_xlsx(long)
    assert 990 < len(text) <= 1000
    assert sheets == 1
    assert time.monotonic() - began < 3
