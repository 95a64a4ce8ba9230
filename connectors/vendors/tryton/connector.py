"""Tryton 8.2 and later: parties, sales, customers' invoices and opportunities, by its REST API and a user application's key.

A list is asked for with fields (`f`, dotted into other models), a domain (`d`) and an order (`o`), the two as JSON in base64. Read by id,
nothing slips when records change meanwhile. `write_date` may be null in what was never changed, so `create_date` is asked for beside it;
what belongs to a party (an address, a number, an identifier) has times of its own. Deleting leaves no trace, and the list hides what is
inactive: both show by comparing ids, and of what belonged to a party, when all parties are read again after a day. A field or model that
the server does not know is answered with 500 and its name.
Source: docs.tryton.org/latest/server/topics/rest.html.
"""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connectors.apis.api import Api, ApiOptions
from connectors.apis.paging import State
from connectors.apis.resource import Resource, Since
from connectors.connector import Change
from connectors.errors import ConfigurationError
from connectors.http.door import Vendor
from connectors.http.messages import Answer, Parameters, Request
from connectors.mapping.tables import at, cells_of, own_cells
from connectors.records import Raw, Unreadable
from connectors.vendors.tryton import mapping
from connectors.vendors.tryton.wire import TIMES, changed_since, decoded, encoded, readable, told

#: A transaction that writes has its beginning as its time and may commit later.
LOOKBACK = timedelta(minutes=10)

#: Stream -> (model, the part of it that belongs to the stream, what belongs to a record and has times of its own).
MODELS: Mapping[str, tuple[str, list[Any], Mapping[str, Sequence[str]]]] = {
    "parties": (
        "party.party",
        [],
        {
            "addresses": ("street", "postal_code", "city", "subdivision.name", "country.code"),
            "contact_mechanisms": ("type", "value"),
            "identifiers": ("type", "code"),
        },
    ),
    "sales": ("sale.sale", [], {}),
    "invoices": ("account.invoice", [["type", "=", "out"]], {}),
    "opportunities": ("sale.opportunity", [], {}),
}


class TrytonOptions(ApiOptions):
    """url: the server's; database: its name there."""

    database: str
    page_size: int = 200


def error_code(body: str) -> str:
    """`unknown_name` where the server lacks a field or model, which it tells as a KeyError in a page."""
    return "unknown_name" if re.search(r"<p>'[\w.]+'</p>", html.unescape(body)) else ""


@dataclass(frozen=True, slots=True)
class ById:
    """By id, on from the last one: it joins what the domain asks for already."""

    size: int

    def asking(self, request: Request, state: State) -> Request:
        after = [["id", ">", state]] if state else []
        domain = [*decoded(str(request.params["d"])), *after]
        return request.having("params", {"d": encoded(domain), "o": encoded([["id", "ASC"]]), "s": self.size})

    def following(self, state: State, answer: Answer, records: Sequence[Any]) -> State:
        del state, answer
        return at(records[-1], "id") if len(records) >= self.size else None


class Tryton(Api):
    kind = "tryton"
    Options = TrytonOptions
    vendor = Vendor(
        error_code=error_code,
        errors={(500, "unknown_name"): ConfigurationError},
        decode=lambda raw: raw.decode("utf-8", "replace"),
    )
    tables = mapping.TABLES

    def base_url(self) -> str:
        return f"{self.options.url.rstrip('/')}/{self.options.database}"

    def resources(self) -> Mapping[str, Resource]:
        return {stream: self._resource(stream) for stream in MODELS}

    def _resource(self, stream: str) -> Resource:
        model, domain, parts = MODELS[stream]
        path = f"/rest/model/{model}"
        return Resource(
            Request(path, params={"f": self._fields(stream), "d": encoded(domain)}),
            updated="changed",
            deleted="inactive",
            paging=ById(self.options.page_size),
            since=Since(lambda moment: {"d": encoded([*domain, changed_since(moment, parts)])}, LOOKBACK),
            one=f"{path}/{{key}}",
            ids=Request(path, params={"f": "id", "d": encoded(domain)}),
            refresh=1 if parts else None,
        )

    def _fields(self, stream: str) -> Any:
        own = own_cells(self.declaration.mapping.get(stream, {}))
        paths = [path for path, _ in (*cells_of(self.tables[stream]), *own.values())]
        parts = MODELS[stream][2]
        named = {path for path in paths if path.split(".")[0] not in parts and path != "changed"}
        nested = {f"{part}.{name}" for part, names in parts.items() for name in (*names, *TIMES)}
        return sorted({*named, *nested, *TIMES, *(["active"] if stream == "parties" else [])})

    def raws(self, stream: str, resource: Resource, records: Sequence[Any]) -> tuple[list[Raw], list[Unreadable]]:
        return super().raws(stream, resource, [told(readable(one)) for one in records])

    def count(self, stream: str) -> int | None:
        model, domain, _ = MODELS[stream]
        found = self.api.post(f"/rest/model/{model}/search_count", {"domain": domain})
        return found if isinstance(found, int) else None

    def apply(self, change: Change) -> str:
        path, fields = f"/rest/model/{MODELS[change.stream][0]}", dict(change.fields)
        request = Request(f"{path}/{change.key}", "PUT", body=fields) if change.key else Request(path, "POST", body=fields)
        return str(self.api.send(request, again=change.key is not None).at("id"))

    def find(self, stream: str, fields: Mapping[str, Any]) -> Sequence[str]:
        model, domain, _ = MODELS[stream]
        held = [[name, "=", value] for name, value in fields.items() if value is None or isinstance(value, str | int | float)]
        asked: Parameters = {"f": "id", "d": encoded([*domain, *held]), "s": 2}
        return [str(one["id"]) for one in self.api.get(f"/rest/model/{model}", asked)]
