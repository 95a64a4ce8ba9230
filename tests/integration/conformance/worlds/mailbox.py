"""A folder of mails: a file for each item, written as it is put on the shelf."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from connectors import files
from connectors.sources import SourceDeclaration
from tests.integration.conformance.mailing import SKIPS, OfMail, message
from tests.integration.conformance.world import Item, Shelf, World


class Filed(Item):
    """An item with its file, which is empty once it is poison."""

    path: Path

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "poison" and value:
            self.path.write_bytes(b"")


class Files(Shelf):
    """A shelf whose items are files as soon as they are put there."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def put(self, key: str, name: str, at: Any = None, **extra: Any) -> Item:
        item = super().put(key, name, at, **extra)
        filed = self.items[key] = Filed(key, name, item.at, item.change, extra=item.extra)
        filed.path = self.folder / f"{key}.eml"
        filed.path.write_bytes(message(filed))
        return filed

    def remove(self, key: str) -> None:
        super().remove(key)
        (self.folder / f"{key}.eml").unlink()


class MailboxWorld(OfMail, World):
    kind, many = "mailbox", 20_000
    skips: ClassVar = {
        **SKIPS,
        "rate_limit": "files of this machine know no limit",
        "expired_token": "files of this machine want no token",
        "duplicate_page": "a folder is listed by this machine, in one piece",
        "live_fetch": "a folder is not asked for one mail by its Message-ID",
    }

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (folder / "box").mkdir()
        self.shelf = Files(folder / "box")

    def declaration(self, name: str, more: str = "") -> SourceDeclaration:
        files.PAGE_FILES = self.page
        return super().declaration(name, more)

    @contextmanager
    def serve(self) -> Iterator[None]:
        before = files.PAGE_FILES
        yield
        files.PAGE_FILES = before

    def toml(self) -> str:
        return f'path = "{self.folder / "box"}"'

    def secret(self) -> str:
        return ""
