"""CSV exports: a file, or a folder of files, each a stream of its own name. What most people have on the first day.

What a column means is said by `columns`, or else guessed from its heading; a column that means nothing to us is kept as it is called. A
row's key is its id column's value, or, where the file has none, a digest of the row. A file that did not change is not landed again; a
row that is gone from a file is deleted.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from connectors import files
from connectors.connector import Connector, Declaration, Landed, Options, Page, Position, Raw, Stream, Unreadable
from connectors.errors import ConfigurationError, ConnectorError, NotFoundError
from connectors.http.shared import Shared
from connectors.mapping.staged import Mapped, clean, digest
from connectors.texts import headers
from connectors.vendors.csv import mapping

PAGE_ROWS = 5000
LONGEST_FIELD = 1_000_000


class CsvOptions(Options):
    """path: the file or folder; columns: heading -> our attribute; id_column; kind_of_rows: what a row is, where all are one."""

    path: Path
    columns: Mapping[str, str] = {}
    id_column: str | None = None
    kind_of_rows: Literal["person", "organization"] | None = None
    delimiter: str | None = None
    encoding: str | None = None


class Csv(Connector):
    kind = "csv"
    Options = CsvOptions
    mapping_version = 2

    def __init__(self, declaration: Declaration, shared: Shared | None = None) -> None:
        super().__init__(declaration, shared)
        if self.options.delimiter is not None and len(self.options.delimiter) != 1:
            raise ConfigurationError(f"source {declaration.name}: delimiter must be one character")

    def check(self) -> str:
        found = self._files()
        if not found:
            raise NotFoundError(f"{self.options.path} holds no .csv, .tsv or .txt file")
        columns = {name: Table(file.read() or b"", self.options).headings for name, file in found.items()}
        for name, headings in columns.items():
            if unknown := [one for one in self.options.columns if one not in headings]:
                raise ConfigurationError(f"{name} has no column {unknown[0]!r}; it has {', '.join(headings)}")
        return f"{self.options.path} holds {len(found)} files: {', '.join(found)}"

    def streams(self) -> Sequence[Stream]:
        """A stream for each file; one that fails when pulled where there is nothing to read, so that it is heard of."""
        try:
            names = list(self._files())
        except ConnectorError:
            names = []
        return [Stream(name, lists_ids=True) for name in names or [stream_name(self.options.path.name)]]

    def pull(self, stream: str, position: Position | None) -> Iterator[Page]:
        """position: {"sha256", "id_column"} of the file that was read to its end; under another id column its rows have other keys."""
        content = self._content(stream)
        table = Table(content, self.options)
        reached = {"sha256": hashlib.sha256(content).hexdigest(), "id_column": table.id_column}
        if position == reached:
            return
        records: list[Raw] = []
        unreadable: list[Unreadable] = []
        for one in table.rows():
            if isinstance(one, Raw):
                records.append(one)
            else:
                unreadable.append(one)
            if len(records) + len(unreadable) >= PAGE_ROWS:
                yield Page(records, position or {}, unreadable)
                records, unreadable = [], []
        yield Page(records, reached, unreadable)

    def list_ids(self, stream: str) -> Iterator[Sequence[str]]:
        yield [one.key for one in Table(self._content(stream), self.options).rows()]

    def map(self, record: Landed) -> Mapped:
        own = self.declaration.mapping.get(record.stream, {})
        return mapping.map_record(record, self.options.columns, self.options.kind_of_rows, own)

    def mapping_table(self, stream: str) -> object:
        del stream
        return sorted(self.options.columns.items()), self.options.kind_of_rows, mapping.MEANINGS

    def _content(self, stream: str) -> bytes:
        file = self._files().get(stream)
        content = file.read() if file else None
        if content is None:
            raise NotFoundError(f"the file of {stream} in {self.options.path} is gone, or changes while it is read")
        return content

    def _files(self) -> dict[str, files.File]:
        """Stream -> file, the stream named after the file."""
        path: Path = self.options.path
        if path.is_file():
            found = files.walk(path.parent, lambda one: one == path.name)
        else:
            found = files.walk(path, lambda one: PurePosixPath(one).suffix.lower() in (".csv", ".tsv", ".txt"))
        named: dict[str, files.File] = {}
        for file in sorted(found, key=lambda one: one.path):
            name = stream_name(file.path)
            named[name if name not in named else f"{name}_{digest(file.path).hex()[:6]}"] = file
        return named


class Table:
    """A CSV file's headings and rows; delimiter and encoding are worked out where they are not said."""

    def __init__(self, content: bytes, options: CsvOptions) -> None:
        text = headers.decode_bytes(content.removeprefix(b"\xef\xbb\xbf"), options.encoding or _utf16(content))
        self.id_column = options.id_column
        csv.field_size_limit(LONGEST_FIELD)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=options.delimiter or delimiter_of(text))
        self._reader = reader
        self.headings = _unique([heading.strip() for heading in next(reader, [])])
        if self.id_column is None:
            self.id_column = next((one for one in self.headings if mapping.is_id(one)), None)
        elif self.headings and self.id_column not in self.headings:
            raise ConfigurationError(f"there is no column {self.id_column!r}; there are {', '.join(self.headings)}")

    def rows(self) -> Iterator[Raw | Unreadable]:
        """A record for each row. One without its id, or longer than the headings, is unreadable; a second one with an id gets a digest."""
        seen: set[str] = set()
        while True:
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Unreadable(f"line {self._reader.line_num}", f"line {self._reader.line_num}: {error}")
                continue
            if not any(cell.strip() for cell in cells):
                continue
            raw = "\x1f".join(cells).encode("utf-8", "replace")
            row_digest = digest(raw).hex()
            if len(cells) > len(self.headings):
                yield Unreadable(row_digest, f"line {self._reader.line_num}: {len(cells)} cells under {len(self.headings)} headings", raw)
                continue
            payload = dict(zip(self.headings, cells, strict=False))
            key = clean(payload.get(self.id_column, "").strip()) if self.id_column else row_digest
            if not key:
                yield Unreadable(row_digest, f"line {self._reader.line_num}: its {self.id_column} is empty", raw)
                continue
            yield Raw(key if key not in seen else f"{key}#{row_digest[:8]}", payload)
            seen.add(key)


def stream_name(path: str) -> str:
    """`Exports/Kunden 2026.csv` as `exports_kunden_2026`."""
    name = re.sub(r"[^a-z0-9]+", "_", str(PurePosixPath(path).with_suffix("")).lower()).strip("_")
    return name if re.match("[a-z]", name) else f"file_{name}".rstrip("_")


def delimiter_of(text: str) -> str:
    """The one of comma, semicolon, tab and bar that the headings hold most often."""
    first = text.split("\n", 1)[0]
    return max(",;\t|", key=lambda one: (first.count(one), one == ","))


def _utf16(content: bytes) -> str | None:
    return "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else None


def _unique(headings: Sequence[str]) -> list[str]:
    """Each heading once: a second `Phone` is `Phone 2`, one without a name is `column 3`."""
    found: list[str] = []
    for place, heading in enumerate(headings, 1):
        name = heading or f"column {place}"
        while name in found:
            name = f"{heading or 'column'} {place}"
            heading = name
        found.append(name)
    return found
