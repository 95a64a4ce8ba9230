"""A table of an SQLite file: a row for each item, written as it is put on the shelf."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from tests.integration.conformance.declared_api import MAPPING, written
from tests.integration.conformance.world import Item, Shelf, World


class Row(Item):
    """An item with its table, in which it has no key once it is poison."""

    table: sqlite3.Connection

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "poison" and value:
            self.table.execute("update customers set id = null where id = ?", [int(self.key)])


class Table(Shelf):
    """A shelf whose items are rows as soon as they are put there."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.table = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.table.execute("create table customers (id integer, name text, updated_at text)")
        self.table.execute("create index by_id on customers (id)")
        self.table.execute("create index by_change on customers (updated_at, id)")

    def put(self, key: str, name: str, at: datetime | None = None, **extra: Any) -> Item:
        item = super().put(key, name, at, **extra)
        row = self.items[key] = Row(key, name, item.at, item.change, extra=item.extra)
        row.table = self.table
        self.table.execute("delete from customers where id = ?", [int(key)])
        for column in extra:
            self.table.execute(f'alter table customers add column "{column}" text')
        columns = {"id": int(key), "name": name, "updated_at": written(item), **item.extra}
        holders = ", ".join("?" for _ in columns)
        self.table.execute(f"insert into customers ({', '.join(columns)}) values ({holders})", list(columns.values()))
        return row

    def fill(self, count: int, start: int = 1) -> None:
        self.table.execute("begin")
        super().fill(count, start)
        self.table.execute("commit")

    def remove(self, key: str) -> None:
        super().remove(key)
        self.table.execute("delete from customers where id = ?", [int(key)])


class SqlWorld(World):
    kind, stream = "sql", "customers"
    skips: ClassVar = {
        "rate_limit": "a database knows no limit of requests",
        "expired_token": "a password is asked for a connection, and not with each statement",
        "duplicate_page": "a database answers the statement that was asked",
    }

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.shelf = Table(folder / "erp.db")

    @contextmanager
    def serve(self) -> Iterator[None]:
        yield
        self.shelf.table.close()

    def toml(self) -> str:
        return f"""url = "sqlite:///{self.folder / "erp.db"}"
page_size = {self.page}
requests_per_second = 5000.0
[[source.stream]]
name = "customers"
table = "customers"
key = "id"
cursor = "updated_at"
{MAPPING}"""

    def secret(self) -> str:
        return ""

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return payload["name"]
