"""A folder of documents on this machine: contracts, notes, price lists, in folders within folders.

A file is known by its path under the folder. It has changed where its size or its time of change (ctime) has, which a move, a copy and a
restored backup renew too; the clock may go back. One that changes while it is read is left for the next sync. Links are not followed. A
folder below that may not be read stops nothing: it is quarantined, and what landed of it stays.
"""

from collections.abc import Iterator
from pathlib import Path

from connectors import files
from connectors.connector import Options
from connectors.drives import Drive, Listed, by_path, in_order, listed
from connectors.errors import PermissionDeniedError
from connectors.records import Page, Position, Unreadable


class DocumentsOptions(Options):
    """path: the folder."""

    path: Path


class Documents(Drive):
    kind = "documents"
    Options = DocumentsOptions

    def check(self) -> str:
        return f"{self.options.path} holds {len(files.explore(self.options.path, files.is_document)[0])} files"

    def listings(self, position: Position) -> Iterator[Page]:
        found, closed = files.explore(self.options.path, files.is_document)
        told: list[Listed | Unreadable] = [*map(_listed, found), *closed]
        return in_order(
            by_path([(one.key, one) for one in told], lambda _: iter(()), str(position.get("after", ""))), position, files.PAGE_FILES
        )

    def content(self, file: Listed) -> bytes | None:
        now = files.find(self.options.path, file.at)
        try:
            return now.read() if now and _version(now) == file.payload["version"] else None
        except OSError as error:
            raise PermissionDeniedError(str(error.strerror)) from error

    def find(self, key: str) -> Listed | None:
        found = files.find(self.options.path, key) if files.is_document(key) else None
        return _listed(found) if found else None


def _listed(file: files.File) -> Listed:
    return listed(files.key_of(file.path), _version(file), file.size, file.modified, at=file.path)


def _version(file: files.File) -> str:
    return f"{file.changed} {file.size}"
