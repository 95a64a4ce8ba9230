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
from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator
from sqlalchemy import URL, func, make_url, select
from sqlalchemy.exc import ArgumentError

from connectors.connector import Declaration, Options, Page, Position, Raw, Stream, Unreadable
from connectors.errors import ConfigurationError
from connectors.http.authentication import known
from connectors.http.declared import Said
from connectors.http.shared import Rate, Shared
from connectors.mapping.declared import DeclaredMapping
from connectors.values import back, kept, plain
from connectors.vendors.sql import cursors
from connectors.vendors.sql.database import Database, Row
from connectors.vendors.sql.reading import Reading, key_of

NO = (None, False, 0, "", "0", "f", "false", "n", "no")


class SqlStream(Said):
    """One stream: a table or a query, and its columns."""

    name: str
    table: str = ""
    query: str = ""
    key: str | tuple[str, ...]
    cursor: str | None = None
    deleted: str | None = None
    lookback: Annotated[float, Field(ge=0)] = 300
    lists_ids: bool = True

    @model_validator(mode="after")
    def _one_of(self) -> "SqlStream":
        if bool(self.table) == bool(self.query):
            raise ValueError("say `table` or `query`")
        return self

    def reading(self) -> Reading:
        keys = (self.key,) if isinstance(self.key, str) else tuple(self.key)
        return Reading(self.table, self.query, keys, self.cursor)


class SqlOptions(Options):
    """url: without a password. page_size: rows read at once."""

    url: str = ""
    stream: Annotated[tuple[SqlStream, ...], Field(min_length=1)]
    page_size: Annotated[int, Field(gt=0)] = 2000
    requests_per_second: float = 50.0

    @field_validator("url")
    @classmethod
    def _holds_no_password(cls, url: str) -> str:
        try:
            password = make_url(url).password if url else None
        except (ArgumentError, ValueError):
            raise ValueError("is not the url of a database, such as postgresql://user@host/database") from None
        if password is not None:
            raise ValueError("holds a password: leave it out, and let `secret` refer to it")
        return url


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
            self.database.rows(name, self.said[name].reading().page(None, 1))
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
            while rows := self.database.rows(stream, reading.page(after, self.options.page_size, part)):
                after = [rows[-1][name] for name in part.order]
                until = kept(after[0]) if part.dated else until
                on_the_way = {"since": since, "until": until, "pass": number, "after": [kept(one) for one in after]}
                yield self._page(said, rows, on_the_way)
                if len(rows) < self.options.page_size or not part.goes_on:
                    break
        yield Page([], {"since": kept(cursors.capped(back(until), self._clock(stream)))} if until is not None else {})

    def list_ids(self, stream: str) -> Iterator[Sequence[str]]:
        reading, after = self.said[stream].reading(), None
        while rows := self.database.rows(stream, reading.listing(after, self.options.page_size)):
            yield [key for row in rows if (key := key_of(row, reading.keys))]
            after = [rows[-1][name] for name in reading.keys]

    def fetch(self, stream: str, key: str) -> Raw | None:
        said = self.said[stream]
        rows = self.database.rows(stream, said.reading().one(key))
        return next(iter(self._page(said, rows, {}).records), None)

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
