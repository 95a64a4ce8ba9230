"""A stub of Frappe's REST API, written from its public documentation: lists of one doctype with filters, order and offset."""

import json
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.integration.conformance.world import HttpWorld, Item


class ErpNextWorld(HttpWorld):
    kind, stream = "erpnext", "customers"

    def toml(self) -> str:
        return f'url = "{self.url}"\nsecret = "env:CONFORMANCE_SECRET"\npage_size = {self.page}\nrequests_per_second = 5000.0'

    def authorised(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"token {self.token}"

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return payload["customer_name"]

    def routes(self) -> list[Route]:
        return [Route("/api/resource/Customer", self._list), Route("/api/resource/Customer/{key}", self._one)]

    def refused(self, status: int) -> Response:
        kind = {401: "AuthenticationError", 403: "PermissionError", 404: "DoesNotExistError", 429: "RateLimitExceededError"}
        body = {"exc_type": kind.get(status, "ValidationError"), "exception": "frappe.exceptions"}
        return JSONResponse(body, status, {"Retry-After": "1"} if status == 429 else None)

    async def _list(self, request: Request) -> Response:
        query = request.query_params
        items = self.shelf.changed() if query["order_by"].startswith("modified") else self.shelf.living()
        for name, how, value in json.loads(query.get("filters", "[]")):
            assert (name, how) == ("modified", ">=")
            items = [one for one in items if written(one.at) >= value]
        start, length = int(query["limit_start"]), int(query["limit_page_length"])
        fields = json.loads(query["fields"])
        rows = [document(one) for one in items[start : start + length]]
        return JSONResponse(
            {"data": [row if fields == ["*"] or not row else {name: row[name] for name in fields if name in row} for row in rows]}
        )

    async def _one(self, request: Request) -> Response:
        item = self.shelf.items.get(request.path_params["key"])
        return JSONResponse({"data": document(item)}) if item and not item.deleted else self.refused(404)


def written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"


def document(item: Item) -> dict[str, Any]:
    whole = {"name": item.key, "customer_name": item.name, "customer_type": "Company", "modified": written(item.at), "owner": "a@b.example"}
    return {"customer_name": item.name} if item.poison else {**whole, **item.extra}
