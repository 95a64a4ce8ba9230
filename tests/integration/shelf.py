"""A source whose records are in memory: for what landing does with what any source says."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import select

from connectors.connector import Connector, Stream
from connectors.errors import PermissionDeniedError
from connectors.landing.run import Run, StreamReport
from connectors.mapping.staged import Mapped, Party
from connectors.records import Landed, Page, Position, Raw, Unreadable
from connectors.sources import SourceDeclaration
from sql.database import Database
from sql.tables import landing as tables

AT = datetime(2026, 3, 1, tzinfo=UTC)
DECLARATION = SourceDeclaration("shop", "csv", authority=0.4, options={"path": "unused"})


class Shelf(Connector):
    """A source that holds records in memory, gives two to a page, and breaks at a given page."""

    kind = "shelf"

    def __init__(self, records: Sequence[Raw | Unreadable], breaks_at: int | None = None) -> None:
        super().__init__(DECLARATION_WITHOUT_OPTIONS)
        self.records, self.breaks_at, self.listed = list(records), breaks_at, [one.key for one in records]

    def check(self) -> str:
        return "fine"

    def streams(self) -> Sequence[Stream]:
        return [Stream("things", lists_ids=True)]

    def map(self, record: Landed) -> Mapped:
        return Mapped(parties=[Party(record.stream, record.key, "organization", {"name": [record.payload["name"]]})])

    def fetch(self, stream: str, key: str) -> Raw | None:
        return next((one for one in self.records if one.key == key and isinstance(one, Raw)), None)

    def pull(self, stream: str, position: Position | None) -> Iterator[Page]:
        whole = position == {"next": None}
        for place in range(0 if whole else (position or {}).get("next", 0), len(self.records), 2):
            if self.breaks_at is not None and place >= self.breaks_at:
                raise PermissionDeniedError("GET /things: 403")
            part = self.records[place : place + 2]
            raw, bad = [one for one in part if isinstance(one, Raw)], [one for one in part if isinstance(one, Unreadable)]
            yield Page(raw, {"next": None if whole or place + 2 >= len(self.records) else place + 2}, bad)

    def list_ids(self, stream: str) -> Iterator[Sequence[str]]:
        yield self.listed


DECLARATION_WITHOUT_OPTIONS = replace(DECLARATION, options={})


def things(count: int, name: str = "a") -> list[Raw]:
    return [Raw(str(number), {"name": f"{name}{number}"}, updated_at=AT) for number in range(count)]


def sync(database: Database, shelf: Shelf, declaration: SourceDeclaration = DECLARATION) -> StreamReport:
    return Run(database, declaration, "things", shelf).go(lambda _: None)


def contents(database: Database) -> dict[str, tuple[object, bool]]:
    with database.begin() as connection:
        rows = connection.execute(select(tables.record.c.key, tables.record.c.payload, tables.record.c.deleted_at)).all()
    return {row.key: (row.payload, row.deleted_at is not None) for row in rows}
