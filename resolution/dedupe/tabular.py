"""Files of records read as tables of strings, and the answer written: csv, parquet, jsonl."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq


class DedupeError(Exception):
    """The file can't be resolved."""


def read_table(source: Path) -> pa.Table:
    """The file's columns, each string or list of strings; DedupeError where it can't be read."""
    readers = {
        ".csv": _read_csv,
        ".tsv": _read_csv,
        ".txt": _read_csv,
        ".parquet": _read_parquet,
        ".jsonl": _read_jsonl,
        ".ndjson": _read_jsonl,
    }
    reader = readers.get(source.suffix.lower())
    if reader is None:
        raise DedupeError(f"{source}: files of kind {source.suffix or '(none)'} are not read; give a .csv, .parquet or .jsonl file")
    if not source.is_file():
        raise DedupeError(f"{source}: there is no such file")
    try:
        table = reader(source)
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise DedupeError(f"{source}: this can't be read as {source.suffix[1:]}: {error}") from error
    if not table.column_names:
        raise DedupeError(f"{source}: there are no columns in this file")
    doubled = sorted({name for name in table.column_names if table.column_names.count(name) > 1})
    if doubled:
        raise DedupeError(f"{source}: more than one column is called {', '.join(doubled)}; rename them so that each can be told apart")
    return pa.table({name: _strings(table[name]) for name in table.column_names})


def write_table(table: pa.Table, out: Path) -> None:
    """Write csv or parquet by the name's ending; the file appears whole or not at all."""
    partial = out.with_name(f".{out.name}.partial")
    try:
        if out.suffix.lower() == ".parquet":
            pq.write_table(table, partial)
        else:
            pa_csv.write_csv(table, partial, pa_csv.WriteOptions(quoting_style="needed"))
        partial.replace(out)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise DedupeError(f"{out}: this can't be written: {error}") from error


def check_output(out: Path) -> None:
    """DedupeError where `out` can't become a result file: said before the work, not after it."""
    if out.suffix.lower() not in (".csv", ".parquet"):
        raise DedupeError(f"{out}: the result is written as .csv or .parquet; choose a name that ends so")
    if not out.parent.is_dir():
        raise DedupeError(f"{out}: the folder {out.parent} does not exist; create it or choose another")


def _read_csv(source: Path) -> pa.Table:
    encoding = encoding_of(source)
    with source.open(encoding=encoding, errors="replace", newline="") as file:
        header = file.readline().lstrip("\ufeff")
    if not header.strip():
        raise DedupeError(f"{source}: the file is empty; a header line with the names of the columns is needed")
    delimiter = max(",;\t|", key=header.count)
    broken: list[str] = []

    def refuse(row: Any) -> str:
        broken.append(f"a row has {row.actual_columns} fields where the header has {row.expected_columns}: {row.text or ''}"[:200])
        return "error"

    reading = pa_csv.ReadOptions(encoding=encoding, block_size=1 << 24)
    parsing = pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=refuse)
    try:
        names = pa_csv.open_csv(source, reading, parsing).schema.names
        types = pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""])
        return pa_csv.read_csv(source, reading, parsing, types)
    except pa.ArrowInvalid as error:
        if broken:
            raise DedupeError(f"{source}: {broken[0]} (a value that holds the delimiter {delimiter!r} has to stand in quotes)") from error
        raise


def encoding_of(source: Path) -> str:
    """utf-16 by its mark, utf-8 where the whole file is that, else cp1252 (what spreadsheets write), in which every byte but five is a
    letter."""
    with source.open("rb") as file:
        if file.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            return "utf-16"
    try:
        with source.open(encoding="utf-8") as text:
            while text.read(1 << 22):
                pass
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _read_parquet(source: Path) -> pa.Table:
    table = pq.read_table(source)
    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    return table


def _read_jsonl(source: Path) -> pa.Table:
    columns: dict[str, list[Any]] = {}
    count = 0
    with source.open(encoding=encoding_of(source)) as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except json.JSONDecodeError as error:
                raise DedupeError(f"{source}: line {number} is no JSON: {error}") from error
            if not isinstance(record, dict):
                raise DedupeError(f'{source}: line {number} is no JSON object; each line has to be one record, such as {{"name": "Ada"}}')
            for name, values in _flat(record, ""):
                columns.setdefault(name, [None] * count).append(values)
            count += 1
            for column in columns.values():
                if len(column) < count:
                    column.append(None)
    return pa.table({name: _column(values) for name, values in columns.items()})


def _column(values: list[list[str] | None]) -> pa.Array:
    """Strings where no record has several values, else lists."""
    if any(value and len(value) > 1 for value in values):
        return pa.array(values, pa.list_(pa.string()))
    return pa.array([value[0] if value else None for value in values], pa.string())


def _flat(record: dict[str, Any], prefix: str) -> Iterator[tuple[str, list[str]]]:
    """Names and values; an object inside becomes `outer.inner`, a list several values of one column."""
    for name, value in record.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif value is not None:
            items = value if isinstance(value, list) else [value]
            yield prefix + name, [item if isinstance(item, str) else json.dumps(item) for item in items if item is not None]


def _strings(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """As strings or lists of strings; NULs become spaces; a whole number kept as a float loses its `.0`; what has no text becomes null."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _strings(column.cast(kind.value_type))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        simple = pa.types.is_string(kind.value_type) or pa.types.is_large_string(kind.value_type) or pa.types.is_integer(kind.value_type)
        return column.cast(pa.list_(pa.string())) if simple else pa.chunked_array([pa.nulls(len(column), pa.string())])
    if pa.types.is_floating(kind):
        whole = pc.all(pc.or_kleene(pc.equal(column, pc.floor(column)), pc.is_null(column, nan_is_null=True))).as_py() is not False
        nullable = pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
        return nullable.cast(pa.int64() if whole else kind).cast(pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_nested(kind) or pa.types.is_null(kind):
        return pa.chunked_array([pa.nulls(len(column), pa.string())])
    return column.cast(pa.string())
