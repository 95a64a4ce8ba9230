"""Odoo 19 and later, through JSON-2: partners, sales orders, invoices and payments.

`write_date` is the beginning of the transaction that wrote, which may commit later: a little more is asked for. Read on by id, no record
slips when others change meanwhile. An archived record (`active` false) is a tombstone; deletions show by comparing ids. Fields come and go
between versions, and a name too many is refused: the server is asked which there are, and its own (`x_`) are read for whoever maps them.
Source: odoo.com/documentation/19.0/developer/reference/external_api.html.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx

from connectors.account.shared import Shared
from connectors.apis.api import Api, ApiOptions
from connectors.apis.lazily import Lazily
from connectors.apis.paging import Keyset, State
from connectors.apis.resource import Resource, Since
from connectors.connector import Change, Declaration, Stream
from connectors.errors import NotFoundError, SchemaError, TransientError
from connectors.http.authentication import Authentication, Key
from connectors.http.door import Vendor
from connectors.http.messages import Request
from connectors.mapping.staged import Mapped
from connectors.records import Landed, Raw, Unreadable
from connectors.vendors.odoo import mapping

LOOKBACK = timedelta(minutes=10)

#: Stream -> (model, the part of the model's records that belongs to it).
MODELS: Mapping[str, tuple[str, list[Any]]] = {
    "customers": ("res.partner", []),
    "orders": ("sale.order", []),
    "invoices": ("account.move", [["move_type", "in", ["out_invoice", "out_refund"]]]),
    "payments": ("account.payment", []),
}

#: Types of fields that are large, or lists of other records.
UNREAD = ("binary", "html", "one2many", "many2many", "properties", "properties_definition")


class OdooOptions(ApiOptions):
    """url: the server's; database: its name, where the server has several. The secret, an API key, ends after three months at most."""

    database: str | None = None
    requests_per_second: float = 20.0
    page_size: int = 200


def error_code(body: Any) -> str:
    """The name of the exception, such as odoo.exceptions.AccessError."""
    return str(body.get("name") or "")


def after_id(request: Request, state: State) -> Request:
    beyond = [["id", ">", state]] if state else []
    return request.having("body", {"domain": [*request.body["domain"], *beyond]})


class Odoo(Api):
    kind = "odoo"
    Options = OdooOptions
    tables = mapping.TABLES
    vendor = Vendor(error_code, errors={(500, "builtins.ValueError"): SchemaError, (409, "odoo.exceptions.LockError"): TransientError})

    def __init__(self, declaration: Declaration, shared: Shared | None = None) -> None:
        super().__init__(declaration, shared)
        if self.options.database:
            self.api.vendor = replace(self.vendor, headers={"X-Odoo-Database": self.options.database})
        self._fields: dict[str, list[str]] = {}

    def authentication(self) -> Authentication:
        return Key(self.declaration.name, self.declaration.secret, form="bearer {}")

    def streams(self) -> Sequence[Stream]:
        return [Stream(name, lists_ids=True) for name in MODELS]

    def resources(self) -> Mapping[str, Resource]:
        return Lazily(MODELS, self._resource)

    def _resource(self, stream: str) -> Resource:
        size, part = self.options.page_size, MODELS[stream][1]
        ids = {"domain": part, "fields": ["id"], "order": "id asc", "limit": size}
        whole = {**ids, "fields": self.fields(stream), "context": {"active_test": False}}

        since = Since(lambda moment: {"domain": [*part, ["write_date", ">=", f"{moment:%Y-%m-%d %H:%M:%S}"]]}, LOOKBACK, "body")
        paging = Keyset(size, after_id)
        request, listed = self._call(stream, "search_read", whole), self._call(stream, "search_read", ids)
        return Resource(request, updated="write_date", paging=paging, since=since, ids=listed)

    def _call(self, stream: str, method: str, arguments: Mapping[str, Any]) -> Request:
        return Request(f"/json/2/{MODELS[stream][0]}/{method}", "POST", body=dict(arguments))

    def fields(self, stream: str) -> list[str]:
        """What the mapping names and the server's model has, the model's own, and the user's."""
        if stream not in self._fields:
            own = mapping.own_fields(self.declaration.mapping.get(stream, {}))
            wanted, there = {"write_date", "create_date", "active", *mapping.fields(stream)}, self._there(stream)
            known = {name for name in there if name in wanted or name.startswith("x_")}
            self._fields[stream] = sorted({"id", *own, *known})
        return self._fields[stream]

    def _there(self, stream: str) -> Iterable[str]:
        try:
            told = self.send(self._call(stream, "fields_get", {"attributes": ["type"]})).json()
        except NotFoundError:
            rows = self.send(self._call(stream, "search_read", {"domain": [], "fields": [], "limit": 1})).json()
            return rows[0] if rows else mapping.fields(stream)
        return [name for name, one in told.items() if one.get("type") not in UNREAD or name in mapping.fields(stream)]

    def raws(self, stream: str, resource: Resource, records: Sequence[Any]) -> tuple[list[Raw], list[Unreadable]]:
        raws, unreadable = super().raws(stream, resource, records)
        return [replace(one, deleted=one.payload.get("active") is False) for one in raws], unreadable

    def count(self, stream: str) -> int | None:
        """How many there are that are not archived."""
        found = self.send(self._call(stream, "search_count", {"domain": MODELS[stream][1]})).json()
        return found if isinstance(found, int) else None

    def fetch(self, stream: str, key: str) -> Raw | None:
        resource = self._resource(stream)
        if not key.isdigit():
            return None
        asked = resource.request.having("body", {"domain": [["id", "=", int(key)]]})
        raws, _ = self.raws(stream, resource, self.rows(resource, self.send(asked)))
        return raws[0] if raws else None

    def map(self, record: Landed) -> Mapped:
        return mapping.map_record(record, self.declaration.mapping.get(record.stream, {}), self._links())

    def mapping_table(self, stream: str) -> object:
        return mapping.TABLES[stream], self._links()

    def _links(self) -> str | None:
        """Where a person opens a record: not on this machine itself, whose ports change and which nobody else reaches."""
        host = httpx.URL(self.options.url).host
        return None if host in ("localhost", "127.0.0.1", "::1") else self.options.url.rstrip("/")

    def apply(self, change: Change) -> str:
        if change.key:
            self.api.send(self._call(change.stream, "write", {"ids": [int(change.key)], "vals": dict(change.fields)}))
            return change.key
        made = self.api.send(self._call(change.stream, "create", {"vals_list": [dict(change.fields)]}), again=False).json()
        return str(made[0])

    def find(self, stream: str, fields: Mapping[str, Any]) -> Sequence[str]:
        domain = [[name, "=", value] for name, value in fields.items() if isinstance(value, str | int | float)]
        return [str(one) for one in self.send(self._call(stream, "search", {"domain": domain, "limit": 2})).json()]
