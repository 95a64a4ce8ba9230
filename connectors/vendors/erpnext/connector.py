"""ERPNext: customers, contacts, orders, invoices, payments and issues, by Frappe's REST API.

`modified` is written in the site's own time zone without saying which; it is only ever compared with itself. Deleting leaves no trace in a
list, so ids are compared. The secret is `KEY:SECRET`, as a user's API access gives them.
Source: docs.frappe.io/framework/user/en/api/rest.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.connector import Change
from connectors.http.api import Api, ApiOptions, Resource, Since
from connectors.http.authentication import Authentication, Key
from connectors.http.door import Vendor
from connectors.http.messages import Request
from connectors.http.paging import Offset
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


def error_code(body: Any) -> str:
    """The name of the exception, such as PermissionError."""
    return str(body.get("exc_type") or "")


def changed_since(moment: datetime) -> Mapping[str, Any]:
    return {"filters": json.dumps([["modified", ">=", f"{moment:%Y-%m-%d %H:%M:%S.%f}"]])}


class ErpNext(Api):
    kind = "erpnext"
    webhook = FRAPPE
    Options = ApiOptions
    token_url = "{url}/api/method/frappe.integrations.oauth2.get_token"
    vendor = Vendor(error_code=error_code)
    tables = mapping.TABLES

    def resources(self) -> Mapping[str, Resource]:
        return {stream: self._resource(doctype) for stream, doctype in DOCTYPES.items()}

    def _resource(self, doctype: str) -> Resource:
        path = f"/api/resource/{doctype}"
        return Resource(
            Request(path, params={"fields": '["*"]', "order_by": "modified asc, name asc"}),
            records="data",
            key="name",
            updated="modified",
            paging=Offset(self.options.page_size, limit="limit_page_length", offset="limit_start"),
            since=Since(changed_since),
            one=f"{path}/{{key}}",
            one_at="data",
            ids=Request(path, params={"fields": '["name"]', "order_by": "name asc"}),
        )

    def authentication(self) -> Authentication:
        return self.oauth() or Key(self.declaration.name, self.declaration.secret, form="token {}")

    def apply(self, change: Change) -> str:
        path = f"/api/resource/{DOCTYPES[change.stream]}"
        request = Request(f"{path}/{change.key}", "PUT", body=change.fields) if change.key else Request(path, "POST", body=change.fields)
        return str(self.api.send(request, again=change.key is not None).at("data.name"))
