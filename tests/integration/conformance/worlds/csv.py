"""A CSV file: a row for each item, the file written anew as anything changes, as an export would be."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from connectors.sources import SourceDeclaration
from connectors.vendors.csv import connector
from tests.integration.conformance.world import Item, Shelf, World


class Line(Item):
    """An item that has no key in its row once it is poison."""

    shelf: "Export"

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "poison" and value:
            self.shelf.write()


class Export(Shelf):
    """A shelf that is written to its file with each change, or with many at once."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self.filling = path, False
        self.write()

    def put(self, key: str, name: str, at: datetime | None = None, **extra: Any) -> Item:
        item = super().put(key, name, at, **extra)
        line = self.items[key] = Line(key, name, item.at, item.change, extra=item.extra)
        line.shelf = self
        self.write()
        return line

    def fill(self, count: int, start: int = 1) -> None:
        self.filling = True
        super().fill(count, start)
        self.filling = False
        self.write()

    def remove(self, key: str) -> None:
        super().remove(key)
        self.write()

    def write(self) -> None:
        if self.filling:
            return
        rows = self.living()
        names = ["id", "name", *dict.fromkeys(name for one in rows for name in one.extra)]
        with self.path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(names)
            writer.writerows(["" if one.poison else one.key, one.name, *(one.extra.get(name, "") for name in names[2:])] for one in rows)


class CsvWorld(World):
    kind, stream = "csv", "customers"
    skips: ClassVar = {
        "rate_limit": "files of this machine know no limit",
        "expired_token": "files of this machine want no token",
        "duplicate_page": "a file is read by this machine, in one piece",
    }

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.shelf = Export(folder / "customers.csv")

    def declaration(self, name: str, more: str = "") -> SourceDeclaration:
        connector.PAGE_ROWS = self.page
        return super().declaration(name, more)

    @contextmanager
    def serve(self) -> Iterator[None]:
        before = connector.PAGE_ROWS
        yield
        connector.PAGE_ROWS = before

    def toml(self) -> str:
        return f'path = "{self.folder / "customers.csv"}"'

    def secret(self) -> str:
        return ""

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return payload["name"]
