"""A stub of Tryton's REST API, from its public documentation: a model's records by domain, order and size, with the fields asked for."""

import base64
import json
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tests.integration.conformance.world import HttpWorld, Item

PATH = "/live/rest/model/party.party"


class TrytonWorld(HttpWorld):
    kind, stream = "tryton", "parties"

    def toml(self) -> str:
        return (
            f'url = "{self.url}"\ndatabase = "live"\nsecret = "env:CONFORMANCE_SECRET"\n'
            f"page_size = {self.page}\nrequests_per_second = 5000.0"
        )

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return payload["name"]

    def routes(self) -> list[Route]:
        return [
            Route(PATH, self._search),
            Route(f"{PATH}/search_count", self._count, methods=["POST"]),
            Route(f"{PATH}/{{key}}", self._get),
        ]

    def refused(self, status: int) -> Response:
        """Pages of HTML; a throttle that does not say how long."""
        return HTMLResponse(f"<!doctype html><title>{status}</title>", status)

    async def _search(self, request: Request) -> Response:
        query = request.query_params
        assert plain(query["o"]) == [["id", "ASC"]]
        items = self.shelf.living()
        for term in plain(query["d"]):
            items = after(items, int(term[2])) if term[0] == "id" else [one for one in items if changed(one, term)]
        return JSONResponse([record(one, query.getlist("f")) for one in items[: int(query["s"])]])

    async def _count(self, request: Request) -> Response:
        assert (await request.json())["domain"] == []
        return JSONResponse(len(self.shelf.living()))

    async def _get(self, request: Request) -> Response:
        item = self.shelf.items.get(request.path_params["key"])
        return JSONResponse(record(item, request.query_params.getlist("f"))) if item and not item.deleted else self.refused(404)


def plain(value: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(value))


def after(items: list[Item], key: int) -> list[Item]:
    """They are sorted by key."""
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if int(items[middle].key) <= key else (low, middle)
    return items[low:]


def changed(item: Item, term: list[Any]) -> bool:
    """Whether its own time is late enough; that of its parts is never."""
    assert term[0] == "OR"
    return any(one[0] == "write_date" and one[1] == ">=" and typed(item.at)[1] >= tuple(one[2].values())[1:] for one in term[1:])


def typed(at: datetime) -> tuple[dict[str, Any], tuple[int, ...]]:
    parts = {name: getattr(at, name) for name in ("year", "month", "day", "hour", "minute", "second", "microsecond")}
    return {"__class__": "datetime", **parts}, tuple(parts.values())


def record(item: Item, fields: list[str]) -> dict[str, Any]:
    """Parts come as lists of objects; a poisoned record has lost its id."""
    whole = {"name": item.name, "active": True, "write_date": typed(item.at)[0], "create_date": typed(item.at)[0], **item.extra}
    asked = {name.split(".")[0] for name in fields}
    found = {name: value for name, value in whole.items() if name in asked or name in item.extra}
    return {"__name__": "party.party", **({} if item.poison else {"id": int(item.key)}), **found}
