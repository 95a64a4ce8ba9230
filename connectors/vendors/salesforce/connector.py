"""Salesforce: accounts, contacts, leads, opportunities, cases, tasks and events, by the REST API's queries (SOQL) and Bulk API 2.0.

What changed is asked by `SystemModstamp`, from a little before the last: rows can appear late. Every query is a `queryAll`, which alone
tells of what is in the recycle bin and of tasks and events that are older than a year. What was emptied from the bin shows by comparing
ids. A large object is first read as a bulk job. Which fields there are differs by org and by what the user may see: they are asked for.
`url` is the org's own (My Domain). A token has no announced end: it is renewed when it is refused.
Source: the REST API, Bulk API 2.0 and OAuth guides at developer.salesforce.com.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from email.utils import format_datetime
from typing import Any, ClassVar
from urllib.parse import quote

import httpx

from connectors.account.shared import Shared
from connectors.apis.api import Api, ApiOptions
from connectors.apis.lazily import Lazily
from connectors.apis.paging import Link
from connectors.apis.resource import Resource, Since
from connectors.connector import Change, Declaration, Stream
from connectors.errors import NotFoundError, RateLimitedError, TransientError
from connectors.http.door import Vendor
from connectors.http.messages import Request
from connectors.mapping.staged import Mapped
from connectors.mapping.transforms import moment
from connectors.records import Landed, Page, Position, Raw
from connectors.vendors.salesforce import bulk, mapping
from connectors.vendors.salesforce.objects import OBJECTS, ROOT, Objects, literal

QUERY, LIVING = f"{ROOT}/queryAll", "IsDeleted = false"


class SalesforceOptions(ApiOptions):
    """bulk_from: from so many records on, an object is first read as a bulk job. external_id: a field that is an external id in each
    object, to hold the idempotency key of what is made."""

    page_size: int = 2000
    bulk_from: int = 20_000
    external_id: str | None = None


def error_code(body: Any) -> str:
    return str(body[0].get("errorCode") or "")


def pause(headers: httpx.Headers) -> float:
    """A minute where the day's requests are used up: `Sforce-Limit-Info: api-usage=5000/5000`."""
    usage = re.search(r"api-usage=(\d+)/(\d+)", headers.get("Sforce-Limit-Info", ""))
    return 60.0 if usage and int(usage[1]) >= int(usage[2]) else 0.0


class Salesforce(Api):
    kind = "salesforce"
    Options = SalesforceOptions
    tables = mapping.TABLES
    token_url = "{url}/services/oauth2/token"
    oauth_defaults: ClassVar[Mapping[str, Any]] = {"audience": "https://login.salesforce.com"}
    vendor = Vendor(
        error_code,
        pause=pause,
        errors={
            (403, "REQUEST_LIMIT_EXCEEDED"): RateLimitedError,
            (400, "INVALID_QUERY_LOCATOR"): NotFoundError,
            (400, "QUERY_TIMEOUT"): TransientError,
            (400, "UNABLE_TO_LOCK_ROW"): TransientError,
        },
    )

    def __init__(self, declaration: Declaration, shared: Shared | None = None) -> None:
        super().__init__(declaration, shared)
        self.applies_once = bool(self.options.external_id)
        self.objects = Objects(self.send, declaration.mapping)

    def streams(self) -> Sequence[Stream]:
        return [Stream(name, lists_ids=True) for name in OBJECTS]

    def resources(self) -> Mapping[str, Resource]:
        return Lazily(OBJECTS, self._resource)

    def _resource(self, stream: str) -> Resource:
        query, sent = self.objects.query, {"Sforce-Query-Options": f"batchSize={self.options.page_size}"}
        whole = Resource(
            Request(QUERY, params={"q": query(stream, LIVING)}, headers=sent),
            records="records",
            key="Id",
            updated="SystemModstamp",
            deleted="IsDeleted",
            paging=Link("nextRecordsUrl"),
            ids=Request(QUERY, params={"q": query(stream, LIVING, fields="Id")}, headers=sent),
        )
        since = Since(lambda earliest: {"q": query(stream, f"SystemModstamp >= {earliest:%Y-%m-%dT%H:%M:%SZ}")})
        return replace(whole, changed=replace(whole, since=since))

    def pull(self, stream: str, position: Position | None) -> Iterator[Page]:
        position, whole = dict(position or {}), self._resource(stream)
        if position.get("since") or isinstance(position.get("page"), str) or (not position and not self._is_large(stream)):
            yield from super().pull(stream, position)
        else:
            job = replace(whole, request=replace(whole.request, path=f"{ROOT}/jobs/query"))
            yield from bulk.pages(self, stream, job, position, self.objects.types(stream))

    def _is_large(self, stream: str) -> bool:
        counts = self.send(Request(f"{ROOT}/limits/recordCount", params={"sObjects": OBJECTS[stream]})).at("sObjects")
        return any(one["count"] >= self.options.bulk_from for one in counts)

    def count(self, stream: str) -> int | None:
        total = self.send(Request(QUERY, params={"q": self.objects.query(stream, LIVING, fields="COUNT()")})).at("totalSize")
        return total if isinstance(total, int) else None

    def fetch(self, stream: str, key: str) -> Raw | None:
        if not key.isalnum():
            return None
        resource, one = self._resource(stream), {"q": self.objects.query(stream, f"Id = '{key}'")}
        raws, _ = self.raws(stream, resource, self.rows(resource, self.send(Request(QUERY, params=one))))
        return raws[0] if raws else None

    def payload(self, stream: str, record: Any) -> Any:
        del stream
        return {name: value for name, value in record.items() if value is not None and name != "attributes"}

    def map(self, record: Landed) -> Mapped:
        url = f"{self.options.url}/lightning/r/{OBJECTS[record.stream]}/{record.key}/view"
        return super().map(record).linked(url)

    def mapping_table(self, stream: str) -> object:
        return self.tables[stream], self.options.url

    def find(self, stream: str, fields: Mapping[str, Any]) -> Sequence[str]:
        types = self.objects.types(stream)
        held = [f"{name} = {literal(value, types.get(name, ''))}" for name, value in fields.items() if value is not None]
        answer = self.send(Request(QUERY, params={"q": self.objects.query(stream, LIVING, *held, fields="Id") + " LIMIT 2"}))
        return [str(one["Id"]) for one in answer.at("records")]

    def apply(self, change: Change) -> str:
        """With the record that was seen, Salesforce itself refuses a change over a later one (later by a second, at least)."""
        path, body = f"{ROOT}/sobjects/{OBJECTS[change.stream]}", dict(change.fields)
        if change.key:
            seen = moment(change.seen["LastModifiedDate"])[0].astimezone(UTC) if change.seen else None
            until = {"If-Unmodified-Since": format_datetime(seen, usegmt=True)} if seen else {}
            self.api.send(Request(f"{path}/{change.key}", "PATCH", body=body, headers=until))
            return change.key
        if self.options.external_id:
            named = f"{path}/{self.options.external_id}/{quote(change.idempotency_key, safe='')}"
            return str(self.api.send(Request(named, "PATCH", body=body)).at("id"))
        return str(self.api.send(Request(path, "POST", body=body), again=False).at("id"))
