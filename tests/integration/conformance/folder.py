"""A folder of this machine as a source: a file for each item, written as it is put on the shelf."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from connectors import files
from connectors.sources import SourceDeclaration
from tests.integration.conformance.world import Item, Shelf, World


class Filed(Item):
    """An item with its file, which is spoiled once it is poison."""

    path: Path
    spoil: Callable[[Path], object]

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "poison" and value:
            self.spoil(self.path)


class Folder(Shelf):
    """A shelf whose items are files as soon as they are put there. form: the file's name, with {}; content: its bytes."""

    def __init__(self, folder: Path, form: str, content: Callable[[Item], bytes], spoil: Callable[[Path], object]) -> None:
        super().__init__()
        folder.mkdir()
        self.folder, self.form, self.content, self.spoil = folder, form, content, spoil

    def put(self, key: str, name: str, at: Any = None, **extra: Any) -> Item:
        item = super().put(key, name, at, **extra)
        filed = self.items[key] = Filed(key, name, item.at, item.change, extra=item.extra)
        filed.path, filed.spoil = self._path(key), self.spoil
        filed.path.write_bytes(self.content(filed))
        return filed

    def remove(self, key: str) -> None:
        super().remove(key)
        self._path(key).unlink()

    def _path(self, key: str) -> Path:
        return self.folder / self.form.format(key)


class FolderWorld(World):
    """The world of such a source; `shelf` is a Folder."""

    many = 20_000
    skips: ClassVar = {
        "rate_limit": "files of this machine know no limit",
        "expired_token": "files of this machine want no token",
        "duplicate_page": "a folder is listed by this machine, in one piece",
    }
    shelf: Folder

    def declaration(self, name: str, more: str = "") -> SourceDeclaration:
        files.PAGE_FILES = self.page
        return super().declaration(name, more)

    @contextmanager
    def serve(self) -> Iterator[None]:
        before = files.PAGE_FILES
        yield
        files.PAGE_FILES = before

    def toml(self) -> str:
        return f'path = "{self.shelf.folder}"'

    def secret(self) -> str:
        return ""
