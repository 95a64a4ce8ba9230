"""A folder of documents: a file for each item, written as it is put on the shelf."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from connectors import files
from connectors.sources import SourceDeclaration
from tests.integration.conformance import filing
from tests.integration.conformance.world import Item, Shelf, World


class Filed(Item):
    """An item with its file, which is larger than may be once it is poison."""

    path: Path

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "poison" and value:
            with self.path.open("wb") as file:
                file.truncate(files.LARGEST + 1)


class Folder(Shelf):
    """A shelf whose items are files as soon as they are put there."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def put(self, key: str, name: str, at: Any = None, **extra: Any) -> Item:
        item = super().put(key, name, at, **extra)
        filed = self.items[key] = Filed(key, name, item.at, item.change, extra=item.extra)
        filed.path = self.folder / f"Grüße+{key}.md"
        filed.path.write_bytes(filing.content_of(filed))
        return filed

    def remove(self, key: str) -> None:
        super().remove(key)
        (self.folder / f"Grüße+{key}.md").unlink()


class DocumentsWorld(World):
    kind, stream, many = "documents", "files", 20_000
    skips: ClassVar = {
        **filing.NO_SCHEMA,
        "rate_limit": "files of this machine know no limit",
        "expired_token": "files of this machine want no token",
        "rotating_token": "files of this machine want no token",
        "change_on_the_way": "a folder is listed by this machine, in one piece",
        "duplicate_page": "a folder is listed by this machine, in one piece",
    }

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (folder / "papers").mkdir()
        self.shelf = Folder(folder / "papers")

    def declaration(self, name: str, more: str = "") -> SourceDeclaration:
        files.PAGE_FILES = self.page
        return super().declaration(name, more)

    @contextmanager
    def serve(self) -> Iterator[None]:
        before = files.PAGE_FILES
        yield
        files.PAGE_FILES = before

    def toml(self) -> str:
        return f'path = "{self.folder / "papers"}"'

    def secret(self) -> str:
        return ""

    def key_of(self, key: str) -> str:
        return filing.number_of(key)

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return filing.name_in(payload, body)
