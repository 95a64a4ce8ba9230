"""Delimited text (.csv, .tsv, .txt), read a line at a time; delimiter and encoding are worked out where they are not said."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from connectors.errors import PermanentError
from connectors.mapping.staged import digest
from connectors.records import Unreadable

LONGEST_FIELD = 1_000_000
LONGEST_LINE = 16 * 1024 * 1024


class Delimited:
    """A file's headings and rows. utf8: whether it is that, to its end; what is neither that nor said otherwise is Windows' Latin."""

    def __init__(self, stream: BinaryIO, delimiter: str | None, encoding: str | None, *, utf8: bool) -> None:
        text = io.TextIOWrapper(stream, encoding or encoding_of(stream, utf8=utf8), errors="replace", newline="")
        start = text.tell()
        first = text.readline(LONGEST_LINE)
        text.seek(start)
        self._text = text  # kept, for it would close the stream when it goes
        csv.field_size_limit(LONGEST_FIELD)
        self._reader = csv.reader(lines(text), delimiter=delimiter or delimiter_of(first))
        self.headings = unique([heading.strip() for heading in next(self._reader, [])])

    def rows(self) -> Iterator[dict[str, Any] | Unreadable]:
        """A row under its headings; what has more cells than headings, or is no row, is unreadable."""
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
            if len(cells) > len(self.headings):
                said = f"line {self._reader.line_num}: {len(cells)} cells under {len(self.headings)} headings"
                raw = "\x1f".join(cells).encode("utf-8", "replace")
                yield Unreadable(digest(raw).hex(), said, raw)
                continue
            yield dict(zip(self.headings, cells, strict=False))

    def place(self) -> str:
        return f"line {self._reader.line_num}"


def lines(text: io.TextIOWrapper) -> Iterator[str]:
    """PermanentError where a line has no end."""
    while line := text.readline(LONGEST_LINE):
        if len(line) >= LONGEST_LINE:
            raise PermanentError(f"it has a line of more than {LONGEST_LINE} characters: it is no delimited text")
        yield line


def encoding_of(stream: BinaryIO, *, utf8: bool) -> str:
    """By its first bytes, which stay to be read; a mark at the beginning is no part of the text."""
    begin = stream.read(3)
    stream.seek(0)
    if begin[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    return "utf-8-sig" if utf8 or begin == b"\xef\xbb\xbf" else "cp1252"


def delimiter_of(text: str) -> str:
    """The one of comma, semicolon, tab and bar that the headings hold most often."""
    first = text.split("\n", 1)[0]
    return max(",;\t|", key=lambda one: (first.count(one), one == ","))


def unique(headings: Sequence[str]) -> list[str]:
    """Each heading once: a second `Phone` is `Phone 2`, one without a name is `column 3`."""
    found: list[str] = []
    for place, heading in enumerate(headings, 1):
        name = heading or f"column {place}"
        while name in found:
            name = f"{heading or 'column'} {place}"
            heading = name
        found.append(name)
    return found
