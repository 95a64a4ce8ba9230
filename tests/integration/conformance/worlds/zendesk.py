"""A stub of Zendesk's incremental exports, written from its public documentation: users after a cursor, the deleted as inactive."""

import base64
from bisect import bisect_right
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.integration.conformance.world import HttpWorld, Item


class ZendeskWorld(HttpWorld):
    kind, stream = "zendesk", "users"
    renames = "name"

    def toml(self) -> str:
        return f"""url = "{self.url}"
user = "agent@ours.example"
secret = "env:CONFORMANCE_SECRET"
page_size = {self.page}
requests_per_second = 5000.0
exports_per_minute = 600000.0"""

    def authorised(self, request: Request) -> bool:
        pair = base64.b64encode(f"agent@ours.example/token:{self.token}".encode()).decode()
        return request.headers.get("authorization") == f"Basic {pair}"

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return payload["name"]

    def routes(self) -> list[Route]:
        return [
            Route("/api/v2/incremental/users/cursor.json", self._export),
            Route("/api/v2/users", self._list),
            Route("/api/v2/users/{key}", self._one, methods=["GET"]),
            Route("/api/v2/users/{key}", self._change, methods=["PUT"]),
        ]

    def refused(self, status: int) -> Response:
        kind = {401: "Couldn't authenticate you", 404: "RecordNotFound", 429: "APIRateLimitExceeded"}.get(status, "InternalError")
        return JSONResponse({"error": kind}, status, {"Retry-After": "1"} if status == 429 else None)

    async def _export(self, request: Request) -> Response:
        """The cursor is the number of a change: a user that changes meanwhile is told again, later."""
        query = request.query_params
        assert ("cursor" in query) != (query.get("start_time") == "0")
        changes = self.shelf._kept("exported", lambda: self.shelf.since(0))
        start = bisect_right(changes, int(query.get("cursor", 0)), key=lambda one: one.change)
        found = changes[start : start + int(query["per_page"])]
        cursor = str(found[-1].change) if found else query.get("cursor")
        ended = start + len(found) >= len(changes)
        return JSONResponse({"users": [user(one) for one in found], "after_cursor": cursor, "end_of_stream": ended})

    async def _list(self, request: Request) -> Response:
        size = int(request.query_params["page[size]"])
        return JSONResponse({"users": [user(one) for one in self.shelf.living()[:size]], "meta": {"has_more": False}})

    async def _one(self, request: Request) -> Response:
        item = self.shelf.items.get(request.path_params["key"])
        return JSONResponse({"user": user(item)}) if item else self.refused(404)

    async def _change(self, request: Request) -> Response:
        said = (await request.json())["user"]
        return JSONResponse({"user": user(self.shelf.put(request.path_params["key"], said["name"]))})


def user(item: Item) -> dict[str, Any]:
    stamp = f"{item.at:%Y-%m-%dT%H:%M:%SZ}"
    whole = {"id": int(item.key), "name": item.name, "role": "end-user", "active": not item.deleted, "updated_at": stamp}
    return {"name": item.name, "role": "end-user"} if item.poison else {**whole, **item.extra}
