"""Any SQL database that SQLAlchemy has a driver for: tables, or queries, as streams, mapped as crosswalk.toml declares it.

    url = "postgresql://reader@erp.example.com/erp"      # without the password, which is the secret; or no url, and the whole is the secret
    secret = "env:ERP_PASSWORD"
    [[source.stream]]
    name = "customers"
    table = "sales.customers"                            # or query = "select ... where ..."
    key = "id"                                           # or several: ["company", "number"]
    cursor = "updated_at"                                # rises with each change; without one all is read each time

Rows are read by (cursor, key), so that none is passed over where many have one cursor; those without a cursor, and those without a key,
come at the end. What a transaction commits late has an earlier cursor: `lookback` (seconds, or of a number as much) goes back that far.
Deletions show by comparing keys, or by a column `deleted`. Only reading statements are sent, in transactions that can't write.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import URL, Executable, func, make_url, select
from sqlalchemy.exc import ArgumentError

from connectors.account.shared import Rate, Shared
from connectors.connector import Declaration, Stream
from connectors.declared import DeclaredMapping
from connectors.errors import ConfigurationError
from connectors.http.authentication import known
from connectors.records import Page, Position, Raw, Unreadable
from connectors.values import back, kept, plain
from connectors.vendors.sql import cursors
from connectors.vendors.sql.database import Database, Row
from connectors.vendors.sql.declaration import SqlOptions, SqlStream
from connectors.vendors.sql.reading import key_of

NO = (None, False, 0, "", "0", "f", "false", "n", "no")


class Sql(DeclaredMapping):
    kind = "sql"
    Options = SqlOptions

    def __init__(self, declaration: Declaration, shared: Shared | None = None) -> None:
        super().__init__(declaration, shared)
        rate = self.options.requests_per_second
        self.database = self.door = Database(self._url, self.account(Rate(rate, max(1, int(rate)))))
        self.said: Mapping[str, SqlStream] = {one.name: one for one in self.options.stream}

    def _url(self) -> URL:
        source, secret = self.declaration.name, self.declaration.secret
        if self.options.url:
            url = make_url(self.options.url)
            return url.set(password=known(source, secret)) if secret else url
        try:
            return make_url(known(source, secret))
        except (ArgumentError, ValueError):
            raise ConfigurationError("the secret is not the url of a database, such as postgresql://user:password@host/database") from None

    def check(self) -> str:
        for name in self.declaration.streams or self.said:
            reading = self.said[name].reading()
            self._read(name, reading.page(None, 1, next(reading.parts(None))))
        return f"the database answers, with {', '.join(self.said)}"

    def streams(self) -> Sequence[Stream]:
        return [Stream(one.name, one.lists_ids) for one in self.options.stream]

    def pull(self, stream: str, position: Position | None) -> Iterator[Page]:
        """position: {"since"} between syncs, with "pass" and "after" while one reads; {} without a cursor."""
        said, here = self.said[stream], dict(position or {})
        reading, since = said.reading(), here.get("since")
        until = here.get("until", since)
        for number, part in enumerate(reading.parts(cursors.earlier(back(since), said.lookback))):
            if number < here.get("pass", 0):
                continue
            after = [back(one) for one in here["after"]] if number == here.get("pass") else None
            while rows := self._read(stream, reading.page(after, self.options.page_size, part)):
                after = [rows[-1][name] for name in part.order]
                until = kept(after[0]) if part.dated else until
                on_the_way = {"since": since, "until": until, "pass": number, "after": [kept(one) for one in after]}
                yield self._page(said, rows, on_the_way)
                if len(rows) < self.options.page_size or not part.goes_on:
                    break
        yield Page([], {"since": kept(cursors.capped(back(until), self._clock(stream)))} if until is not None else {})

    def between(self, stream: str, start: datetime, end: datetime | None) -> Iterator[Page]:
        """By the cursor, where it is a time; in UTC where it has no zone."""
        said = self.said[stream]
        reading = said.reading()
        first = self._read(stream, reading.page(None, 1, next(reading.parts(None)))) if said.cursor else []
        if said.cursor and first and cursors.moment(first[0][said.cursor]):
            begin = {"since": kept(cursors.like(first[0][said.cursor], start))}
            for page in self.pull(stream, begin):
                records = [one for one in page.records if one.updated_at and start <= one.updated_at and (not end or one.updated_at < end)]
                yield replace(page, records=records)
        elif first or not said.cursor:
            yield from super().between(stream, start, end)

    def list_ids(self, stream: str) -> Iterator[Sequence[str]]:
        reading, after = self.said[stream].reading(), None
        while rows := self.database.rows(stream, reading.listing(after, self.options.page_size)):
            yield [key for row in rows if (key := key_of(row, reading.keys))]
            after = [rows[-1][name] for name in reading.keys]

    def fetch(self, stream: str, key: str) -> Raw | None:
        said = self.said[stream]
        rows = self._read(stream, said.reading().one(key))
        return next(iter(self._page(said, rows, {}).records), None)

    def _read(self, stream: str, statement: Executable) -> list[Row]:
        """Whole rows. ConfigurationError where they lack a column that is named, or have it with other capital letters."""
        rows = self.database.rows(stream, statement)
        if rows and (lacking := [name for name in self.said[stream].columns() if name not in rows[0]]):
            raise ConfigurationError(f"{stream} has no column {lacking[0]!r}; it has {', '.join(rows[0])}")
        return rows

    def _clock(self, stream: str) -> Any:
        """The database's own."""
        return self.database.rows(stream, select(func.current_timestamp().label("now")))[0]["now"]

    def _page(self, said: SqlStream, rows: Sequence[Row], position: Position) -> Page:
        raws, unreadable, keys = [], [], said.reading().keys
        for row in rows:
            key = key_of(row, keys)
            if not key:
                unreadable.append(Unreadable("", f"it has no {' and '.join(keys)}", repr(plain(row)).encode("utf-8", "replace")))
                continue
            at = cursors.moment(row[said.cursor]) if said.cursor else None
            raws.append(Raw(key, plain(row), updated_at=at, deleted=said.deleted is not None and row[said.deleted] not in NO))
        return Page(raws, position, unreadable)
