"""Files of records read as tables of strings, and results written: csv, parquet, jsonl. What can't be read is refused in words."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from resolution.dedupe.errors import DedupeError

__all__ = ["ANSWER", "PAIRS", "DedupeError", "check_output", "first_values", "kind_of", "read_table", "write_table"]

_DELIMITED = (".csv", ".tsv", ".txt")
_LINES = (".jsonl", ".ndjson")
#: What the answer and the scored pairs can be written as.
ANSWER, PAIRS = (".csv", ".parquet"), (".csv", ".parquet", ".jsonl")


def read_table(source: Path) -> pa.Table:
    """The file's columns, each string or list of strings; DedupeError where it can't be read."""
    reader = _reader(source)
    if not source.is_file():
        raise DedupeError(f"{source}: there is no such file")
    try:
        table = reader(source)
        columns = [_strings(column) for column in table.columns]
    except (pa.ArrowException, OSError, UnicodeError, EOFError) as error:
        raise DedupeError(f"{source}: this can't be read as {kind_of(source)[1:]}: {error}") from error
    if not table.column_names:
        raise DedupeError(f"{source}: there are no columns in this file")
    doubled = sorted({name for name in table.column_names if table.column_names.count(name) > 1})
    if doubled:
        raise DedupeError(f"{source}: more than one column is called {', '.join(doubled)}; rename them so that each can be told apart")
    return pa.table(columns, names=table.column_names)


def kind_of(file: Path) -> str:
    """The ending that says what a file is: ".csv" of "list.csv.gz"."""
    return (file.with_suffix("") if file.suffix.lower() == ".gz" else file).suffix.lower()


def _reader(source: Path) -> Callable[[Path], pa.Table]:
    kind = kind_of(source)
    if kind == ".parquet" and source.suffix.lower() != ".gz":
        return _read_parquet
    if kind in _DELIMITED:
        from resolution.dedupe.delimited import read_delimited  # here, and below: a file needs one of them

        return read_delimited
    if kind in _LINES:
        from resolution.dedupe.lines import read_lines

        return read_lines
    raise DedupeError(f"{source}: files of kind {source.suffix or '(none)'} are not read; give a .csv, .parquet or .jsonl file")


def write_table(table: pa.Table, out: Path) -> None:
    """Write by the name's ending; the file appears whole or not at all."""
    partial = out.with_name(f".{out.name}.partial")
    try:
        if out.suffix.lower() == ".parquet":
            pq.write_table(table, partial)
        elif out.suffix.lower() == ".jsonl":
            from resolution.dedupe.lines import lines_of

            with partial.open("w", encoding="utf-8") as file:
                file.writelines(lines_of(table))
        else:
            import pyarrow.csv as pa_csv

            pa_csv.write_csv(table, partial, pa_csv.WriteOptions(quoting_style="needed"))
        partial.replace(out)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise DedupeError(f"{out}: this can't be written: {error}") from error


def check_output(out: Path, kinds: Sequence[str]) -> None:
    """DedupeError where `out` can't become a file of one of these kinds: said before the work, not after it."""
    if out.suffix.lower() not in kinds:
        raise DedupeError(f"{out}: this is written as {' or '.join(kinds)}; choose a name that ends so")
    if not out.parent.is_dir():
        raise DedupeError(f"{out}: the folder {out.parent} does not exist; create it or choose another")


def _read_parquet(source: Path) -> pa.Table:
    table = pq.read_table(source)
    while any(pa.types.is_struct(field.type) or _is_list_of_structs(field.type) for field in table.schema):
        table = pa.table([_first(column) for column in table.columns], names=table.column_names).flatten()
    return table


def _is_list_of_structs(kind: pa.DataType) -> bool:
    return bool((pa.types.is_list(kind) or pa.types.is_large_list(kind)) and pa.types.is_struct(kind.value_type))


def _first(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Of a list of structures (addresses, say) the first; any other column as it is."""
    return first_values(column) if _is_list_of_structs(column.type) else column


def first_values(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Of a column of lists the first value of each, null where there is none; any other column as it is."""
    if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
        return column
    empty = pc.equal(pc.fill_null(pc.list_value_length(column), 0), 0)
    return pc.list_element(pc.if_else(empty, pa.scalar([None], column.type), column), 0)


def _strings(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """As strings or lists of strings; a whole number kept as a float loses its `.0`; what has no text becomes null."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _strings(column.cast(kind.value_type))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        simple = pa.types.is_string(kind.value_type) or pa.types.is_large_string(kind.value_type) or pa.types.is_integer(kind.value_type)
        return column.cast(pa.list_(pa.string())) if simple else _nulls(column)
    if pa.types.is_floating(kind):
        column = column.cast(pa.float64())
        whole = pc.all(pc.or_kleene(pc.equal(column, pc.floor(column)), pc.is_null(column, nan_is_null=True))).as_py() is not False
        nullable = pc.if_else(pc.is_finite(column), column, pa.scalar(None, pa.float64()))
        small = pc.all(pc.less(pc.abs(nullable), 2.0**53)).as_py() is not False
        return nullable.cast(pa.int64() if whole and small else pa.float64()).cast(pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_nested(kind) or pa.types.is_null(kind):
        return _nulls(column)
    try:
        return column.cast(pa.string())
    except pa.ArrowNotImplementedError:
        return pa.chunked_array([pa.array([None if value is None else str(value) for value in column.to_pylist()], pa.string())])


def _nulls(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([pa.nulls(len(column), pa.string())])
