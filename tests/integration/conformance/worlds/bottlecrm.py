"""A stub of BottleCRM's list of accounts, written from the package's own views: two lists side by side, paged together, in no order of
time; and 403 for a token that has ended."""

from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.integration.conformance.tokens import Tokens
from tests.integration.conformance.world import HttpWorld, Item


class Refreshed(Tokens):
    """JSON with the vendor's own names; 401 for a refresh token that has served."""

    async def answer(self, request: Request) -> Response:
        sent = await request.json()
        self.asked.append(sent)
        if sent["refresh"] != self.refresh:
            return JSONResponse({"error": "Invalid or expired token"}, 401)
        self.refresh = f"conformance-secret-refresh-{len(self.asked)}"
        self.good.add(access := f"conformance-secret-access-{len(self.asked)}")
        return JSONResponse({"access": access, "refresh": self.refresh})


class BottleCrmWorld(HttpWorld):
    kind, stream, renames = "bottlecrm", "accounts", "name"
    halves: tuple[int, list[Item], list[Item]] = (-1, [], [])

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.tokens = Refreshed()

    def toml(self) -> str:
        return f'url = "{self.url}"\nsecret = "env:CONFORMANCE_SECRET"\npage_size = {self.page}\nrequests_per_second = 5000.0'

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return payload["name"]

    def routes(self) -> list[Route]:
        change = Route("/api/accounts/{key}/", self._change, methods=["PATCH"])
        return [Route("/api/accounts/", self._list), Route("/api/accounts/{key}/", self._one, methods=["GET"]), change]

    def refused(self, status: int) -> Response:
        if status == 401:
            return JSONResponse({"detail": "Organization context is required. Please login again."}, 403)
        return JSONResponse({"detail": "Request was throttled."}, status, {"Retry-After": "1"} if status == 429 else None)

    async def _list(self, request: Request) -> Response:
        start, limit = int(request.query_params.get("offset", 0)), int(request.query_params.get("limit", 10))
        if self.halves[0] != self.shelf.changes:
            living = self.shelf.living()
            active, closed = ([one for one in living if (int(one.key) % 3 > 0) is active] for active in (True, False))
            self.halves = self.shelf.changes, active, closed
        _, active, closed = self.halves
        answer = {
            "per_page": 10,
            "active_accounts": {
                "offset": None,
                "open_accounts": [account(one) for one in active[start : start + limit]],
                "open_accounts_count": len(active),
            },
            "closed_accounts": {
                "offset": 0,
                "close_accounts": [account(one) for one in closed[start : start + limit]],
                "close_accounts_count": len(closed),
            },
            "contacts": [],
            "users": [],
        }
        return JSONResponse(answer)

    async def _change(self, request: Request) -> Response:
        self.shelf.put(request.path_params["key"], (await request.json())["name"])
        return JSONResponse({"error": False, "message": "Account Updated Successfully"})

    async def _one(self, request: Request) -> Response:
        item = self.shelf.items.get(request.path_params["key"])
        found = item and not item.deleted
        return JSONResponse({"account_obj": account(item), "comments": []} if found else {"detail": "Not found."}, 200 if found else 404)


def account(item: Item) -> dict[str, Any]:
    whole = {"id": item.key, "name": item.name, "is_active": True, "created_at": "2026-03-01T09:00:00Z", "rollups": {"won_count": 0}}
    return {"name": item.name} if item.poison else {**whole, **item.extra}
