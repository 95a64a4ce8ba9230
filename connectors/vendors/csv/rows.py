"""The rows of a file, whatever its form, each with its key."""

import codecs
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from connectors import files
from connectors.errors import ConfigurationError, NotFoundError, PermissionDeniedError, TransientError
from connectors.mapping.staged import clean, digest
from connectors.mapping.tables import at
from connectors.records import Raw, Unreadable
from connectors.vendors.csv import mapping
from connectors.vendors.csv.delimited import Delimited
from connectors.vendors.csv.structured import JsonLines, Parquet

CHUNK = 1 << 20


class Table(Protocol):
    """Headings, and rows under them; place: where the last one stood."""

    @property
    def headings(self) -> Sequence[str]: ...

    def rows(self) -> Iterator[dict[str, Any] | Unreadable]: ...

    def place(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Scan:
    """What one look at all of a file's bytes tells."""

    sha256: str
    utf8: bool


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is to be read, where its user says so."""

    delimiter: str | None = None
    encoding: str | None = None
    batch: int = 5000


@contextmanager
def opened(file: files.File, form: Form, scan: Scan | None = None) -> Iterator[Table]:
    """The file as a table, while the block lasts. Raises what `_bytes` does."""
    path = Path(file.folder, file.path)
    with _bytes(file) as stream:
        match path.suffix.lower():
            case ".parquet":
                yield Parquet(path, form.batch)
            case ".jsonl" | ".ndjson":
                yield JsonLines(stream)
            case _:
                yield Delimited(stream, form.delimiter, form.encoding, utf8=(scan or scanned(file)).utf8)


def scanned(file: files.File) -> Scan:
    """TransientError where it changes meanwhile. Raises what `_bytes` does."""
    state, decoder, utf8 = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")(), True
    with _bytes(file) as stream:
        while chunk := stream.read(CHUNK):
            state.update(chunk)
            utf8 = utf8 and _goes_on(decoder, chunk)
    unchanged(file)
    return Scan(state.hexdigest(), utf8 and _goes_on(decoder, b"", final=True))


def _bytes(file: files.File) -> BinaryIO:
    """NotFoundError where the file is gone, PermissionDeniedError where it can't be read."""
    try:
        return Path(file.folder, file.path).open("rb")
    except FileNotFoundError:
        raise NotFoundError(f"{file.path} is gone") from None
    except PermissionError as error:
        raise PermissionDeniedError(f"{file.path} can't be read: {error.strerror}", action="Let this user read the file.") from None


def unchanged(file: files.File) -> None:
    """TransientError where the file is another than it was when it was found."""
    full = Path(file.folder, file.path)
    if not full.exists() or os.stat(full).st_ctime_ns != file.changed:
        raise TransientError(f"{file.path} changes while it is read")


def id_column_of(table: Table, said: str | None) -> str | None:
    """The column that a row is known by; None where its contents are. ConfigurationError where the one that is said is not there."""
    if said is None:
        return next((one for one in table.headings if mapping.is_id(one)), None)
    if table.headings and said not in table.headings and said.partition(".")[0] not in table.headings:
        raise ConfigurationError(f"there is no column {said!r}; there are {', '.join(table.headings)}")
    return said


def keyed(table: Table, id_column: str | None) -> Iterator[Raw | Unreadable]:
    """A record for each row. One without its id is unreadable; a second one with an id gets a digest."""
    seen: set[int] = set()
    for row in table.rows():
        if isinstance(row, Unreadable):
            yield row
            continue
        of_row = digest(row).hex()
        key = _key(at(row, id_column)) if id_column else of_row
        if not key:
            yield Unreadable(of_row, f"{table.place()}: its {id_column} is empty", repr(row).encode("utf-8", "replace"))
            continue
        short = int.from_bytes(digest(key)[:8])  # 8 bytes of each key, and not the keys
        yield Raw(key if short not in seen else f"{key}#{of_row[:8]}", row)
        seen.add(short)


def _key(value: Any) -> str:
    return clean(str(value).strip()) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _goes_on(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True
