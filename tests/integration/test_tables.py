"""Any table that is written to a file is read back as it was, in every form, encoding and layout that files come in."""

import contextlib
import csv
import decimal
import gzip
import io
import json
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.dedupe.errors import DedupeError
from resolution.dedupe.tabular import read_table

ODD = st.sampled_from(['a"b', "a,b", "a\nb", "x;y", "ü", "東京", "a\tb"])
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12) | ODD
ROWS = st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(TEXT, min_size=width, max_size=width), min_size=1, max_size=6))
HEADER = ("id", "name", "email", "city")


def write(file: Path, rows: list[list[str]], encoding: str = "utf-8", **form: str) -> Path:
    text = io.StringIO(newline="")
    csv.writer(text, **{"quoting": csv.QUOTE_ALL, **form}).writerows(rows)  # type: ignore[arg-type]
    content = text.getvalue().encode(encoding)
    file.write_bytes(gzip.compress(content) if file.suffix == ".gz" else content)
    return file


def cells(table: pa.Table) -> list[list[str]]:
    return [[value or "" for value in row] for row in zip(*(column.to_pylist() for column in table.columns), strict=True)]


@settings(max_examples=40)
@given(ROWS, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.sampled_from(["\r\n", "\n"]))
def test_delimited_text_is_read_back_as_it_was_written(rows: list[list[str]], delimiter: str, encoding: str, end: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        written = [list(HEADER[: len(rows[0])]), *rows]
        file = write(Path(folder) / "list.csv", written, encoding, delimiter=delimiter, lineterminator=end)
        assert cells(read_table(file)) == rows


@settings(max_examples=40)
@given(st.lists(st.dictionaries(st.sampled_from(HEADER), st.none() | TEXT | st.integers() | st.lists(TEXT, max_size=3)), max_size=6))
def test_json_lines_keep_every_record_and_value(records: list[dict[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "list.jsonl"
        file.write_text("\n".join(map(json.dumps, [{"id": "x"}, *records])), "utf-8")
        read = read_table(file).to_pylist()
    assert len(read) == len(records) + 1
    for told, record in zip(read[1:], records, strict=True):
        for name, value in record.items():
            values = value if isinstance(value, list) else [value]
            assert [str(each) for each in values if each is not None] == listed(told.get(name))


def listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp1252", ["Müller", "Köln"]),
        ("latin-1", ["Müller\x81", "Köln"]),
        ("shift_jis", ["田中太郎", "東京"]),
        ("cp1251", ["Иван Петров", "Москва"]),
        ("gb18030", ["王伟", "北京"]),
        ("utf-16-le", ["Müller", "Köln"]),
    ],
)
def test_an_encoding_is_told_from_the_bytes(tmp_path: Path, encoding: str, words: list[str]) -> None:
    assert cells(read_table(write(tmp_path / "list.csv", [["name", "city"], *[words] * 30], encoding))) == [words] * 30


def test_a_file_without_a_header_loses_no_row(tmp_path: Path) -> None:
    rows = [["Ann Lee", "ann@acme.com", "Leeds"], ["Bob Smith", "bob@acme.com", ""], ["Cy Roe", "", "Leeds"]]
    table = read_table(write(tmp_path / "list.csv", rows))
    assert (cells(table), table.column_names) == (rows, ["column 1", "column 2", "column 3"])


def test_a_column_without_a_name_in_a_header_gets_one(tmp_path: Path) -> None:
    assert read_table(write(tmp_path / "list.csv", [["", "name"], ["0", "x"]])).column_names == ["column 1", "name"]


def test_old_line_ends_and_compressed_files_are_read(tmp_path: Path) -> None:
    rows = [["name", "city"], ["Ann", "Leeds"], ["Bob", "York"]]
    assert cells(read_table(write(tmp_path / "mac.csv", rows, lineterminator="\r"))) == rows[1:]
    assert cells(read_table(write(tmp_path / "list.csv.gz", rows))) == rows[1:]
    with gzip.open(tmp_path / "list.jsonl.gz", "wt") as out:
        out.write('{"name": "Ann"}\n')
    assert cells(read_table(tmp_path / "list.jsonl.gz")) == [["Ann"]]


def test_every_type_of_parquet_is_text_or_nothing(tmp_path: Path) -> None:
    table = pa.table(
        {
            "born": [date(1990, 1, 2), None],
            "seen": [datetime(2024, 5, 6, 7, 8, tzinfo=UTC), None],
            "paid": [decimal.Decimal("1.50"), None],
            "phone": [401234567.0, float("nan")],
            "size": [1.5, float("inf")],
            "big": [1e300, 1.0],
            "member": [True, None],
            "word": pa.array(["a", None]).dictionary_encode(),
            "bytes": [b"x", None],
            "none": pa.nulls(2),
            "mails": [["a@b.c", "d@e.f"], None],
            "home": [{"city": "Leeds", "at": {"zip": "1"}}, None],
            "sites": [[{"city": "York"}, {"city": "Hull"}], []],
            "waited": pa.array([3, None], pa.duration("s")),
        }
    )
    pq.write_table(table, tmp_path / "types.parquet")
    first = read_table(tmp_path / "types.parquet").to_pylist()[0]
    assert (first["born"], first["paid"], first["phone"], first["size"]) == ("1990-01-02", "1.50", "401234567", "1.5")
    assert (first["mails"], first["home.city"], first["home.at.zip"], first["sites.city"]) == (["a@b.c", "d@e.f"], "Leeds", "1", "York")
    assert {name for name, value in first.items() if value is None} == {"bytes", "none"}


@pytest.mark.parametrize("content", [b"\x00" * 100, b"\xff\xfe", b"\n\n\n", b"\x1f\x8bbroken", b'"unclosed,\nname'])
@pytest.mark.parametrize("name", ["odd.csv", "odd.jsonl", "odd.parquet", "odd.csv.gz"])
def test_hostile_bytes_are_a_table_or_an_error_in_words(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with contextlib.suppress(DedupeError):
        assert read_table(tmp_path / name).num_columns


@pytest.mark.parametrize("before", ["Export of 2024\n", "\n\n", "sep=;\n", "# customers\n\n"])
def test_what_stands_before_the_header_is_passed_over(tmp_path: Path, before: str) -> None:
    (tmp_path / "list.csv").write_text(f"{before}name;city\nAnn;Leeds\nBob;York\n")
    table = read_table(tmp_path / "list.csv")
    assert (table.column_names, cells(table)) == (["name", "city"], [["Ann", "Leeds"], ["Bob", "York"]])


def test_a_line_break_in_a_header_is_part_of_the_name(tmp_path: Path) -> None:
    table = read_table(write(tmp_path / "list.csv", [["first\nname", "city"], ["Ann", "Leeds"]]))
    assert (table.column_names, cells(table)) == (["first\nname", "city"], [["Ann", "Leeds"]])
