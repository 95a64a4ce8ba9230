"""HubSpot CRM v3: companies, contacts, deals and tickets.

The first sync lists; later ones search by time of change, from a little before the last, since the search index lags. A search ends after
10,000 results, so it is asked anew for each page, by id. Archiving does not touch the time of change, so the archive is listed each time;
a record that was erased, or merged into another, is in neither and shows by comparing ids. Nor does a new association touch it: all is
read again once a day. A search returns no associations, and a list not all of many: they are read in batches. Tokens are got at the address
of 2026-03: that of v1 ends on 16 February 2027.
Source: the guides on CRM objects, search, associations v4, OAuth and the move from its v1 at developers.hubspot.com/docs.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx

from connectors.account.shared import Rate
from connectors.apis.api import Api, ApiOptions
from connectors.apis.paging import Cursor, Keyset, State
from connectors.apis.resource import Resource, Since
from connectors.connector import Change
from connectors.errors import RateLimitedError, TransientError
from connectors.http.door import Vendor
from connectors.http.messages import Answer, Request
from connectors.http.webhooks import HUBSPOT
from connectors.mapping.staged import Mapped
from connectors.mapping.tables import at
from connectors.records import Landed
from connectors.vendors.hubspot import mapping

#: Stream -> the streams whose associations come with it.
ASSOCIATED = {"companies": (), "contacts": ("companies",), "deals": ("companies", "contacts"), "tickets": ("companies", "contacts")}


class HubSpotOptions(ApiOptions):
    """portal: the account's number, for links back; searches_per_second: searches have a limit of their own, which no header tells;
    requests_per_second: where the account's limit is lower, the vendor's headers slow us down."""

    url: str = "https://api.hubapi.com"
    portal: str | None = None
    requests_per_second: float = 15.0
    searches_per_second: float = 4.0


def error_code(body: Any) -> str:
    """HubSpot's `category`, such as RATE_LIMITS or VALIDATION_ERROR; a limit may come with an `errorType` instead."""
    return str(body.get("category") or body.get("errorType") or "")


def pause(headers: httpx.Headers) -> float:
    """Seconds to wait where the window's requests are used up."""
    left, window = (headers.get(f"X-HubSpot-RateLimit-{name}", "") for name in ("Remaining", "Interval-Milliseconds"))
    return (int(window) if window.isdigit() else 10_000) / 1000 if left == "0" else 0.0


def after_id(request: Request, state: State) -> Request:
    """A search for what has a higher id."""
    (group,) = request.body["filterGroups"]
    beyond = [{"propertyName": "hs_object_id", "operator": "GT", "value": str(state)}] if state else []
    return request.having("body", {"filterGroups": [{"filters": [*group["filters"], *beyond]}]})


class HubSpot(Api):
    kind, fields_at = "hubspot", "properties"
    webhook = HUBSPOT
    Options = HubSpotOptions
    vendor = Vendor(error_code=error_code, pause=pause, errors={(403, "RATE_LIMITS"): RateLimitedError})
    tables = mapping.TABLES
    fields_at = "properties"
    token_url = "{url}/oauth/2026-03/token"

    def resources(self) -> Mapping[str, Resource]:
        return {stream: self._resource(stream) for stream in ASSOCIATED}

    def _resource(self, stream: str) -> Resource:
        path, by, size = f"/crm/v3/objects/{stream}", mapping.modified(stream), self.options.page_size
        names = mapping.properties(stream, self.declaration.mapping.get(stream, {}))
        params = {"properties": ",".join(names), **({"associations": ",".join(ASSOCIATED[stream])} if ASSOCIATED[stream] else {})}
        body = {"properties": names, "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}], "limit": size}

        def changed_since(moment: datetime) -> Mapping[str, Any]:
            since = {"propertyName": by, "operator": "GTE", "value": str(int(moment.timestamp() * 1000))}
            return {"filterGroups": [{"filters": [since]}]}

        whole = Resource(
            Request(path, params=params),
            records="results",
            updated=f"properties.{by}",
            deleted="archived",
            paging=Cursor("paging.next.after", "after", limit={"limit": size}),
            one=f"{path}/{{key}}",
            ids=Request(path, params={"properties": "hs_object_id"}),
            refresh=1,
        )
        search = Request(f"{path}/search", "POST", body=body)
        changed = replace(whole, request=search, paging=Keyset(size, after_id), since=Since(changed_since, where="body"))
        return replace(whole, changed=changed, gone=replace(whole, request=Request(path, params={**params, "archived": "true"})))

    def send(self, request: Request) -> Answer:
        if request.path.endswith("/search"):
            per_second = self.options.searches_per_second
            time.sleep(self.shared.reserve(f"{self.declaration.name}/search", Rate(per_second, max(1, int(per_second)))))
        return super().send(request)

    def count(self, stream: str) -> int | None:
        total = self.send(Request(f"/crm/v3/objects/{stream}/search", "POST", body={"filterGroups": [], "limit": 1})).at("total")
        return total if isinstance(total, int) else None

    def completed(self, stream: str, resource: Resource, records: list[Any]) -> list[Any]:
        listed = resource.request.method == "GET"
        held = {str(one["id"]): dict(one.get("associations") or {}) for one in records if isinstance(one, dict) and one.get("id")}
        for other in ASSOCIATED[stream]:
            lacking = [key for key, links in held.items() if not listed or at(links, f"{other}.paging")]
            for key, ids in self._associated(f"/crm/v4/associations/{stream}/{other}/batch/read", lacking).items():
                held[key][other] = {"results": [{"id": one} for one in ids]}
        return [{**one, "associations": held[str(one["id"])]} if isinstance(one, dict) and one.get("id") else one for one in records]

    def _associated(self, path: str, keys: Sequence[str]) -> dict[str, list[str]]:
        """Record id -> ids of what it is associated with; each record's list may have several pages."""
        found: dict[str, list[str]] = {}
        inputs = [{"id": key} for key in keys]
        while inputs:
            answer = self.send(Request(path, "POST", body={"inputs": inputs}))
            for error in answer.at("errors") or ():
                if error.get("subCategory") != "crm.associations.NO_ASSOCIATIONS_FOUND":
                    raise TransientError(f"POST {path}: not all could be read ({error_code(error)})")
            for row in answer.at("results"):
                found.setdefault(str(row["from"]["id"]), []).extend(str(to["toObjectId"]) for to in row["to"])
            inputs = [{"id": row["from"]["id"], "after": token} for row in answer.at("results") if (token := at(row, "paging.next.after"))]
        return found

    def payload(self, stream: str, record: Any) -> Any:
        if not isinstance(record.get("properties"), dict):
            raise ValueError(f"a record of {stream} has no properties")
        links = {name: sorted({str(one["id"]) for one in held["results"]}) for name, held in (record.get("associations") or {}).items()}
        properties = {name: value for name, value in record["properties"].items() if value is not None}
        return {**record, "properties": properties, "associations": {name: links[name] for name in sorted(links) if links[name]}}

    def map(self, record: Landed) -> Mapped:
        return mapping.map_record(record, self.declaration.mapping.get(record.stream, {}), self.options.portal)

    def mapping_table(self, stream: str) -> object:
        return mapping.TABLES[stream], self.options.portal

    def apply(self, change: Change) -> str:
        path, body = f"/crm/v3/objects/{change.stream}", {"properties": dict(change.fields)}
        request = Request(f"{path}/{change.key}", "PATCH", body=body) if change.key else Request(path, "POST", body=body)
        return str(self.api.send(request, again=change.key is not None).at("id"))
