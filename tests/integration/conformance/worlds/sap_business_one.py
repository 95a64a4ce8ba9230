"""A stub of the Service Layer's business partners, written from SAP's public documentation: sessions by cookie, conditions, a server that
cuts its pages and links to the next. The company lies five hours west of the server's clock."""

import re
from bisect import bisect_right
from datetime import timedelta
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.integration.conformance.world import HttpWorld, Item

ROOT = "/b1s/v2"
WEST = timedelta(hours=5)


class SapBusinessOneWorld(HttpWorld):
    kind, stream = "sap_business_one", "partners"
    renames = "CardName"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.sessions: dict[str, str] = {}

    def toml(self) -> str:
        return (
            f'url = "{self.url}"\ncompany = "SBODEMO"\nuser = "sync"\nsecret = "env:CONFORMANCE_SECRET"\n'
            f"page_size = {self.page}\nrequests_per_second = 5000.0"
        )

    def open_paths(self) -> tuple[str, ...]:
        return (f"{ROOT}/Login",)

    def authorised(self, request: Request) -> bool:
        return request.cookies.get("ROUTEID") == ".node1" and self.sessions.get(request.cookies.get("B1SESSION", "")) == self.token

    def refused(self, status: int) -> Response:
        code, text = {
            401: ("301", "Invalid session or session already timeout."),
            404: ("-2028", "No matching records found (ODBC -2028)"),
        }.get(status, ("-1", "refused"))
        return JSONResponse({"error": {"code": code, "message": text}}, status, {"Retry-After": "1"} if status == 429 else None)

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return payload["CardName"]

    def key_of(self, key: str) -> str:
        return str(int(key.removeprefix("C")))

    def routes(self) -> list[Route]:
        return [
            Route(f"{ROOT}/Login", self._login, methods=["POST"]),
            Route(f"{ROOT}/BusinessPartners", self._list),
            Route(f"{ROOT}/BusinessPartners", self._make, methods=["POST"]),
            Route(f"{ROOT}/BusinessPartners/$count", self._count),
            Route(f"{ROOT}/BusinessPartners('{{key}}')", self._one),
            Route(f"{ROOT}/BusinessPartners('{{key}}')", self._change, methods=["PATCH"]),
        ]

    async def _login(self, request: Request) -> Response:
        sent = await request.json()
        if sent != {"CompanyDB": "SBODEMO", "UserName": "sync", "Password": self.token}:
            return JSONResponse({"error": {"code": "-304", "message": "Fail to get DB Credentials"}}, 401)
        session = f"conformance-secret-session-{len(self.sessions)}"
        self.sessions[session] = self.token
        answer = JSONResponse({"SessionId": session, "Version": "1000190", "SessionTimeout": 30})
        answer.raw_headers += [(b"set-cookie", f"B1SESSION={session};HttpOnly;".encode()), (b"set-cookie", b"ROUTEID=.node1; path=/b1s")]
        return answer

    async def _list(self, request: Request) -> Response:
        query, items = request.query_params, self.shelf.living()
        size = int(request.headers.get("Prefer", "odata.maxpagesize=20").partition("=")[2])
        for condition in re.findall(r"\((.+?)\)|(\w+ (?:gt|eq) '[^']*')$|^(.+)$", query.get("$filter", "")):
            items = held(items, "".join(condition))
        shown, more = items[:size], len(items) > size
        rows = [partner(one) for one in shown]
        if "$select" in query:
            rows = [{name: row[name] for name in query["$select"].split(",") if name in row} for row in rows]
        link = {"@odata.nextLink": f"BusinessPartners?$skip={size}"} if more else {}
        return JSONResponse({"@odata.context": "$metadata#BusinessPartners", "value": rows, **link})

    async def _count(self, request: Request) -> Response:
        return PlainTextResponse(str(len(self.shelf.living())))

    async def _one(self, request: Request) -> Response:
        item = self.shelf.items.get(self.key_of(request.path_params["key"]))
        return JSONResponse(partner(item)) if item and not item.deleted else self.refused(404)

    async def _make(self, request: Request) -> Response:
        name = (await request.json())["CardName"]
        return JSONResponse(partner(self.shelf.put(str(len(self.shelf.items) + 1), name)), 201)

    async def _change(self, request: Request) -> Response:
        item, said = self.shelf.items[self.key_of(request.path_params["key"])], await request.json()
        if request.headers.get("If-Match", etag(item)) != etag(item):
            return JSONResponse({"error": {"code": "-2039", "message": "Another user modified data (ODBC -2039)"}}, 412)
        self.shelf.put(item.key, said.pop("CardName", item.name), **said)
        return Response(status_code=204)


def held(items: list[Item], condition: str) -> list[Item]:
    if after := re.fullmatch(r"CardCode gt '(\w+)'", condition):
        return items[bisect_right(items, int(after[1][1:]), key=lambda one: int(one.key)) :]
    if named := re.fullmatch(r"CardName eq '(.+)'", condition):
        return [one for one in items if one.name == named[1].replace("''", "'")]
    days = re.fullmatch(r"UpdateDate ge '([\d-]+)' or CreateDate ge '\1'", condition)
    assert days, condition
    return [one for one in items if f"{one.at - WEST:%Y-%m-%d}" >= days[1]]


def etag(item: Item) -> str:
    return f'W/"{item.change}"'


def partner(item: Item) -> dict[str, Any]:
    local = item.at - WEST
    whole = {
        "@odata.etag": etag(item), "CardCode": f"C{int(item.key):06d}", "CardName": item.name, "CardType": "cCustomer",
        "Password": "conformance-secret-of-a-customer", "UpdateDate": f"{local:%Y-%m-%d}T00:00:00Z", "UpdateTime": f"{local:%H:%M:%S}",
        "CurrentAccountBalance": 12.5, "BPAddresses": [], "ContactEmployees": [], **item.extra,
    }  # fmt: skip
    if item.poison:
        del whole["CardCode"]
    return whole
