"""A stub of Frappe's REST API, written from its public documentation: lists of one doctype with filters, order and fields of what a record
links to; the site writes times of its own zone, five hours west."""

import json
from bisect import bisect_right
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.integration.conformance.world import HttpWorld, Item

WEST = timedelta(hours=5)


class ErpNextWorld(HttpWorld):
    kind, stream = "erpnext", "customers"
    renames = "customer_name"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.addresses: dict[str, dict[str, str]] = {}

    def toml(self) -> str:
        return f'url = "{self.url}"\nsecret = "env:CONFORMANCE_SECRET"\npage_size = {self.page}\nrequests_per_second = 5000.0'

    def authorised(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"token {self.token}"

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return payload["customer_name"]

    def routes(self) -> list[Route]:
        return [
            Route("/api/resource/Customer", self._list, methods=["GET"]),
            Route("/api/resource/Customer", self._make, methods=["POST"]),
            Route("/api/resource/Customer/{key}", self._one, methods=["GET"]),
            Route("/api/resource/Customer/{key}", self._change, methods=["PUT"]),
        ]

    def refused(self, status: int) -> Response:
        kind = {401: "AuthenticationError", 403: "PermissionError", 404: "DoesNotExistError", 429: "RateLimitExceededError"}
        body = {"exc_type": kind.get(status, "ValidationError"), "exception": "frappe.exceptions"}
        return JSONResponse(body, status, {"Retry-After": "1"} if status == 429 else None)

    async def _list(self, request: Request) -> Response:
        query = request.query_params
        items, length = self.shelf.living(), int(query.get("limit_page_length", 20))
        for name, how, value in json.loads(query.get("filters", "[]")):
            if (name, how) == ("name", ">"):
                assert query["order_by"] == "name asc"
                items = items[bisect_right(items, int(value), key=lambda one: int(one.key)) :]
                continue
            assert (name, how) == ("modified", ">=") or how == "="
            items = [one for one in items if (written(one.at) >= value if how == ">=" else document(one).get(name) == value)]
        fields = json.loads(query.get("fields", '["name"]'))
        return JSONResponse({"data": [self._picked(document(one), fields) for one in items[:length]]})

    def _picked(self, row: dict[str, Any], fields: list[str]) -> dict[str, Any]:
        """`*`, names, and `link.field as name`; what nothing is linked by is null."""
        found: dict[str, Any] = {}
        for one in fields:
            path, _, name = one.partition(" as ")
            link, dot, linked = path.partition(".")
            if one == "*":
                found |= row
            elif dot:
                found[name] = self.addresses.get(row.get(link, ""), {}).get(linked)
            elif one in row:
                found[one] = row[one]
        return found

    async def _one(self, request: Request) -> Response:
        item = self.shelf.items.get(request.path_params["key"])
        return JSONResponse({"data": document(item)}) if item and not item.deleted else self.refused(404)

    async def _make(self, request: Request) -> Response:
        name = (await request.json())["customer_name"]
        return JSONResponse({"data": document(self.shelf.put(str(len(self.shelf.items) + 1), name))})

    async def _change(self, request: Request) -> Response:
        """`modified` in the body is the version that was seen; a later one is refused."""
        item, said = self.shelf.items.get(request.path_params["key"]), await request.json()
        if not item or item.deleted:
            return self.refused(404)
        if said.pop("modified", written(item.at)) != written(item.at):
            return JSONResponse({"exc_type": "TimestampMismatchError"}, 417)
        name = said.pop("customer_name", item.name)
        return JSONResponse({"data": document(self.shelf.put(item.key, name, **said))})


def written(moment: datetime) -> str:
    return f"{moment - WEST:%Y-%m-%d %H:%M:%S.%f}"


def document(item: Item) -> dict[str, Any]:
    whole = {"name": item.key, "customer_name": item.name, "customer_type": "Company", "modified": written(item.at), "owner": "a@b.example"}
    return {"customer_name": item.name} if item.poison else {**whole, **item.extra}
