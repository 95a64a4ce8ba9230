"""Files of rows: CSV exports, JSON lines and Parquet; a file, or a folder of files, each a stream of its own name.

What a column means is said by `columns`, or else guessed from its heading; a column that means nothing to us is kept as it is called. Where
`[source.mapping.STREAM]` says a kind, the stream is mapped as that declares (orders, invoices). A row's key is its id column's value, or,
where the file has none, a digest of the row. A file that did not change is not landed again; a row that is gone from a file is deleted. A
folder below that may not be read stops no other file: it is a stream that fails, so that it is heard of.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from connectors import files
from connectors.account.shared import Shared
from connectors.connector import Connector, Declaration, Options, Stream
from connectors.errors import ConfigurationError, ConnectorError, NotFoundError, PermissionDeniedError
from connectors.mapping import declared
from connectors.mapping.staged import Mapped
from connectors.mapping.tables import mapped
from connectors.records import Landed, Page, Position, Raw, Unreadable
from connectors.vendors.csv import mapping
from connectors.vendors.csv.listing import SUFFIXES, listed, stream_name, told
from connectors.vendors.csv.rows import Form, id_column_of, keyed, opened, scanned, unchanged

PAGE_ROWS = 5000


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
    mapping_version = 3

    def __init__(self, declaration: Declaration, shared: Shared | None = None) -> None:
        super().__init__(declaration, shared)
        if self.options.delimiter is not None and len(self.options.delimiter) != 1:
            raise ConfigurationError(f"source {declaration.name}: delimiter must be one character")
        self.form = Form(self.options.delimiter, self.options.encoding, PAGE_ROWS)
        self.declared = declared.tables({name: fields for name, fields in declaration.mapping.items() if "kind" in fields})

    def check(self) -> str:
        found, closed = listed(self.options.path)
        if not found and not closed:
            raise NotFoundError(f"{self.options.path} holds no file of rows ({', '.join(SUFFIXES)})", action="Check the source's path.")
        for name, file in found.items():
            with opened(file, self.form) as table:
                id_column_of(table, self.options.id_column)
                if unknown := [one for one in self.options.columns if one not in table.headings]:
                    raise ConfigurationError(f"{name} has no column {unknown[0]!r}; it has {', '.join(table.headings)}")
        return "; ".join([f"{self.options.path} holds {len(found)} files: {', '.join(found)}", *map(told, closed.values())])

    def streams(self) -> Sequence[Stream]:
        """A stream for each file, and one that fails when pulled for each folder that can't be read, or where nothing can be: then those
        that are asked for may be there all the same."""
        try:
            found, closed = listed(self.options.path)
        except ConnectorError:
            found, closed = {}, {}
        names = [*found, *closed] or [stream_name(self.options.path.name)]
        asked = self.declaration.streams if closed or not found else ()
        return [Stream(name, lists_ids=True) for name in dict.fromkeys([*names, *asked])]

    def pull(self, stream: str, position: Position | None) -> Iterator[Page]:
        """position: {"sha256", "id_column"} of the file that was read to its end, with "row" while it is read; under another id column its
        rows have other keys."""
        file = self._file(stream)
        scan, here = scanned(file), dict(position or {})
        read = here.pop("row", None)
        with opened(file, self.form, scan) as table:
            reached = {"sha256": scan.sha256, "id_column": id_column_of(table, self.options.id_column)}
            if here == reached and read is None:
                return
            number = read if here == reached else 0
            rows = islice(keyed(table, reached["id_column"]), number, None)
            while page := list(islice(rows, PAGE_ROWS)):
                number += len(page)
                records = [one for one in page if isinstance(one, Raw)]
                yield Page(records, {**reached, "row": number}, [one for one in page if isinstance(one, Unreadable)])
        unchanged(file)
        yield Page([], reached)

    def list_ids(self, stream: str) -> Iterator[Sequence[str]]:
        with opened(self._file(stream), self.form) as table:
            rows = keyed(table, id_column_of(table, self.options.id_column))
            while page := list(islice(rows, PAGE_ROWS)):
                yield [one.key for one in page]

    def fetch(self, stream: str, key: str) -> Raw | None:
        """By reading the file up to it."""
        with opened(self._file(stream), self.form) as table:
            rows = keyed(table, id_column_of(table, self.options.id_column))
            return next((one for one in rows if isinstance(one, Raw) and one.key == key), None)

    def map(self, record: Landed) -> Mapped:
        if table := self.declared.get(record.stream):
            return mapped(record.payload, table, (record.source, record.stream, record.key), {})
        return mapping.map_record(record, self.options.columns, self.options.kind_of_rows, self.own_fields(record.stream))

    def mapping_table(self, stream: str) -> object:
        return self.declared.get(stream) or (sorted(self.options.columns.items()), self.options.kind_of_rows, mapping.MEANINGS)

    def own_fields(self, stream: str) -> Mapping[str, Any]:
        return {} if stream in self.declared else super().own_fields(stream)

    @classmethod
    def check_field(cls, name: str, said: Any) -> None:
        declared.read(name, said)

    def _file(self, stream: str) -> files.File:
        found, closed = listed(self.options.path)
        if stream in found:
            return found[stream]
        for folder in [closed[stream]] if stream in closed else closed.values():
            raise PermissionDeniedError(f"{self.options.path}/{told(folder)}", action=files.ACTION)
        raise NotFoundError(f"the file of {stream} in {self.options.path} is gone")
