"""A stub of Stripe's API, written from its public documentation: lists newest first, events, one object by its id."""

from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.integration.conformance.world import HttpWorld, Item


class StripeWorld(HttpWorld):
    kind, stream = "stripe", "customers"
    renames = "name"

    def toml(self) -> str:
        return f'url = "{self.url}"\nsecret = "env:CONFORMANCE_SECRET"\npage_size = {self.page}\nrequests_per_second = 5000.0'

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return payload["name"]

    def key_of(self, key: str) -> str:
        return key.removeprefix("cus_")

    def routes(self) -> list[Route]:
        return [
            Route("/v1/customers", self._list),
            Route("/v1/customers/{key}", self._change, methods=["POST"]),
            Route("/v1/customers/{key}", self._one),
            Route("/v1/events", self._events),
        ]

    def refused(self, status: int) -> Response:
        kind = {401: "invalid_request_error", 429: "rate_limit_error"}.get(status, "api_error")
        return JSONResponse({"error": {"type": kind, "message": "refused"}}, status)

    async def _list(self, request: Request) -> Response:
        assert request.query_params["expand[]"] == "data.tax_ids"
        return self._page(request, self.shelf.living()[::-1], customer)

    async def _events(self, request: Request) -> Response:
        assert request.query_params["type"] == "customer.*"
        since = int(request.query_params.get("created[gte]", 0))
        told = sorted((one for one in self.shelf.items.values() if one.at.timestamp() >= since), key=lambda one: (one.at, one.change))
        return self._page(request, told[::-1], event)

    async def _one(self, request: Request) -> Response:
        item = self.shelf.items.get(self.key_of(request.path_params["key"]))
        if item is None:
            return JSONResponse({"error": {"type": "invalid_request_error", "code": "resource_missing"}}, 404)
        if item.deleted and "expand[]" in request.query_params:
            return JSONResponse({"error": {"type": "invalid_request_error", "message": "This property cannot be expanded"}}, 400)
        return JSONResponse({"id": f"cus_{item.key}", "object": "customer", "deleted": True} if item.deleted else customer(item))

    async def _change(self, request: Request) -> Response:
        assert request.headers["idempotency-key"]
        said = dict(parse_qsl((await request.body()).decode()))
        return JSONResponse(customer(self.shelf.put(self.key_of(request.path_params["key"]), said["name"])))

    def _page(self, request: Request, items: list[Item], told: Any) -> Response:
        """Records after the one that `starting_after` names: the names of items and of events end in the item's key."""
        after, limit = request.query_params.get("starting_after"), int(request.query_params.get("limit", 10))
        start = next(place for place, one in enumerate(items) if one.key == after.rsplit("_", 1)[1]) + 1 if after else 0
        return JSONResponse(
            {"object": "list", "data": [told(one) for one in items[start : start + limit]], "has_more": start + limit < len(items)}
        )


def customer(item: Item) -> dict[str, Any]:
    whole = {"id": f"cus_{item.key}", "object": "customer", "name": item.name, "created": int(item.at.timestamp()), "email": None}
    return {"object": "customer", "name": item.name} if item.poison else {**whole, **item.extra}


def event(item: Item) -> dict[str, Any]:
    kind = "customer.deleted" if item.deleted else "customer.updated"
    held = {**customer(item), "id": f"cus_{item.key}"}
    return {"id": f"evt_{item.change}_{item.key}", "type": kind, "created": int(item.at.timestamp()), "data": {"object": held}}
