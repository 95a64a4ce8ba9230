"""What crosswalk.toml says of a database: where it is, and its streams."""

from typing import Annotated

from pydantic import Field, field_validator, model_validator
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from connectors.apis.declared import Said
from connectors.connector import Options
from connectors.vendors.sql.reading import Reading


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

    def columns(self) -> list[str]:
        return [*self.reading().keys, *(one for one in (self.cursor, self.deleted) if one)]

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
