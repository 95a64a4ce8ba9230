"""A source that speaks HTTP and JSON: its resources are data, and this reads them all in one way.

A first sync reads everything; later ones ask for what changed since, where the vendor can be asked (else everything again, of which landing
writes only what differs). `since` is the latest change seen, or the vendor's clock when the reading began where that is earlier: what
changed behind the reader's back, while it was on its way, is later than that, and the next sync asks for it. Our own clock is never asked.
What no time of change tells (a relation, a computed field) is found where a resource is read whole again after a while, `refresh`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote

import httpx
from pydantic import field_validator

from connectors.account.shared import Rate, Shared
from connectors.apis.paging import Numbered, State, Way
from connectors.apis.resource import Reading, Resource, changed_at, is_gone, is_outworn
from connectors.connector import Connector, Declaration, Options, Stream
from connectors.errors import ConnectorError, NotFoundError, PermanentError, SchemaError
from connectors.http.authentication import Authentication, Key
from connectors.http.door import Door, Vendor
from connectors.http.messages import Answer, Request
from connectors.mapping.staged import Mapped
from connectors.mapping.tables import ActivityTable, PartyTable, at, mapped
from connectors.mapping.transforms import moment
from connectors.records import Landed, Page, Position, Raw, Unreadable


class ApiOptions(Options):
    """url: where the API is; requests_per_second: ours, within the account's limit."""

    url: str
    requests_per_second: float = 10.0
    page_size: int = 100

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        if not re.fullmatch(r"https?://[^\s/?#]\S*", url):
            raise ValueError("an address begins with https:// or http:// and holds no space")
        return url


class Api(Connector):
    """A vendor says its resources and tables, how it authenticates, and what is particular to it; all else is here.

    `resources()` may depend on the options. `tables` maps a stream to what its payloads mean.
    """

    Options: ClassVar[type[Options]] = ApiOptions
    vendor: ClassVar[Vendor] = Vendor()
    tables: ClassVar[Mapping[str, PartyTable | ActivityTable]] = {}

    def __init__(self, declaration: Declaration, shared: Shared | None = None) -> None:
        super().__init__(declaration, shared)
        rate = self.options.requests_per_second
        self.api = self.door = Door(self.base_url(), self.authentication(), self.account(Rate(rate, max(1, int(rate)))), self.vendor)

    def resources(self) -> Mapping[str, Resource]:
        """Stream -> how it is read; those that others refer to first."""
        raise NotImplementedError

    def base_url(self) -> str:
        return str(self.options.url)

    def authentication(self) -> Authentication:
        """OAuth where the declaration says so, else a bearer key, unless the vendor has it otherwise."""
        return self.oauth() or Key(self.declaration.name, self.declaration.secret, or_oauth=bool(self.token_url))

    def check(self) -> str:
        resources = self.resources()
        for stream in self.declaration.streams or resources:
            self._page(resources[stream], resources[stream].request, None)
        return f"{self.kind} answers at {self.base_url()}"

    def streams(self) -> Sequence[Stream]:
        return [Stream(name, one.lists_ids) for name, one in self.resources().items()]

    def map(self, record: Landed) -> Mapped:
        own = self.declaration.mapping.get(record.stream, {})
        return mapped(record.payload, self.tables[record.stream], (record.source, record.stream, record.key), own)

    def mapping_table(self, stream: str) -> object:
        return self.tables[stream]

    def pull(self, stream: str, position: Position | None) -> Iterator[Page]:
        """position: {"since", "whole", "read"} between syncs, "until", "begun" and "page" while one reads; {} where the vendor can't be
        asked for changes."""
        resource, position = self.resources()[stream], dict(position or {})
        between = {} if is_outworn(resource, position) else {name: position[name] for name in position if name in ("since", "whole")}
        try:
            yield from self._read(stream, resource, position if "page" in position else between)
        except _OutdatedPageError:
            yield from self._read(stream, resource, between)

    def between(self, stream: str, start: datetime, end: datetime | None) -> Iterator[Page]:
        resource = self.resources()[stream]
        if resource.since is None:
            yield from super().between(stream, start, end)
        for page in self._read(stream, resource, {"since": start.isoformat()}):
            records = [one for one in page.records if not (one.updated_at and (one.updated_at < start or (end and one.updated_at >= end)))]
            yield replace(page, records=records)

    def _read(self, stream: str, resource: Resource, position: Position) -> Iterator[Page]:
        reading, of = Reading(**position), resource.reads(position.get("since"))
        resumed, way = reading.page is not None, Way()
        while True:
            answer, records = self._page(of, self.told_since(of, reading.since), reading.page, resumed=resumed)
            resumed = False
            following = way.on(of.paging.following(reading.page, answer, records))
            raws, unreadable = self.raws(stream, of, self.completed(stream, of, records))
            reading = reading.after(answer, raws, following)
            yield Page(raws, reading.position() if following is not None else reading.ended(resource), unreadable)
            if following is None:
                break
        gone = resource.gone
        if gone and (reading.since or not gone.since):
            for records in self._listed(gone, self.told_since(gone, reading.since)):
                raws, unreadable = self.raws(stream, gone, records)
                yield Page(raws, reading.ended(resource), unreadable)

    def _page(self, resource: Resource, request: Request, state: State, *, resumed: bool = False) -> tuple[Answer, list[Any]]:
        """An answer and its records; one beyond the last page has none. A page that a former run was to go on from may be unknown by now:
        then the reading begins anew."""
        try:
            answer = self.send(resource.paging.asking(request, state))
        except (NotFoundError, PermanentError) as error:
            if resumed:
                raise _OutdatedPageError(str(error)) from error
            if isinstance(resource.paging, Numbered) and resource.paging.ended(state, error):
                return Answer(404, httpx.Headers(), b""), []
            raise
        return answer, self.rows(resource, answer)

    def _listed(self, resource: Resource, request: Request) -> Iterator[list[Any]]:
        """The records of a list, a page at a time, from its beginning."""
        state, way = None, Way()
        while True:
            answer, records = self._page(resource, request, state)
            yield records
            state = way.on(resource.paging.following(state, answer, records))
            if state is None:
                return

    def send(self, request: Request) -> Answer:
        """Every request for reading goes through this, so that a vendor can hold some of them to limits of their own."""
        return self.api.send(request)

    def told_since(self, resource: Resource, since: str | None) -> Request:
        """The request for what changed since, where the vendor can be asked."""
        if not since or not resource.since:
            return resource.request
        earliest = moment(since)[0] - resource.since.lookback
        return resource.request.having(resource.since.where, resource.since.asking(earliest))

    def rows(self, resource: Resource, answer: Answer) -> list[Any]:
        """The records of an answer. SchemaError where it holds no list of them."""
        found = answer.at(resource.records)
        if not isinstance(found, list):
            raise SchemaError(f"the answer holds no list of records at {resource.records or 'its top'}")
        return found

    def raws(self, stream: str, resource: Resource, records: Sequence[Any]) -> tuple[list[Raw], list[Unreadable]]:
        """Records to land, and those that can't be: what is no object, or has no key."""
        raws, unreadable = [], []
        for one in records:
            key = at(one, resource.key) if isinstance(one, dict) else None
            if isinstance(key, bool) or not isinstance(key, str | int) or not str(key).strip():
                unreadable.append(Unreadable("", f"it has no {resource.key}", repr(one).encode("utf-8", "replace")))
                continue
            try:
                raws.append(Raw(str(key), self.payload(stream, one), updated_at=changed_at(one, resource), deleted=is_gone(one, resource)))
            except ValueError as error:
                unreadable.append(Unreadable(str(key), str(error), repr(one).encode("utf-8", "replace")))
        return raws, unreadable

    def completed(self, stream: str, resource: Resource, records: list[Any]) -> list[Any]:
        """The records with what their list lacks, where a vendor wants that asked for apart."""
        del stream, resource
        return records

    def payload(self, stream: str, record: Any) -> Any:
        """What is landed of a record: all of it, unless a vendor adds what changes without meaning. ValueError for what can't be read."""
        del stream
        return record

    def list_ids(self, stream: str) -> Iterator[Sequence[str]]:
        resource = self.resources()[stream]
        for records in self._listed(resource, resource.ids or resource.request):
            living = [at(one, resource.key) for one in records if isinstance(one, dict) and not is_gone(one, resource)]
            yield [str(key) for key in living if key is not None]

    def address(self, resource: Resource, key: str) -> str:
        """The path of one record."""
        return str(resource.one).replace("{key}", quote(key, safe=""))

    def fetch(self, stream: str, key: str) -> Raw | None:
        """The record as the source has it now; None where it has none, or names the one it was merged into, or has no address for one."""
        resource = self.resources()[stream]
        if not resource.one:
            return None
        try:
            record = self.send(Request(self.address(resource, key), params=resource.request.params)).at(resource.one_at)
        except NotFoundError:
            return None
        raws, _ = self.raws(stream, resource, [record])
        return raws[0] if raws and raws[0].key == key else None


class _OutdatedPageError(ConnectorError):
    """The page that a former run stopped at is not known any more."""
