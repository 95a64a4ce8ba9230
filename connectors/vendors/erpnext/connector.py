"""ERPNext: customers, contacts, orders, invoices, payments and issues, by Frappe's REST API.

`modified` is written in the site's own time zone without saying which: half a day more is asked for. A list is read on by name: by
offset, rows would be lost where others change or go meanwhile. Deleting leaves no trace in a list, so ids are compared. A list gives fields
of what a record links to as well (Frappe 14 and later), and no child tables: of a customer's addresses the primary one is read, with whose
change ERPNext changes the customer too. The secret is `KEY:SECRET`, as a user's API access gives them.
Source: docs.frappe.io/framework/user/en/api/rest, docs.frappe.io/framework/user/en/api/database.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from connectors.apis.api import Api, ApiOptions
from connectors.apis.paging import Keyset, State
from connectors.apis.resource import Resource, Since
from connectors.connector import Change
from connectors.errors import PreconditionError
from connectors.http.authentication import Authentication, Key
from connectors.http.door import Vendor
from connectors.http.messages import Request
from connectors.http.webhooks import FRAPPE
from connectors.vendors.erpnext import mapping

#: Stream -> document type.
DOCTYPES = {
    "customers": "Customer",
    "contacts": "Contact",
    "orders": "Sales Order",
    "invoices": "Sales Invoice",
    "payments": "Payment Entry",
    "issues": "Issue",
}

#: Stream -> fields that are asked for beside a record's own.
LINKED = {"customers": [f"customer_primary_address.{one} as primary_{one}" for one in mapping.ADDRESS]}

#: The site may be so far behind the clock that its answers show.
LOOKBACK = timedelta(hours=12, minutes=5)


def error_code(body: Any) -> str:
    """The name of the exception, such as PermissionError."""
    return str(body.get("exc_type") or "")


def changed_since(moment: datetime) -> Mapping[str, Any]:
    return {"filters": json.dumps([["modified", ">=", f"{moment:%Y-%m-%d %H:%M:%S.%f}"]])}


def after_name(request: Request, state: State) -> Request:
    filters = [*json.loads(str(request.params.get("filters", "[]"))), *([["name", ">", state]] if state else [])]
    return request.having("params", {"filters": json.dumps(filters)})


class ErpNext(Api):
    kind = "erpnext"
    webhook = FRAPPE
    Options = ApiOptions
    token_url = "{url}/api/method/frappe.integrations.oauth2.get_token"
    vendor = Vendor(error_code=error_code, errors={(417, "TimestampMismatchError"): PreconditionError})
    tables = mapping.TABLES

    def resources(self) -> Mapping[str, Resource]:
        return {stream: self._resource(doctype, ["*", *LINKED.get(stream, ())]) for stream, doctype in DOCTYPES.items()}

    def _resource(self, doctype: str, fields: Sequence[str]) -> Resource:
        path, by_name = f"/api/resource/{doctype}", {"order_by": "name asc", "limit_page_length": self.options.page_size}
        return Resource(
            Request(path, params={"fields": json.dumps(fields), **by_name}),
            records="data",
            key="name",
            updated="modified",
            paging=Keyset(self.options.page_size, after_name, key="name"),
            since=Since(changed_since, LOOKBACK),
            one=f"{path}/{{key}}",
            one_at="data",
            ids=Request(path, params={"fields": '["name"]', **by_name}),
        )

    def authentication(self) -> Authentication:
        return self.oauth() or Key(self.declaration.name, self.declaration.secret, form="token {}")

    def apply(self, change: Change) -> str:
        """With the time of the change that was seen, ERPNext itself refuses a change over a later one."""
        path = f"/api/resource/{DOCTYPES[change.stream]}"
        if change.key is None:
            return str(self.api.send(Request(path, "POST", body=change.fields), again=False).at("data.name"))
        body = {**change.fields, **({"modified": change.seen["modified"]} if change.seen else {})}
        return str(self.api.send(Request(f"{path}/{quote(change.key, safe='')}", "PUT", body=body)).at("data.name"))

    def find(self, stream: str, fields: Mapping[str, Any]) -> Sequence[str]:
        filters = json.dumps([[name, "=", value] for name, value in fields.items() if isinstance(value, str | int | float)])
        found = self.api.get(f"/api/resource/{DOCTYPES[stream]}", {"filters": filters, "limit_page_length": 2})["data"]
        return [str(one["name"]) for one in found]
