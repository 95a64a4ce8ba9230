"""An API that is declared in crosswalk.toml alone: how it authenticates, how each stream is asked for, parted into pages and mapped.

[source.auth]
kind = "header"                                      # or bearer (left out, it is that), basic with user, none
header = "X-Api-Key"

[[source.stream]]
name = "customers"
path = "/v2/customers"
records = "data"                                     # where the list is in the answer
key = "id"
updated = "updated_at"
paging = { kind = "cursor", next = "meta.next_cursor", send = "cursor" }
since = { param = "updated_after", format = "iso" }
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from connectors.account.shared import Shared
from connectors.apis.api import Api, ApiOptions
from connectors.apis.paging import After, Cursor, Link, Numbered, Offset, Paging, Whole
from connectors.apis.resource import Resource, Since
from connectors.connector import Declaration, Options
from connectors.declared import DeclaredMapping
from connectors.http.authentication import Anonymous, Authentication, Basic, Key
from connectors.http.messages import Request

Where = Literal["params", "body", "body.variables", "headers"]


def _has_one_place(form: str) -> str:
    if form.count("{}") != 1:
        raise ValueError("it needs {} once, where the value goes")
    return form


Form = Annotated[str, AfterValidator(_has_one_place)]


class Said(BaseModel):
    """A table of the declaration."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Auth(Said):
    """How the secret is shown. form: what is put around it, where it goes into a header of its own."""

    kind: Literal["bearer", "basic", "header", "none"] = "bearer"
    user: str = ""
    header: str = "Authorization"
    form: Form = "{}"

    @model_validator(mode="after")
    def _is_understood(self) -> "Auth":
        if self.form.count("{") + self.form.count("}") > 2:
            raise ValueError("`form` has no braces but {}, where the secret goes")
        return self


class CursorSaid(Said):
    """The answer holds at `next` what the next request sends as `send`; more: a path that is true while there are more."""

    kind: Literal["cursor"]
    next: str
    send: str = "cursor"
    limit: str | None = None
    more: str = ""
    where: Where = "params"

    def paging(self, size: int) -> Paging:
        return Cursor(self.next, self.send, self.where, {self.limit: size} if self.limit else None, self.more)


class LinkSaid(Said):
    """The answer holds at `next` the next page's address, whole or relative to the one that was asked; without it, in its Link header."""

    kind: Literal["link"]
    next: str = ""
    limit: str | None = None

    def paging(self, size: int) -> Paging:
        return Link(self.next, {self.limit: size} if self.limit else None)


class OffsetSaid(Said):
    kind: Literal["offset"]
    offset: str = "offset"
    limit: str = "limit"
    more: str = ""
    where: Where = "params"

    def paging(self, size: int) -> Paging:
        return Offset(size, self.limit, self.offset, self.where, self.more)


class PageSaid(Said):
    """Pages by number; last: the path of the number of pages."""

    kind: Literal["page"]
    page: str = "page"
    limit: str = "per_page"
    first: int = 1
    last: str = ""
    where: Where = "params"

    def paging(self, size: int) -> Paging:
        return Numbered(size, self.page, self.limit, self.first, self.where, self.last)


class AfterSaid(Said):
    """What comes after the last record's `key`."""

    kind: Literal["after"]
    key: str = "id"
    send: str = "starting_after"
    limit: str = "limit"
    more: str = ""
    where: Where = "params"

    def paging(self, size: int) -> Paging:
        return After(size, self.key, self.send, self.limit, self.where, self.more)


class WholeSaid(Said):
    """All in one answer."""

    kind: Literal["whole"] = "whole"

    def paging(self, size: int) -> Paging:
        del size
        return Whole()


class SinceSaid(Said):
    """How what changed is asked for. form: around the moment, such as `updated>{}`; lookback: seconds to ask from earlier."""

    param: str
    format: Literal["iso", "iso_seconds", "date", "epoch", "epoch_ms"] = "iso"
    form: Form = "{}"
    where: Where = "params"
    lookback: Annotated[int, Field(ge=0)] = 300

    def since(self) -> Since:
        return Since(self.asking, timedelta(seconds=self.lookback), self.where)

    def asking(self, moment: datetime) -> Mapping[str, Any]:
        told = written(moment, self.format)
        return {self.param: told if self.form == "{}" else self.form.replace("{}", str(told))}


class IdsSaid(Said):
    """A cheaper way to list ids alone: another path or other parameters, with the same list of records in the answer."""

    path: str | None = None
    params: dict[str, str | int | float | bool] = {}


class ListSaid(Said):
    """One stream of records in a list. one_at: where in the answer for a single record that is. lists_ids: a record that is not listed any
    more is deleted."""

    name: str
    records: str = ""
    key: str = "id"
    updated: str | None = None
    deleted: str | None = None
    since: SinceSaid | None = None
    one_at: str = ""
    lists_ids: bool = True

    def listed(self, request: Request, paging: Paging) -> Resource:
        return Resource(
            request,
            records=self.records,
            key=self.key,
            updated=self.updated,
            deleted=self.deleted,
            paging=paging,
            since=self.since.since() if self.since else None,
            one_at=self.one_at,
            lists_ids=self.lists_ids,
        )

    @model_validator(mode="after")
    def _changes_are_dated(self) -> "ListSaid":
        if self.since and not self.updated:
            raise ValueError("`since` needs `updated`, the path of a record's time of change")
        return self


class StreamSaid(ListSaid):
    """one: the path of a single record, with {key} in it, for reading it live."""

    path: str
    method: Literal["GET", "POST"] = "GET"
    params: dict[str, str | int | float | bool] = {}
    body: dict[str, Any] | None = None
    paging: Annotated[CursorSaid | LinkSaid | OffsetSaid | PageSaid | AfterSaid | WholeSaid, Field(discriminator="kind")] = WholeSaid()
    ids: IdsSaid | None = None
    one: str | None = None

    def resource(self, url: str, size: int) -> Resource:
        ids = Request(self.ids.path or self.path, self.method, self.ids.params, self.body) if self.ids else None
        asked, paging = Request(self.path, self.method, self.params, self.body), self.paging.paging(size)
        if isinstance(paging, Link):
            paging = replace(paging, base=url)
        return replace(self.listed(asked, paging), ids=ids, one=self.one)

    @model_validator(mode="after")
    def _one_is_named(self) -> "StreamSaid":
        if self.one is not None and "{key}" not in self.one:
            raise ValueError("`one` needs {key}, where the record's key goes")
        return self


class DeclaredOptions(ApiOptions):
    """headers: sent with each request, such as the version of the API."""

    auth: Auth = Auth()
    headers: Mapping[str, str] = {}


class DeclaredApi(DeclaredMapping, Api):
    """`resources()` is what its `stream`s say."""

    Options: ClassVar[type[Options]] = DeclaredOptions

    def __init__(self, declaration: Declaration, shared: Shared | None = None) -> None:
        super().__init__(declaration, shared)
        self.api.vendor = replace(self.vendor, headers={**self.vendor.headers, **self.options.headers})

    def authentication(self) -> Authentication:
        said: Auth = self.options.auth
        source, secret = self.declaration.name, self.declaration.secret
        if self.declaration.oauth:
            return self.oauth() or Anonymous()
        if said.kind == "none" or (secret is None and said == Auth()):
            return Anonymous()
        if said.kind == "basic":
            return Basic(source, said.user, secret)
        return Key(source, secret, said.header, "Bearer {}" if said.kind == "bearer" else said.form)


def written(moment: datetime, how: str) -> str | int:
    """A moment as an API wants it."""
    moment = moment.astimezone(UTC)
    if how.startswith("epoch"):
        return int(moment.timestamp() * (1000 if how == "epoch_ms" else 1))
    if how == "date":
        return moment.date().isoformat()
    return moment.isoformat(timespec="seconds" if how == "iso_seconds" else "microseconds").replace("+00:00", "Z")
