"""A stub of Slack's Web API, written from its public documentation: a channel's messages newest first, refusals with status 200."""

from bisect import bisect_left, bisect_right
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.integration.conformance.world import NOON, HttpWorld, Item


class SlackWorld(HttpWorld):
    kind, stream = "slack", "messages"

    def toml(self) -> str:
        return f"""url = "{self.url}"
channels = ["C1"]
secret = "env:CONFORMANCE_SECRET"
page_size = {self.page}
requests_per_second = 5000.0
faster = 100000.0"""

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return payload["text"]

    def key_of(self, key: str) -> str:
        return str(int(float(key.partition("/")[2]) - NOON.timestamp()))

    def routes(self) -> list[Route]:
        return [Route("/api/conversations.history", self._history), Route("/api/conversations.replies", self._replies)]

    def refused(self, status: int) -> Response:
        """Only the limit comes with a status of its own."""
        code = {401: "invalid_auth", 404: "message_not_found", 429: "ratelimited"}.get(status, "internal_error")
        return JSONResponse({"ok": False, "error": code}, status if status == 429 else 200, {"Retry-After": "1"} if status == 429 else None)

    async def _history(self, request: Request) -> Response:
        query = request.query_params
        items = self.shelf.living()
        start = bisect_right(items, float(query.get("oldest", 0)), key=lambda one: float(ts(one)))
        end = bisect_left(items, float(query["latest"]), key=lambda one: float(ts(one))) if "latest" in query else len(items)
        found = items[max(start, end - int(query["limit"])) : end][::-1]
        return JSONResponse({"ok": True, "messages": [message(one) for one in found], "has_more": end - len(found) > start})

    async def _replies(self, request: Request) -> Response:
        found = [message(one) for one in self.shelf.living() if ts(one) == request.query_params["ts"]]
        return JSONResponse({"ok": True, "messages": found, "has_more": False}) if found else self.refused(404)


def ts(item: Item) -> str:
    """A message's time is when it was written first."""
    return f"{NOON.timestamp() + int(item.key):.6f}"


def message(item: Item) -> dict[str, Any]:
    edited = {"edited": {"user": "U1", "ts": f"{item.at.timestamp():.6f}"}}
    whole = {"type": "message", "user": "U1", "text": item.name, "ts": ts(item), **edited}
    return {"type": "message", "text": item.name} if item.poison else {**whole, **item.extra}
