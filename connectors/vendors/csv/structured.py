"""Files whose values have types: a JSON object on each line (.jsonl, .ndjson), and Parquet."""

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from connectors.errors import PermanentError
from connectors.records import Unreadable
from connectors.values import plain
from connectors.vendors.csv.delimited import LONGEST_LINE

SAMPLE = 100


class JsonLines:
    """headings: of the first hundred objects."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._number = stream, 0
        self.headings = list(dict.fromkeys(name for row in islice(self.rows(), SAMPLE) if isinstance(row, dict) for name in row))
        self._stream.seek(0)
        self._number = 0

    def rows(self) -> Iterator[dict[str, Any] | Unreadable]:
        while line := self._stream.readline(LONGEST_LINE):
            self._number += 1
            if len(line) >= LONGEST_LINE:
                raise PermanentError(f"line {self._number} has more than {LONGEST_LINE} bytes: it is no file of JSON lines")
            if line.strip():
                yield self._row(line)

    def _row(self, line: bytes) -> dict[str, Any] | Unreadable:
        try:
            found = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
        except (ValueError, RecursionError) as error:
            return Unreadable(self.place(), f"{self.place()}: {error}", line)
        return found if isinstance(found, dict) else Unreadable(self.place(), f"{self.place()}: it is no object", line)

    def place(self) -> str:
        return f"line {self._number}"


class Parquet:
    """Read a batch at a time. PermanentError where it can't be."""

    def __init__(self, path: Path, batch: int) -> None:
        import pyarrow
        from pyarrow import parquet

        self._broken, self._batch, self._number = pyarrow.ArrowException, batch, 0
        try:
            self._file = parquet.ParquetFile(path)
        except self._broken as error:
            raise PermanentError(f"{path.name} is no Parquet file that can be read: {_first(error)}") from None
        self.headings: Sequence[str] = list(self._file.schema_arrow.names)

    def rows(self) -> Iterator[dict[str, Any] | Unreadable]:
        try:
            for batch in self._file.iter_batches(self._batch):
                for row in batch.to_pylist():
                    self._number += 1
                    yield plain(row)
        except self._broken as error:
            raise PermanentError(f"it can't be read after {self.place()}: {_first(error)}") from None

    def place(self) -> str:
        return f"row {self._number}"


def _first(error: Exception) -> str:
    return str(error).partition("\n")[0]
