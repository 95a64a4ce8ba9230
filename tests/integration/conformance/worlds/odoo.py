"""A stub of Odoo's JSON-2 over its partners, written from its public documentation: domains, `false` for what is empty, a refusal of a
field that the model does not have; of what goes, the even ones are archived and the odd deleted."""

from bisect import bisect_right
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.integration.conformance.world import HttpWorld, Item

FIELDS = {
    "id": "integer",
    "name": "char",
    "active": "boolean",
    "is_company": "boolean",
    "write_date": "datetime",
    "create_date": "datetime",
}
FIELDS |= {"parent_id": "many2one", "type": "selection", "image_1920": "binary", "child_ids": "one2many"}


class OdooWorld(HttpWorld):
    kind, stream = "odoo", "customers"
    before = 1
    renames = "name"

    def toml(self) -> str:
        return f'url = "{self.url}"\nsecret = "env:CONFORMANCE_SECRET"\npage_size = {self.page}\nrequests_per_second = 5000.0'

    def authorised(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"bearer {self.token}"

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return payload["name"]

    def refused(self, status: int) -> Response:
        kind = {401: "werkzeug.exceptions.Unauthorized", 429: "werkzeug.exceptions.TooManyRequests"}
        return refusal(status, kind.get(status, "psycopg2.errors.SerializationFailure"))

    def routes(self) -> list[Route]:
        return [Route("/json/2/res.partner/{method}", self._call, methods=["POST"])]

    def fields(self) -> dict[str, str]:
        return FIELDS | {f"x_{name}": "char" for one in self.shelf.items.values() for name in one.extra}

    async def _call(self, request: Request) -> Response:
        method, sent = request.path_params["method"], await request.json()
        if method == "fields_get":
            return JSONResponse({name: {"type": kind} for name, kind in self.fields().items()})
        if method == "create":
            return JSONResponse([int(self.shelf.put(str(len(self.shelf.items) + 1), one["name"]).key) for one in sent["vals_list"]])
        if method == "write":
            for key in sent["ids"]:
                self.shelf.put(str(key), sent["vals"]["name"])
            return JSONResponse(True)
        items = self._found(sent)
        if method == "search_count":
            return JSONResponse(len(items))
        items = items[: sent["limit"]]
        if method == "search":
            return JSONResponse([int(one.key) for one in items])
        assert method == "search_read"
        assert sent["order"] == "id asc"
        if set(sent["fields"]) - set(self.fields()):
            return refusal(500, "builtins.ValueError")
        return JSONResponse([partner(one, sent["fields"]) for one in items])

    def _found(self, sent: dict[str, Any]) -> list[Item]:
        items = self.shelf.living()
        if sent.get("context", {}).get("active_test") is False and len(items) < len(self.shelf.items):
            there = (one for one in self.shelf.items.values() if not one.deleted or int(one.key) % 2 == 0)
            items = sorted(there, key=lambda one: int(one.key))
        for name, how, value in sent["domain"]:
            if (name, how) == ("id", ">"):
                items = items[bisect_right(items, value, key=lambda one: int(one.key)) :]
            elif (name, how) == ("write_date", ">="):
                items = [one for one in items if f"{one.at:%Y-%m-%d %H:%M:%S}" >= value]
            else:
                assert how == "="
                items = [one for one in items if value in (int(one.key), one.name)]
        return items


def refusal(status: int, name: str) -> Response:
    return JSONResponse({"name": name, "message": "refused", "arguments": [], "context": {}, "debug": ""}, status)


def partner(item: Item, fields: list[str]) -> dict[str, Any]:
    at = f"{item.at:%Y-%m-%d %H:%M:%S}"
    whole = {"id": int(item.key), "name": item.name, "active": not item.deleted, "is_company": True, "write_date": at, "create_date": at}
    whole |= {f"x_{name}": value for name, value in item.extra.items()}
    if item.poison:
        del whole["id"]
    return {name: whole.get(name, False) for name in fields if name != "id" or "id" in whole}
