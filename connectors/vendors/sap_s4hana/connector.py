"""SAP S/4HANA: business partners with their addresses and contacts, sales orders and billing documents, by its OData 2 services.

A service writes dates as `/Date(ms)/` and what it could expand as links, which are not landed. Orders and billing documents say when they
were changed, to the instant; a partner says the day, in the system's own time zone, and nothing where only its addresses or contacts were
changed: half a day more is asked for, and all is read again once a week. Sets are read on by key, since many services page by
`$skip` alone; of one record no number may be asked. Every request names the client, and asks for JSON, else it is Atom. Whether an invoice
was paid need not count as a change of it: all are read again once a week. A write needs a token against forged requests, which is fetched
before it, and the version that was seen.
Source: API_BUSINESS_PARTNER, API_SALES_ORDER_SRV and API_BILLING_DOCUMENT_SRV at api.sap.com; help.sap.com on SAP Gateway.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from connectors.apis import odata
from connectors.apis.api import Api, ApiOptions
from connectors.apis.resource import Resource, Since
from connectors.connector import Change
from connectors.http.authentication import Authentication, Basic
from connectors.http.door import Vendor
from connectors.http.messages import Parameters, Request
from connectors.mapping.staged import Mapped
from connectors.records import Landed
from connectors.vendors.sap_s4hana import mapping

ROOT = "/sap/opu/odata/sap"
JSON, ANY = {"Accept": "application/json"}, {"Accept": "*/*"}

DAYS, INSTANTS = timedelta(hours=12), timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Set:
    """service, name, key; changed: when a record was changed; created: the day it was made, where changes are told by days alone; refresh:
    days after which all is read again."""

    service: str
    name: str
    key: str
    changed: str = "LastChangeDateTime"
    created: str = ""
    expand: tuple[str, ...] = ()
    refresh: int | None = None


ADDRESSES = "to_BusinessPartnerAddress"
SETS = {
    "partners": Set(
        "API_BUSINESS_PARTNER",
        "A_BusinessPartner",
        "BusinessPartner",
        "LastChangeDate",
        "CreationDate",
        (
            *(f"{ADDRESSES}/to_{one}" for one in ("EmailAddress", "PhoneNumber", "MobilePhoneNumber", "URLAddress")),
            *("to_BusinessPartnerTax", "to_BuPaIdentification", "to_BusinessPartnerContact"),
        ),
        refresh=7,
    ),
    "orders": Set("API_SALES_ORDER_SRV", "A_SalesOrder", "SalesOrder"),
    "invoices": Set("API_BILLING_DOCUMENT_SRV", "A_BillingDocument", "BillingDocument", refresh=7),
}


class SapS4HanaOptions(ApiOptions):
    """url: the system's; user: the communication user, whose password is the secret; client: its number, where the system has several."""

    user: str = ""
    client: str | None = None


def error_code(body: Any) -> str:
    return str(body["error"].get("code") or "")


class SapS4Hana(Api):
    kind = "sap_s4hana"
    Options = SapS4HanaOptions
    vendor = Vendor(error_code=error_code, headers=JSON)
    tables = mapping.TABLES
    token_url = "{url}/sap/bc/sec/oauth2/token"

    def authentication(self) -> Authentication:
        return self.oauth() or Basic(self.declaration.name, self.options.user, self.declaration.secret)

    def resources(self) -> Mapping[str, Resource]:
        return {stream: self._resource(one) for stream, one in SETS.items()}

    def _resource(self, one: Set) -> Resource:
        size, path = self.options.page_size, f"{ROOT}/{one.service}/{one.name}"
        plain, by_key = Request(path, params=self._client()), odata.by_key(one.key, size, "d.__next")
        since = Since(lambda moment: {"$filter": f"{one.changed} ge datetimeoffset'{moment:%Y-%m-%dT%H:%M:%S}Z'"}, INSTANTS)
        if one.created:
            told = f"{one.changed} ge {{0}} or {one.created} ge {{0}}"
            since = Since(lambda moment: {"$filter": told.format(f"datetime'{moment:%Y-%m-%d}T00:00:00'")}, DAYS)
        return Resource(
            plain.having("params", {"$expand": ",".join(one.expand)} if one.expand else {}),
            records="d.results",
            key=one.key,
            updated=one.changed,
            paging=replace(by_key, asked=lambda request, state: by_key.asked(request, state).having("params", {"$top": size})),
            since=since,
            one=f"{path}({{key}})",
            one_at="d",
            ids=plain.having("params", {"$select": one.key}),
            refresh=one.refresh,
        )

    def _client(self) -> Parameters:
        return {"sap-client": self.options.client} if self.options.client else {}

    def address(self, resource: Resource, key: str) -> str:
        return str(resource.one).format(key=quote(odata.literal(key), safe=""))

    def payload(self, stream: str, record: Any) -> Any:
        del stream
        return odata.plain(record)

    def count(self, stream: str) -> int | None:
        path = f"{self.resources()[stream].request.path}/$count"
        found = self.send(Request(path, params=self._client(), headers=ANY)).json()
        return found if isinstance(found, int) else None

    def map(self, record: Landed) -> Mapped:
        return mapping.map_record(record, self.declaration.mapping.get(record.stream, {}))

    def apply(self, change: Change) -> str:
        resource = self.resources()[change.stream]
        version = change.seen.get("@odata.etag") if change.seen else None
        sent = {"x-csrf-token": self._token(resource), **({"If-Match": version} if version else {})}
        request = replace(resource.request, params=self._client(), body=dict(change.fields), headers=sent)
        if change.key is None:
            return str(self.api.send(replace(request, method="POST"), again=False).at(f"d.{resource.key}"))
        self.api.send(replace(request, method="PATCH", path=self.address(resource, change.key)))
        return change.key

    def _token(self, resource: Resource) -> str:
        """Goes with the session's cookies, which the door keeps."""
        service, fetch = resource.request.path.rpartition("/")[0], {"x-csrf-token": "Fetch"}
        return str(self.api.send(Request(f"{service}/", params=self._client(), headers=fetch)).headers.get("x-csrf-token", ""))

    def find(self, stream: str, fields: Mapping[str, Any]) -> Sequence[str]:
        resource = self.resources()[stream]
        asked = {**self._client(), "$select": resource.key, "$filter": odata.holding(fields), "$top": 2}
        return [str(one[resource.key]) for one in self.send(Request(resource.request.path, params=asked)).at("d.results")]
