"""A folder of documents: contracts, notes, price lists, as PDF, DOCX, Markdown, text or HTML.

A file is known by its path under the folder. One of another type is landed without its bytes, so that it is known to be there.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from connectors import files
from connectors.connector import Connector, Landed, Options, Page, Position, Raw, Stream, Unreadable
from connectors.mapping import documents
from connectors.mapping.staged import Mapped
from connectors.texts import reading


class DocumentsOptions(Options):
    """path: the folder."""

    path: Path


class Documents(Connector):
    kind = "documents"
    Options = DocumentsOptions
    mapping_version = documents.VERSION

    def check(self) -> str:
        return f"{self.options.path} holds {len(self._files())} files"

    def streams(self) -> Sequence[Stream]:
        return [Stream("files", lists_ids=True)]

    def pull(self, stream: str, position: Position | None) -> Iterator[Page]:
        del stream
        return files.pages(self._files(), position, read)

    def list_ids(self, stream: str) -> Iterator[Sequence[str]]:
        del stream
        yield [files.key_of(file.path) for file in self._files()]

    def fetch(self, stream: str, key: str) -> Raw | None:
        """The file as it is now; None of one that is gone, that changes just now, or whose name is not UTF-8."""
        del stream
        file = files.find(self.options.path, key)
        content = file.read() if file and file.size <= files.LARGEST else None
        found = read(file, content) if file and content is not None else None
        return found if isinstance(found, Raw) else None

    def map(self, record: Landed) -> Mapped:
        return documents.map_record(record, self.declaration.own_names)

    def _files(self) -> list[files.File]:
        return files.walk(self.options.path, files.is_document)


def read(file: files.File, content: bytes) -> Raw | Unreadable:
    """The record of a file's bytes."""
    media_type = reading.media_type(file.path)
    payload = {"path": files.key_of(file.path), "size": len(content), "media_type": media_type}
    return Raw(files.key_of(file.path), payload, content if reading.is_readable(file.path) else None, file.modified)
