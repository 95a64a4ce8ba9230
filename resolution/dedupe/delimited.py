"""Delimited text read as a table: csv, tsv and their kin, whatever parts the fields, with a header line or without.

A row has as many fields as the header; one that has not is refused by its number, since to guess would move values to other columns.
"""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv

from resolution.dedupe.encoding import encoding_of, opened, opened_text
from resolution.dedupe.errors import DedupeError
from resolution.dedupe.headings import meaning_of

_DELIMITERS = ",;\t|"
_SAMPLE = 1 << 16
_BLOCK = 1 << 24
#: What a value may look like and a name of a column does not.
_VALUE = re.compile(r"@.+\.|^\W*\d[\d\W]*$|^\+?\d|\d$.*\s|^(https?:|www\.)|\d{4,}")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is laid out. names: of its columns, in order; headed: whether its first line gives them."""

    encoding: str
    delimiter: str
    names: list[str]
    headed: bool


def read_delimited(source: Path) -> pa.Table:
    """The table of a file of delimited text, all strings; an empty value is null. DedupeError for a row of another length."""
    layout = layout_of(source)
    types = pa_csv.ConvertOptions(column_types=dict.fromkeys(layout.names, pa.string()), strings_can_be_null=True, null_values=[""])
    reading = {"encoding": layout.encoding, "column_names": layout.names, "skip_rows": int(layout.headed)}
    try:
        return _read(source, layout, pa_csv.ReadOptions(**reading, block_size=_BLOCK), types, [])
    except pa.ArrowInvalid as error:
        broken: list[str] = []
        with_rows = pa_csv.ReadOptions(**reading, block_size=_BLOCK, use_threads=False)  # slower, but it knows the number of a row
        try:
            return _read(source, layout, with_rows, types, broken)
        except pa.ArrowInvalid:
            if not broken:
                raise
        raise DedupeError(
            f"{source}: {broken[0]} (a value that holds the delimiter {layout.delimiter!r} has to stand in quotes)"
        ) from error


def _read(source: Path, layout: Layout, reading: pa_csv.ReadOptions, types: pa_csv.ConvertOptions, broken: list[str]) -> pa.Table:
    def refuse(row: Any) -> str:
        at = f"row {row.number - layout.headed}" if row.number else "a row"
        broken.append(f"{at} has {row.actual_columns} fields where the header has {row.expected_columns}: {row.text or ''}"[:200])
        return "error"

    parsing = pa_csv.ParseOptions(delimiter=layout.delimiter, newlines_in_values=True, invalid_row_handler=refuse)
    with opened(source) as file:
        return pa_csv.read_csv(file, reading, parsing, types)


def layout_of(source: Path) -> Layout:
    """The layout of a file, from its beginning. DedupeError where there is nothing in it."""
    encoding = encoding_of(source)
    with opened_text(source, encoding) as file:
        start = file.read(_SAMPLE)
    if not start.strip("\ufeff\r\n\t ,;|"):
        raise DedupeError(f"{source}: the file is empty; a header line with the names of the columns is needed")
    rows, delimiter = _parted(start.lstrip("\ufeff"))
    headed = _is_header(rows)
    names = (
        [name.strip() or f"column {place}" for place, name in enumerate(rows[0], 1)]
        if headed
        else [f"column {place}" for place in range(1, len(rows[0]) + 1)]
    )
    return Layout(encoding, delimiter, names, headed)


def _parted(start: str) -> tuple[list[list[str]], str]:
    """(the first rows, by the delimiter that gives most of them one width; that delimiter)."""
    whole = start if len(start) < _SAMPLE else start[: max(start.rfind("\n"), start.rfind("\r")) + 1] or start
    found = []
    for place, delimiter in enumerate(_DELIMITERS):
        csv.field_size_limit(max(csv.field_size_limit(), _SAMPLE))
        rows = [row for row in csv.reader(io.StringIO(whole, newline=""), delimiter=delimiter) if row]
        width = len(rows[0])
        alike = sum(len(row) == width for row in rows) / len(rows)
        found.append((width > 1, alike > 0.9, width, -place, rows, delimiter))
    *_, rows, delimiter = max(found, key=lambda each: each[:4])
    return rows, delimiter


def _is_header(rows: list[list[str]]) -> bool:
    """Whether the first row names columns: a known name is in it, or nothing in it that looks like a value or comes again in its column."""
    first, others = rows[0], rows[1:200]
    if not others or any(meaning_of(cell) for cell in first if not _VALUE.search(cell.strip())):
        return True
    values = sum(bool(_VALUE.search(cell.strip())) for cell in first)
    again = sum(any(len(row) > place and row[place] == cell for row in others) for place, cell in enumerate(first) if cell)
    return not values and again < 2
