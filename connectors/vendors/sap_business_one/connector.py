"""SAP Business One: business partners with their contacts, orders, invoices, payments and service calls, by the Service Layer (OData 4).

A login gives two cookies, the session and the node of the cluster that holds it; an idle session ends with 401. Dates of change are days of
the company's own time zone, which nothing tells: half a day more is asked for. A payment has none, so all are read each time. Sets are
read on by key: the server's next link counts rows. Removing leaves no trace, so keys are compared. Balances (sums over other records,
which change without a date), passwords and card numbers are not landed.
Source: "Working with SAP Business One Service Layer", version 10.0, at help.sap.com.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from connectors.account.shared import Rate
from connectors.apis import odata
from connectors.apis.api import Api, ApiOptions
from connectors.apis.resource import Resource, Since
from connectors.connector import Change
from connectors.http.authentication import Anonymous, Authentication, Session, known
from connectors.http.door import Door, Vendor
from connectors.http.messages import Parameters, Request
from connectors.mapping.staged import Mapped
from connectors.records import Landed
from connectors.vendors.sap_business_one import mapping

ROOT = "/b1s/v2"

#: The company may be so far behind the clock that the server's answers show, and its days begin at midnight.
LOOKBACK = timedelta(hours=12)

UNLANDED = {"Password", "CreditCardNum", "CurrentAccountBalance", "OpenDeliveryNotesBalance", "OpenOrdersBalance", "OpenChecksBalance"}


@dataclass(frozen=True, slots=True)
class Set:
    """An entity set: its name, its key, and its dates of making and change, if any."""

    name: str
    key: str = "DocEntry"
    created: str = "CreationDate"
    changed: str | None = "UpdateDate"


SETS = {
    "partners": Set("BusinessPartners", "CardCode", "CreateDate"),
    "orders": Set("Orders"),
    "invoices": Set("Invoices"),
    "credit_notes": Set("CreditNotes"),
    "payments": Set("IncomingPayments", changed=None),
    "service_calls": Set("ServiceCalls", "ServiceCallID"),
}


class SapBusinessOneOptions(ApiOptions):
    """url: the Service Layer's, with its port; company: the database; user: its name there, whose password is the secret."""

    company: str
    user: str


def error_code(body: Any) -> str:
    """SAP's number, such as 301 for a session that has ended or -2028 for no such record."""
    return str(body["error"].get("code") or "")


class SapBusinessOne(Api):
    kind = "sap_business_one"
    Options = SapBusinessOneOptions
    vendor = Vendor(error_code=error_code)
    tables = mapping.TABLES

    def authentication(self) -> Authentication:
        return Session(self.declaration.name, self.shared, self._login, f"{self.options.url} {self.options.company} {self.options.user}")

    def _login(self) -> Mapping[str, str]:
        said = {"CompanyDB": self.options.company, "UserName": self.options.user}
        password = known(self.declaration.name, self.declaration.secret)
        door = Door(self.base_url(), Anonymous(), self.account(Rate(1, 5)), self.vendor)
        try:
            answer = door.send(Request(f"{ROOT}/Login", "POST", body={**said, "Password": password}))
        finally:
            door.close()
        cookies = [one.partition(";")[0] for one in answer.headers.get_list("set-cookie")]
        return {"Cookie": "; ".join(one for one in cookies if one.startswith(("B1SESSION=", "ROUTEID=")))}

    def resources(self) -> Mapping[str, Resource]:
        return {stream: self._resource(one) for stream, one in SETS.items()}

    def _resource(self, one: Set) -> Resource:
        size, path = self.options.page_size, f"{ROOT}/{one.name}"
        sent = {"Prefer": f"odata.maxpagesize={size}"}
        since = Since(lambda day: {"$filter": f"{one.changed} ge '{day:%Y-%m-%d}' or {one.created} ge '{day:%Y-%m-%d}'"}, LOOKBACK)
        return Resource(
            Request(path, headers=sent),
            records="value",
            key=one.key,
            updated=one.changed,
            paging=odata.by_key(one.key, size, "@odata.nextLink"),
            since=since if one.changed else None,
            one=f"{path}({{key}})",
            ids=Request(path, params={"$select": one.key}, headers=sent),
        )

    def payload(self, stream: str, record: Any) -> Any:
        kept = {name: value for name, value in record.items() if name not in UNLANDED}
        if stream == "partners" and isinstance(record.get("ContactEmployees"), list):
            kept["ContactEmployees"] = [{name: one[name] for name in one if name not in UNLANDED} for one in record["ContactEmployees"]]
        return kept

    def count(self, stream: str) -> int | None:
        found = self.send(Request(f"{ROOT}/{SETS[stream].name}/$count")).json()
        return found if isinstance(found, int) else None

    def address(self, resource: Resource, key: str) -> str:
        return str(resource.one).format(key=quote(odata.literal(key) if resource.key == "CardCode" else key, safe=""))

    def map(self, record: Landed) -> Mapped:
        return mapping.map_record(record, self.declaration.mapping)

    def mapping_table(self, stream: str) -> object:
        if stream != "partners":
            return self.tables[stream]
        return self.tables[stream], mapping.CONTACTS, frozenset({"ContactEmployees"}), self.declaration.mapping.get("contacts")

    def apply(self, change: Change) -> str:
        """With the version that was seen, SAP itself refuses a change over a later one."""
        resource = self.resources()[change.stream]
        if change.key is None:
            return str(self.api.send(Request(resource.request.path, "POST", body=change.fields), again=False).at(resource.key))
        version = change.seen.get("@odata.etag") if change.seen else None
        held = {"If-Match": version} if version else {}
        self.api.send(Request(self.address(resource, change.key), "PATCH", body=change.fields, headers=held))
        return change.key

    def find(self, stream: str, fields: Mapping[str, Any]) -> Sequence[str]:
        resource = self.resources()[stream]
        asked: Parameters = {"$select": resource.key, "$filter": odata.holding(fields), "$top": 2}
        return [str(one[resource.key]) for one in self.send(Request(resource.request.path, params=asked)).at("value")]
