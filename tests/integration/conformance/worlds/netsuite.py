"""A stub of SuiteQL over NetSuite's customers, written from its public documentation: a query that names an unknown column is
refused whole, times are written in the user's zone (eight hours west), and of what is deleted a table tells, though not of the odd ones."""

import re
from bisect import bisect_right
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.integration.conformance.world import HttpWorld, Item

PATH = "/services/rest/query/v1/suiteql"
RECORDS = "/services/rest/record/v1/customer"
RFC = "https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.1"
WEST = timedelta(hours=8)
UNPROCESSED = "Invalid search query. Detailed unprocessed description follows. Search error occurred:"


class NetSuiteWorld(HttpWorld):
    kind, stream = "netsuite", "customers"
    renames = "companyName"
    before = 3
    skips: ClassVar[Mapping[str, str]] = {"drift": "a query names its columns: a new one never comes unasked"}
    unknown: tuple[str, ...] = ("vatregnumber",)
    tables: tuple[str, ...] = ("customer", "deletedrecord")

    def toml(self) -> str:
        return f'url = "{self.url}"\nsecret = "env:CONFORMANCE_SECRET"\npage_size = {self.page}\nrequests_per_second = 5000.0'

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return payload["companyname"]

    def refused(self, status: int) -> Response:
        return refusal(status, "CONCURRENCY_LIMIT_EXCEEDED" if status == 429 else "INVALID_LOGIN", "Refused.")

    def routes(self) -> list[Route]:
        return [
            Route(PATH, self._query, methods=["POST"]),
            Route(RECORDS, self._make, methods=["POST"]),
            Route(f"{RECORDS}/{{key}}", self._change, methods=["PATCH"]),
        ]

    async def _query(self, request: Request) -> Response:
        assert request.headers["Prefer"] == "transient"
        asked = re.fullmatch(r"SELECT (.+?) FROM (\w+)(.*?) WHERE (.+?)(?: ORDER BY \S+)?", (await request.json())["q"])
        assert asked
        columns, table, conditions = split(asked[1]), asked[2], asked[4].split(" AND ")
        if table not in self.tables:
            return refusal(400, "INVALID_PARAMETER", f"{UNPROCESSED} Invalid search type: {table}.")
        for name in self.unknown:
            if f"customer.{name}" in asked[1]:
                return refusal(400, "INVALID_PARAMETER", f"{UNPROCESSED} Unknown identifier '{name}'. Available identifiers are: {{}}")
        items = self._gone(conditions) if table == "deletedrecord" else self._held(conditions)
        if columns == ["COUNT(*) AS total"]:
            return answer([{"total": str(len(items))}], more=False)
        size = int(request.query_params["limit"])
        return answer([row(one, columns) for one in items[:size]], more=len(items) > size)

    def _held(self, conditions: list[str]) -> list[Item]:
        items = self.shelf.living()
        for one in conditions:
            if beyond := re.fullmatch(r"customer\.id > (\d+)", one):
                items = items[bisect_right(items, int(beyond[1]), key=lambda item: int(item.key)) :]
            elif told := re.fullmatch(r"customer\.(id|companyname) = '?(.+?)'?", one):
                items = [item for item in items if told[2].replace("''", "'") in (item.key, item.name)]
            elif earliest := re.fullmatch(r"customer\.lastmodifieddate >= TO_DATE\('(.+)', 'YYYY-MM-DD HH24:MI:SS'\)", one):
                items = [item for item in items if written(item) >= earliest[1]]
            else:
                assert one in ("1 = 0", "1 = 1", "customer.isinactive = 'F'"), one
                items = [] if one == "1 = 0" else items
        return items

    def _gone(self, conditions: list[str]) -> list[Item]:
        kind, *others = conditions
        assert kind == "LOWER(type) = 'customer'"
        items = sorted((one for one in self.shelf.items.values() if one.deleted and int(one.key) % 2 == 0), key=lambda one: int(one.key))
        for one in others:
            if beyond := re.fullmatch(r"recordid > (\d+)", one):
                items = [item for item in items if int(item.key) > int(beyond[1])]
            elif earliest := re.fullmatch(r"deleteddate >= TO_DATE\('(.+)', '.+'\)", one):
                items = [item for item in items if written(item) >= earliest[1]]
            else:
                assert one == "1 = 0"
                items = []
        return items

    async def _make(self, request: Request) -> Response:
        key = str(len(self.shelf.items) + 1)
        self.shelf.put(key, (await request.json())["companyName"])
        return Response(status_code=204, headers={"Location": f"{self.url}{RECORDS}/{key}"})

    async def _change(self, request: Request) -> Response:
        self.shelf.put(request.path_params["key"], (await request.json())["companyName"])
        return Response(status_code=204)


def refusal(status: int, code: str, detail: str) -> Response:
    told = {"detail": detail, "o:errorQueryParam": "q", "o:errorCode": code}
    return JSONResponse({"type": RFC, "title": "Bad Request", "status": status, "o:errorDetails": [told]}, status)


def answer(items: list[dict[str, Any]], *, more: bool) -> Response:
    return JSONResponse({"links": [], "count": len(items), "hasMore": more, "items": items, "offset": 0})


def split(columns: str) -> list[str]:
    """At commas that stand in no brackets."""
    return [one.strip() for one in re.split(r",(?![^(]*\))", columns)]


def written(item: Item) -> str:
    return f"{item.at - WEST:%Y-%m-%d %H:%M:%S}"


def row(item: Item, columns: list[str]) -> dict[str, Any]:
    """Only what was asked for and is not null; numbers and boxes are texts."""
    whole = {"id": item.key, "companyname": item.name, "entityid": f"C{item.key}", "isperson": "F", "isinactive": "F"}
    whole |= {"lastmodifieddate": written(item), **({"gone": "T"} if item.deleted else {})}
    asked = [one.rpartition(" AS ")[2].rpartition(".")[2] for one in columns]
    told = {name: whole[name] for name in asked if name in whole and not (item.poison and name == "id")}
    return {"links": [], **told}
