"""Files of one JSON object a line, read as a table and written."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from resolution.dedupe.encoding import encoding_of, opened_text
from resolution.dedupe.errors import DedupeError

#: So many lines are held as Python's objects at a time.
CHUNK = 50_000


def read_lines(source: Path) -> pa.Table:
    """The table of a file; an object inside becomes columns `outer.inner`, a list several values. DedupeError names the line that is
    wrong."""
    parts: list[pa.Table] = []
    with opened_text(source, encoding_of(source)) as file:
        chunk = _Chunk()
        for number, line in enumerate(file, 1):
            if line.strip("\ufeff \t\r\n\x00"):
                chunk.add(_record(source, number, line.lstrip("\ufeff")))
            if chunk.count == CHUNK:
                parts.append(chunk.table())
                chunk = _Chunk()
        parts.append(chunk.table())
    lists = {name for part in parts for name in part.column_names if pa.types.is_list(part[name].type)}
    return pa.concat_tables([_with_lists(part, lists) for part in parts], promote_options="default")


def lines_of(table: pa.Table) -> Iterator[str]:
    """Each row as an object on a line, without what is null."""
    for batch in table.to_batches(CHUNK):
        for row in batch.to_pylist():
            yield json.dumps({name: value for name, value in row.items() if value is not None}, ensure_ascii=False) + "\n"


class _Chunk:
    """Some records, by column."""

    def __init__(self) -> None:
        self.columns: dict[str, list[list[str] | None]] = {}
        self.count = 0

    def add(self, record: dict[str, Any]) -> None:
        for name, values in _flat(record, ""):
            self.columns.setdefault(name, [None] * self.count).append(values)
        self.count += 1
        for column in self.columns.values():
            if len(column) < self.count:
                column.append(None)

    def table(self) -> pa.Table:
        return pa.table({name: _column(values) for name, values in self.columns.items()})


def _record(source: Path, number: int, line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise DedupeError(f"{source}: line {number} is no JSON: {error}") from error
    if not isinstance(record, dict):
        raise DedupeError(f'{source}: line {number} is no JSON object; each line has to be one record, such as {{"name": "Ada"}}')
    return record


def _column(values: list[list[str] | None]) -> pa.Array:
    """Strings where no record has several values, else lists."""
    if any(value and len(value) > 1 for value in values):
        return pa.array(values, pa.list_(pa.string()))
    return pa.array([value[0] if value else None for value in values], pa.string())


def _with_lists(part: pa.Table, names: set[str]) -> pa.Table:
    """The columns of these names as lists, since other lines have several values."""
    for place, name in enumerate(part.column_names):
        if name in names and not pa.types.is_list(part[name].type):
            values = pa.array([None if value is None else [value] for value in part[name].to_pylist()], pa.list_(pa.string()))
            part = part.set_column(place, name, values)
    return part


def _flat(record: dict[str, Any], prefix: str) -> Iterator[tuple[str, list[str]]]:
    """Names and values; an object inside becomes `outer.inner`, of several objects the first, a list several values of one column."""
    for name, value in record.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            value = value[0]
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif value is not None:
            items = value if isinstance(value, list) else [value]
            yield prefix + name, [_text(item) for item in items if item is not None]


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "replace").decode()  # half of a surrogate pair is no text
