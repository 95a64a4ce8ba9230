"""NetSuite: customers, contacts, orders, invoices, credit notes, payments and support cases, by SuiteQL over REST.

A query gives 100,000 rows at most, by offset, so each page is a query of its own, on by id. Times are written in the time zone that the
user prefers, which nothing tells: half a day more is asked for. What was deleted is listed by type in a table of its own, where the role
may read it; ids are compared where the counts differ. An inactive customer is a tombstone. The account's requests at a time are limited
for all its integrations together. OAuth is best by `client_credentials` with a certificate, whose id is `key_id`.
Source: "SuiteTalk REST Web Services" and "OAuth 2.0" at docs.oracle.com/en/cloud/saas/netsuite/ns-online-help.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from connectors.account.shared import Shared
from connectors.apis.api import Api, ApiOptions
from connectors.apis.lazily import Lazily
from connectors.apis.paging import Keyset, State
from connectors.apis.resource import Resource, Since
from connectors.connector import Change, Declaration, Stream
from connectors.errors import RateLimitedError
from connectors.http.door import Vendor
from connectors.http.messages import Request
from connectors.mapping.staged import Mapped
from connectors.mapping.tables import own_cells
from connectors.records import Landed, Raw
from connectors.vendors.netsuite import mapping
from connectors.vendors.netsuite.queries import TABLES, UNKNOWN, Queries, since, suiteql

#: The user's time zone may be so far behind the clock that the answers show.
LOOKBACK = timedelta(hours=12, minutes=15)

RECORDS = "/services/rest/record/v1"
LIMITED = ("CONCURRENCY_LIMIT_EXCEEDED", "SSS_REQUEST_LIMIT_EXCEEDED", "REQUEST_LIMIT_EXCEEDED")


class NetSuiteOptions(ApiOptions):
    """url: https://ACCOUNT.suitetalk.api.netsuite.com."""

    page_size: int = 1000


def error_code(body: Any) -> str:
    """NetSuite's code, or what the account does not know, as `unknown:vatregnumber`."""
    detail = body["o:errorDetails"][0]
    named = re.search(r"(?:Unknown identifier '|Field '|Record '|Invalid search type: )(\w+)", str(detail.get("detail")))
    return UNKNOWN + named[1].lower() if named else str(detail.get("o:errorCode") or "")


def literal(value: object) -> str:
    if isinstance(value, bool):
        return "'T'" if value else "'F'"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def by_id(column: str, size: int) -> Keyset:
    """A query's rows beyond an id; its conditions stand at its end."""

    def asked(request: Request, state: State) -> Request:
        beyond = f" AND {column} > {int(state)}" if state is not None else ""
        return replace(request, body={"q": f"{request.body['q']}{beyond} ORDER BY {column}"})

    return Keyset(size, asked)


class NetSuite(Api):
    kind = "netsuite"
    Options = NetSuiteOptions
    tables = mapping.TABLES
    token_url = "{url}/services/rest/auth/oauth2/v1/token"
    oauth_defaults: ClassVar[Mapping[str, Any]] = {"algorithm": "PS256", "scope": "rest_webservices"}
    vendor = Vendor(error_code=error_code, errors={(400, code): RateLimitedError for code in LIMITED})

    def __init__(self, declaration: Declaration, shared: Shared | None = None) -> None:
        super().__init__(declaration, shared)
        own = {stream: own_cells(declaration.mapping.get(stream, {})) for stream in TABLES}
        named = {stream: frozenset(path.lower() for path, _ in cells.values()) for stream, cells in own.items()}
        self.queries = Queries(self.send, named)

    def streams(self) -> Sequence[Stream]:
        return [Stream(name, lists_ids=True) for name in TABLES]

    def resources(self) -> Mapping[str, Resource]:
        return Lazily(TABLES, self._resource)

    def _resource(self, stream: str) -> Resource:
        table, size, queries = TABLES[stream].name, self.options.page_size, self.queries
        lacking, changed, key = queries.lacking(stream), f"{table}.lastmodifieddate", f"{table}.id"
        whole = Resource(
            suiteql(queries.rows(stream), size),
            records="items",
            updated="lastmodifieddate",
            deleted="gone",
            paging=by_id(key, size),
            ids=suiteql(queries.living(stream, f"{key} AS id"), size),
        )
        if "lastmodifieddate" not in lacking:
            told = Since(lambda earliest: {"q": queries.rows(stream, since(changed, earliest))}, LOOKBACK, "body")
            whole = replace(whole, since=told)
        if "deletedrecord" in lacking:
            return whole
        told = Since(lambda earliest: {"q": queries.deleted(stream, since("deleteddate", earliest))}, LOOKBACK, "body")
        deleted = suiteql(queries.deleted(stream), size)
        return replace(whole, gone=replace(whole, request=deleted, since=told, paging=by_id("recordid", size)))

    def payload(self, stream: str, record: Any) -> Any:
        del stream
        return {name: value for name, value in record.items() if name != "links"}

    def count(self, stream: str) -> int | None:
        items = self.send(suiteql(self.queries.living(stream, "COUNT(*) AS total"), 1)).at("items")
        return int(items[0]["total"]) if items else None

    def fetch(self, stream: str, key: str) -> Raw | None:
        resource, table = self._resource(stream), TABLES[stream].name
        if not key.isdigit():
            return None
        asked = suiteql(self.queries.rows(stream, f"{table}.id = {key}"), 1)
        raws, _ = self.raws(stream, resource, self.rows(resource, self.send(asked)))
        return raws[0] if raws else None

    def map(self, record: Landed) -> Mapped:
        return mapping.map_record(record, self.declaration.mapping.get(record.stream, {}), self.options.url)

    def mapping_table(self, stream: str) -> object:
        return self.tables[stream], self.options.url

    def fields_of(self, stream: str, payload: Any) -> Any:
        """A change names fields as the records of REST do, `companyName`; SuiteQL writes all in lower case."""
        del stream
        return mapping.Caseless(payload)

    def apply(self, change: Change) -> str:
        path = f"{RECORDS}/{TABLES[change.stream].record}"
        if change.key:
            self.api.send(Request(f"{path}/{change.key}", "PATCH", body=change.fields))
            return change.key
        made = self.api.send(Request(path, "POST", body=change.fields), again=False)
        return str(made.headers.get("Location", "")).rpartition("/")[2]

    def find(self, stream: str, fields: Mapping[str, Any]) -> Sequence[str]:
        table = TABLES[stream].name
        held = [f"{table}.{name.lower()} = {literal(value)}" for name, value in fields.items() if isinstance(value, str | int)]
        asked = suiteql(self.queries.living(stream, f"{table}.id AS id", *held), 2)
        return [str(one["id"]) for one in self.send(asked).at("items")]
