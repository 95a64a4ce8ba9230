"""Delimited text read as a table: csv, tsv and their kin, whatever parts the fields, with a header line or without.

A row has as many fields as the header; one that has not is refused by its number, since to guess would move values to other columns.
"""

import csv
import io
import re
from collections import Counter
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
    """How a file is laid out. first: its first row as it stands; names: of its columns; headed: whether the first row gives them; before:
    how many lines stand before it, blank or a title."""

    encoding: str
    delimiter: str
    first: list[str]
    names: list[str]
    headed: bool
    before: int


def read_delimited(source: Path) -> pa.Table:
    """The table of a file of delimited text, all strings; an empty value is null. DedupeError for a row of another length."""
    layout = layout_of(source)
    try:
        return _read(source, layout, [], use_threads=True)
    except pa.ArrowInvalid as error:
        broken: list[str] = []
        try:  # slower, but on one thread it knows the number of a row
            return _read(source, layout, broken, use_threads=False)
        except pa.ArrowInvalid:
            if not broken:
                raise
        quotes = f"a value that holds the delimiter {layout.delimiter!r} has to stand in quotes"
        raise DedupeError(f"{source}: {broken[0]} ({quotes})") from error


def _read(source: Path, layout: Layout, broken: list[str], *, use_threads: bool) -> pa.Table:
    def refuse(row: Any) -> str:
        at = f"row {row.number - layout.headed - layout.before}" if row.number else "a row"
        broken.append(f"{at} has {row.actual_columns} fields where the header has {row.expected_columns}: {row.text or ''}"[:200])
        return "error"

    names = layout.first if layout.headed else layout.names
    types = pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""])
    reading = pa_csv.ReadOptions(encoding=layout.encoding, block_size=_BLOCK, skip_rows=layout.before, use_threads=use_threads)
    reading.column_names = [] if layout.headed else names
    parsing = pa_csv.ParseOptions(delimiter=layout.delimiter, newlines_in_values=True, invalid_row_handler=refuse)
    with opened(source) as file:
        return pa_csv.read_csv(file, reading, parsing, types).rename_columns(layout.names)


def layout_of(source: Path) -> Layout:
    """The layout of a file, from its beginning. DedupeError where there is nothing in it."""
    encoding = encoding_of(source)
    with opened_text(source, encoding) as file:
        start = file.read(_SAMPLE)
    if not start.strip("\ufeff\r\n\t ,;|"):
        raise DedupeError(f"{source}: the file is empty; a header line with the names of the columns is needed")
    whole = start if len(start) < _SAMPLE else start[: max(start.rfind("\n"), start.rfind("\r")) + 1] or start
    rows, before, delimiter = _parted(whole.lstrip("\ufeff"))
    headed = _is_header(rows)
    names = [(name.strip() if headed else "") or f"column {place}" for place, name in enumerate(rows[0], 1)]
    return Layout(encoding, delimiter, rows[0], names, headed, before)


def _parted(text: str) -> tuple[list[list[str]], int, str]:
    """(the first rows, the lines before them, the delimiter): that which gives most rows the width of the first, a title line aside."""
    found = []
    told = re.match(r"sep=(.)\r?\n", text)  # what spreadsheets write to say their delimiter
    if told:
        rows = [row for row in csv.reader(io.StringIO(text[told.end() :], newline=""), delimiter=told.group(1)) if row]
        return rows, 1, told.group(1)
    csv.field_size_limit(max(csv.field_size_limit(), _SAMPLE))
    for place, delimiter in enumerate(_DELIMITERS):
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        ends = [(row, reader.line_num) for row in reader if row]
        usual, _ = Counter(len(row) for row, _ in ends).most_common(1)[0]
        title = next((at for at, (row, _) in enumerate(ends) if len(row) > 1), 0) if usual > 1 else 0
        rows = [row for row, _ in ends[title:]]
        before = ends[title - 1][1] if title else len(text[: len(text) - len(text.lstrip("\r\n"))].splitlines())
        alike = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
        found.append((len(rows[0]) > 1, alike > 0.9, len(rows[0]), -place, rows, before, delimiter))
    *_, rows, before, delimiter = max(found, key=lambda each: each[:4])
    return rows, before, delimiter


def _is_header(rows: list[list[str]]) -> bool:
    """Whether the first row names columns: a known name is in it, or nothing in it that looks like a value or comes again in its column."""
    first, others = rows[0], rows[1:200]
    if not others or any(meaning_of(cell) for cell in first if not _VALUE.search(cell.strip())):
        return True
    values = sum(bool(_VALUE.search(cell.strip())) for cell in first)
    again = sum(any(len(row) > place and row[place] == cell for row in others) for place, cell in enumerate(first) if cell)
    return not values and 2 * again < sum(map(bool, first))
